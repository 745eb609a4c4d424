import { type SubmitEvent, useState } from 'react';
import type { Client } from '../../sdk/client.ts';
import {
  CreatorByUsernameDocument,
  type CreatorByUsernameQuery,
  CreatorsDocument,
} from '../../sdk/generated/operations.ts';
import { DistributionCard } from './distribution.tsx';
import { ReputationPanel } from './reputation-panel.tsx';
import { titled } from './choice.tsx';
import { useQuery } from './use-query.ts';

type Creator = NonNullable<CreatorByUsernameQuery['creator']>;

export function CreatorPage({ client, username }: { readonly client: Client; readonly username: string | null }) {
  const found = useQuery(`creator ${username ?? ''}`, async () =>
    username === null ? null : client.request(CreatorByUsernameDocument, { username }),
  );
  // Somebody else must not stand under this name meanwhile.
  const creator = found.isLoading ? null : (found.data?.creator ?? null);
  return (
    <section aria-labelledby="creator-title">
      <h1 id="creator-title">{creator?.displayName ?? 'Creators'}</h1>
      <Search username={username} />
      {username !== null && found.isLoading && <p className="notice">Loading…</p>}
      {found.error && <p className="notice bad">{found.error}</p>}
      {username !== null && !found.isLoading && !found.error && creator === null && (
        <p className="notice">Nobody is called “{username}”.</p>
      )}
      {username === null && (
        <>
          <Newest client={client} />
          <DistributionCard client={client} />
        </>
      )}
      {creator && (
        <>
          <Profile creator={creator} />
          <ReputationPanel key={creator.id} client={client} creatorId={creator.id} />
          <Works creator={creator} />
        </>
      )}
    </section>
  );
}

/** The box shows whose page it is. Whoever types in it, or has sent it with the keyboard, stays in it. */
function Search({ username }: { readonly username: string | null }) {
  const [text, setText] = useState(username ?? '');
  const [shown, setShown] = useState(username);
  const [isTyping, setTyping] = useState(false);
  if (shown !== username) {
    setShown(username);
    // One's own name comes when the server knows the token: somebody may have begun to type meanwhile.
    if (!isTyping) setText(username ?? '');
  }
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const wanted = text.trim();
    setTyping(false);
    if (wanted !== '') location.hash = `#/creators/${encodeURIComponent(wanted)}`;
  };
  return (
    <form className="row controls" role="search" onSubmit={submit}>
      <label>
        Username
        <input
          type="search"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setTyping(true);
          }}
          onBlur={() => setTyping(false)}
          placeholder="member-26"
          spellCheck={false}
          autoCapitalize="none"
        />
      </label>
      <button type="submit" className="primary">
        Show
      </button>
    </form>
  );
}

function Newest({ client }: { readonly client: Client }) {
  const newest = useQuery('newest', () => client.request(CreatorsDocument, { first: 20 }));
  if (newest.error) return <p className="notice bad">{newest.error}</p>;
  return (
    <div className="card" aria-busy={newest.isLoading}>
      <h2>Newest creators</h2>
      {newest.data === null && <p className="notice">Loading…</p>}
      {newest.data?.creators.nodes.length === 0 && <p className="notice">Nobody has registered yet.</p>}
      <ul className="people">
        {(newest.data?.creators.nodes ?? []).map((person) => (
          <li key={person.id}>
            <a href={`#/creators/${encodeURIComponent(person.username)}`}>{person.displayName}</a>{' '}
            <span className="fine">{titled(person.lifecycle)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Profile({ creator }: { readonly creator: Creator }) {
  return (
    <dl className="card facts">
      <div>
        <dt>Username</dt>
        <dd>{creator.username}</dd>
      </div>
      <div>
        <dt>Type</dt>
        <dd>{titled(creator.type)}</dd>
      </div>
      <div>
        <dt>State</dt>
        <dd>{titled(creator.lifecycle)}</dd>
      </div>
      <div>
        <dt>Since</dt>
        <dd>{creator.registeredAt.slice(0, 10)}</dd>
      </div>
      <div>
        <dt>Last active</dt>
        <dd>{creator.lastActiveAt.slice(0, 10)}</dd>
      </div>
    </dl>
  );
}

function Works({ creator }: { readonly creator: Creator }) {
  if (creator.artifacts.nodes.length === 0) return null;
  return (
    <div className="card">
      <h2>Newest work</h2>
      <ul className="works">
        {creator.artifacts.nodes.map((work) => (
          <li key={work.id}>
            <div className="row between">
              <strong>{work.title}</strong>
              <span className="fine">{work.publishedAt.slice(0, 10)}</span>
            </div>
            <div className="fine">
              {titled(work.kind)} · {work.positiveJudgements} for, {work.negativeJudgements} against
              {work.tags.map((tag) => (
                <span key={tag} className="tag">
                  {tag}
                </span>
              ))}
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}
