import { type SubmitEvent, useRef } from 'react';

interface Props {
  readonly me: { readonly username: string; readonly displayName: string } | null;
  readonly token: string | null;
  readonly error: string | null;
  readonly isRefused: boolean;
  readonly isLoading: boolean;
  readonly onSign: (token: string | null) => void;
}

export function SignIn({ me, token, error, isRefused, isLoading, onSign }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const form = useRef<HTMLFormElement>(null);
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    const value = new FormData(event.currentTarget).get('token');
    if (typeof value === 'string' && value.trim() !== '') onSign(value.trim());
  };
  return (
    <div className="who">
      {token !== null && (
        <span className={error ? 'bad' : ''} title={error ?? undefined}>
          {isLoading ? 'Signing in…' : error ? (isRefused ? 'Token refused' : 'No answer yet') : nameOf(me)}
        </span>
      )}
      {/* One button, not one of two: whoever has used it stays on it. */}
      <button type="button" onClick={() => (token === null ? dialog.current?.showModal() : onSign(null))}>
        {token === null ? 'Sign in' : 'Sign out'}
      </button>
      {/* The token must not stand there for whoever opens it after a sign-out. */}
      <dialog ref={dialog} aria-labelledby="sign-in-title" onClose={() => form.current?.reset()}>
        <form ref={form} method="dialog" onSubmit={submit}>
          <h2 id="sign-in-title">Sign in</h2>
          <p>
            Make a token on the server with <code>npm run token -- --creator member-26</code> and paste it here. It
            stays in this tab.
          </p>
          <label>
            Token
            <textarea
              name="token"
              rows={4}
              required
              spellCheck={false}
              autoComplete="off"
              onChange={({ target }) =>
                target.setCustomValidity(isBlank(target.value) ? 'There is no token in it.' : '')
              }
            />
          </label>
          <div className="row">
            <button type="submit" className="primary">
              Sign in
            </button>
            <button type="button" onClick={() => dialog.current?.close()}>
              Cancel
            </button>
          </div>
        </form>
      </dialog>
    </div>
  );
}

/** What `required` takes for a value. */
function isBlank(text: string): boolean {
  return text !== '' && text.trim() === '';
}

function nameOf(me: Props['me']): string {
  return me ? me.displayName : 'Not registered yet';
}
