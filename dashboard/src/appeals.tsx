import { type SubmitEvent, useState } from 'react';
import type { Client } from '../../sdk/client.ts';
import { type MyAppealsQuery, OpenAppealDocument } from '../../sdk/generated/operations.ts';
import { titled } from './choice.tsx';
import { readable } from './use-query.ts';
import { useSending } from './use-sending.ts';

type Appeal = NonNullable<NonNullable<MyAppealsQuery['creator']>['appeals']>['nodes'][number];

/** One's own appeals, and what became of them. */
export function Appeals({ appeals }: { readonly appeals: readonly Appeal[] }) {
  return (
    <>
      <h3>Your appeals</h3>
      <ul className="works">
        {appeals.map((appeal) => (
          <li key={appeal.id}>
            <div className="row between">
              <strong>{titled(appeal.state)}</strong>
              <span className="fine">
                {appeal.decidedAt === null
                  ? `due ${appeal.dueAt.slice(0, 10)}`
                  : `decided ${appeal.decidedAt.slice(0, 10)}`}
              </span>
            </div>
            <div className="fine">
              {titled(appeal.dimension)}: {appeal.description}
              {appeal.reason !== null && <> Reason: {appeal.reason}</>}
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Says why a piece of evidence should not count. */
export function AppealForm({ client, evidenceId }: { readonly client: Client; readonly evidenceId: string }) {
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState('');
  const [outcome, setOutcome] = useState<{ readonly isSent: boolean; readonly message: string } | null>(null);
  const sendOnce = useSending();
  const send = (): Promise<void> =>
    client
      .request(OpenAppealDocument, { input: { evidenceId, text } })
      .then(({ openAppeal: { appeal, userErrors } }) =>
        setOutcome(
          appeal === null
            ? { isSent: false, message: userErrors.map(({ message }) => message).join('; ') }
            : { isSent: true, message: `Sent. A reviewer decides by ${appeal.dueAt.slice(0, 10)}.` },
        ),
      )
      .catch((error: unknown) => setOutcome({ isSent: false, message: readable(error) }));
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    sendOnce(send);
  };
  if (outcome?.isSent === true) return <p className="notice">{outcome.message}</p>;
  if (!isOpen)
    return (
      <button type="button" className="appeal-open" onClick={() => setOpen(true)}>
        Appeal
      </button>
    );
  return (
    <form className="appeal" onSubmit={submit}>
      <label>
        Why should it not count?
        <textarea
          value={text}
          onChange={(event) => setText(event.target.value)}
          rows={3}
          minLength={10}
          maxLength={2000}
          required
        />
      </label>
      <button type="submit" className="primary">
        Send
      </button>
      {outcome !== null && <p className="notice bad">{outcome.message}</p>}
    </form>
  );
}
