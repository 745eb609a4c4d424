import { useEffect, useState } from 'react';
import type { Client } from '../../sdk/client.ts';
import { CanonFeedDocument, type CanonFeedSubscription, RecentCanonDocument } from '../../sdk/generated/operations.ts';
import { titled } from './choice.tsx';
import { asksAgain, readable } from './use-query.ts';

type Entry = CanonFeedSubscription['canonChanged'];
const entriesMax = 200;
const recentEntries = 30;

type State = 'connecting' | 'live' | 'failed';

/** What happened lately and what happens, newest first, and how it stands with the connection. */
function useFeed(
  client: Client,
  isSignedIn: boolean,
): { readonly entries: readonly Entry[]; readonly state: State; readonly error: string | null } {
  const [entries, setEntries] = useState<readonly Entry[]>([]);
  const [state, setState] = useState<State>('connecting');
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    if (!isSignedIn) return;
    let isCurrent = true;
    const add = (news: readonly Entry[]) => isCurrent && setEntries((before) => merge(news, before));
    const fail = (reason: unknown) => {
      if (!isCurrent) return;
      setState('failed');
      setError(readable(reason, asksAgain));
    };
    let isConnected = false;
    /** Resolves with whether what happened lately could be read. */
    const read = async (): Promise<boolean> => {
      try {
        const recent = await client.request(RecentCanonDocument, { first: recentEntries });
        add(recent.canonEvents.nodes);
        return true;
      } catch (reason) {
        fail(reason);
        return false;
      }
    };
    let reading = read();
    const watch = client.watch(
      CanonFeedDocument,
      {},
      {
        next: (data) => add([data.canonChanged]),
        connected: () => {
          isConnected = true;
          if (isCurrent) setState('live');
          // Where the page was opened while the server was away.
          reading = reading.then(async (isRead) => {
            if (isRead || !(await read())) return isRead;
            if (isCurrent && isConnected) setState('live');
            return true;
          });
        },
        disconnected: () => {
          isConnected = false;
          if (isCurrent) setState('connecting');
        },
        error: fail,
      },
    );
    return () => {
      isCurrent = false;
      watch.stop();
    };
  }, [client, isSignedIn]);
  return { entries, state, error };
}

export function LivePage({ client, isSignedIn }: { readonly client: Client; readonly isSignedIn: boolean }) {
  const { entries, state, error } = useFeed(client, isSignedIn);
  return (
    <section aria-labelledby="live-title">
      <h1 id="live-title">Live</h1>
      <p className="lead">Every accepted event, as canon takes it up.</p>
      {!isSignedIn ? (
        <p className="notice">Canon is for those who are signed in. Use “Sign in” above.</p>
      ) : (
        <>
          <p role="status" className={`status ${state}`}>
            {state === 'live'
              ? 'Connected: new events appear by themselves.'
              : state === 'failed'
                ? error
                : 'Connecting…'}
          </p>
          <ol className="feed" aria-label="Events, newest first">
            {entries.map((entry) => (
              <FeedEntry key={entry.id} entry={entry} />
            ))}
          </ol>
        </>
      )}
    </section>
  );
}

function FeedEntry({ entry }: { readonly entry: Entry }) {
  return (
    <li className="card">
      <div className="row between">
        <strong title={entry.type}>{titled(entry.type.replace('.', ' '))}</strong>
        <time dateTime={entry.occurredAt}>{entry.occurredAt.slice(0, 19).replace('T', ' ')} UTC</time>
      </div>
      <div className="row between fine">
        <span>
          {entry.actorCreator ? (
            <a href={`#/creators/${encodeURIComponent(entry.actorCreator.username)}`}>
              {entry.actorCreator.displayName}
            </a>
          ) : (
            entry.actor
          )}
          {entry.aboutCreator && entry.aboutCreator.id !== entry.actorCreator?.id && (
            <>
              {' about '}
              <a href={`#/creators/${encodeURIComponent(entry.aboutCreator.username)}`}>
                {entry.aboutCreator.displayName}
              </a>
            </>
          )}
        </span>
        <span className={`tag ${entry.status.toLowerCase()}`}>{entry.status.toLowerCase()}</span>
      </div>
      <code className="hash" title="Hash of the event">
        {entry.hash.slice(0, 16)}…
      </code>
    </li>
  );
}

/** Newest first, each event once: the list that was read and what arrived meanwhile overlap. */
function merge(news: readonly Entry[], before: readonly Entry[]): readonly Entry[] {
  const known = new Map([...before, ...news].map((entry) => [entry.id, entry]));
  return [...known.values()]
    .sort((a, b) => (a.occurredAt < b.occurredAt ? 1 : a.occurredAt > b.occurredAt ? -1 : 0))
    .slice(0, entriesMax);
}
