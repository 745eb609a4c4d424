import { Fragment, useCallback, useEffect, useMemo, useState } from 'react';
import { MeDocument } from '../../sdk/generated/operations.ts';
import { decodedPart } from './address.ts';
import { CreatorPage } from './creator-page.tsx';
import { LivePage } from './live-page.tsx';
import { connect, currentToken, keepToken, takeTokenFromAddress } from './session.ts';
import { SignIn } from './sign-in.tsx';
import { TrendsPage } from './trends-page.tsx';
import { useQuery } from './use-query.ts';

takeTokenFromAddress();

const pages = [
  { path: '#/trends', name: 'Trends' },
  { path: '#/creators', name: 'Creators' },
  { path: '#/live', name: 'Live' },
] as const;

export function App() {
  const [hash, setHash] = useState(() => location.hash || '#/trends');
  const [token, setToken] = useState(currentToken);
  const client = useMemo(() => connect(token), [token]);
  const me = useQuery(`me ${token ?? ''}`, () => client.request(MeDocument));
  useEffect(() => {
    const follow = () => {
      // A link with a token that is opened where the page is open already loads nothing anew.
      takeTokenFromAddress();
      setToken(currentToken());
      setHash(location.hash || '#/trends');
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  useEffect(() => () => client.close(), [client]);
  const sign = useCallback((next: string | null) => {
    keepToken(next);
    setToken(next);
  }, []);
  const page = pages.find(({ path }) => hash.startsWith(path)) ?? pages[0];
  const username = decodedPart(hash.split('/')[2] ?? '');
  const title = page.path === '#/creators' && username !== '' ? username : page.name;
  useEffect(() => {
    document.title = `${title} · V-COS`;
  }, [title]);
  return (
    <>
      <a className="skip" href="#content" onClick={(event) => focusContent(event)}>
        Skip to content
      </a>
      <header className="top">
        <a className="brand" href="#/trends">
          <Mark /> V-COS
        </a>
        <nav aria-label="Pages">
          {pages.map(({ path, name }) => (
            <a key={path} href={path} aria-current={page.path === path ? 'page' : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <SignIn
          me={me.data?.me ?? null}
          token={token}
          error={token === null ? null : me.error}
          isRefused={me.isRefused}
          isLoading={me.isLoading}
          onSign={sign}
        />
      </header>
      <main id="content" tabIndex={-1}>
        {/* Whoever signs in or out sees nothing of what was read, or refused, under the token before. */}
        <Fragment key={token}>
          {page.path === '#/trends' && <TrendsPage client={client} />}
          {page.path === '#/creators' && (
            <CreatorPage client={client} username={username || me.data?.me?.username || null} />
          )}
          {page.path === '#/live' && <LivePage client={client} isSignedIn={token !== null} />}
        </Fragment>
      </main>
      <footer className="bottom">
        <a href="/explorer">GraphQL explorer</a>
        <span>Trends are differentially private; canon is hash-chained; every score shows its evidence.</span>
      </footer>
    </>
  );
}

function focusContent(event: { preventDefault(): void }): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}

function Mark() {
  return (
    <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
      <path
        d="M3 4l9 16 9-16"
        fill="none"
        stroke="currentColor"
        strokeWidth="2.5"
        strokeLinejoin="round"
        strokeLinecap="round"
      />
      <circle cx="12" cy="7" r="2.2" fill="currentColor" />
    </svg>
  );
}
