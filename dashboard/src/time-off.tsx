import { type SubmitEvent, useState } from 'react';
import type { Client } from '../../sdk/client.ts';
import {
  FreezeReputationDocument,
  type ReputationQuery,
  ResumeReputationDocument,
} from '../../sdk/generated/operations.ts';
import { readable } from './use-query.ts';
import { useSending } from './use-sending.ts';

type Freeze = NonNullable<NonNullable<ReputationQuery['creator']>['reputationFreezes']>[number];
interface Answer {
  readonly userErrors: readonly { readonly message: string }[];
}

/** One's own times off: nothing decays meanwhile. `onChanged` is told when one began or ended. */
export function TimeOff({
  client,
  freezes,
  onChanged,
}: {
  readonly client: Client;
  readonly freezes: readonly Freeze[];
  readonly onChanged: () => void;
}) {
  const [days, setDays] = useState('30');
  const [fault, setFault] = useState<string | null>(null);
  const now = new Date().toISOString();
  const lasting = freezes.find(({ from, until }) => from <= now && now < until);
  const sendOnce = useSending();
  const settle = (ask: () => Promise<Answer>): void =>
    sendOnce(() =>
      ask()
        .then(({ userErrors }) => {
          setFault(userErrors.length === 0 ? null : userErrors.map(({ message }) => message).join('; '));
          onChanged();
        })
        .catch((error: unknown) => setFault(readable(error))),
    );
  const begin = (event: SubmitEvent): void => {
    event.preventDefault();
    settle(() =>
      client.request(FreezeReputationDocument, { input: { days: Number(days) } }).then((data) => data.freezeReputation),
    );
  };
  const end = (): void =>
    settle(() => client.request(ResumeReputationDocument, { input: {} }).then((data) => data.resumeReputation));
  return (
    <>
      <h3>Time off</h3>
      {lasting ? (
        <p>
          Nothing about you decays until {lasting.until.slice(0, 10)}.{' '}
          <button type="button" onClick={end}>
            End it now
          </button>
        </p>
      ) : (
        <form className="row controls" onSubmit={begin}>
          <label>
            Days (7 to 365)
            <input
              type="number"
              min={7}
              max={365}
              value={days}
              onChange={(event) => setDays(event.target.value)}
              required
            />
          </label>
          <button type="submit">Take time off</button>
        </form>
      )}
      {fault !== null && <p className="notice bad">{fault}</p>}
    </>
  );
}
