import { type SubmitEvent, useState } from 'react';
import type { Client } from '../../sdk/client.ts';
import { RateCollaborationDocument, type ReputationQuery } from '../../sdk/generated/operations.ts';
import { readable } from './use-query.ts';
import { useSending } from './use-sending.ts';

type Due = NonNullable<NonNullable<ReputationQuery['creator']>['ratingsDue']>['nodes'][number];

/** Who has rated working with one and waits for the same. */
export function RatingsDue({ client, due }: { readonly client: Client; readonly due: readonly Due[] }) {
  if (due.length === 0) return null;
  return (
    <>
      <h3>Rate your partners</h3>
      <p className="fine">They have rated you; you see it when you have rated them, or when the time is over.</p>
      <ul className="works">
        {due.map((each) => (
          <li key={each.partner.id}>
            <RatingForm client={client} due={each} />
          </li>
        ))}
      </ul>
    </>
  );
}

function RatingForm({ client, due }: { readonly client: Client; readonly due: Due }) {
  const [rating, setRating] = useState('5');
  const [outcome, setOutcome] = useState<{ readonly isGood: boolean; readonly message: string } | null>(null);
  const sendOnce = useSending();
  const send = (): Promise<void> =>
    client
      .request(RateCollaborationDocument, { input: { creatorId: due.partner.id, rating: Number(rating) } })
      .then(({ rateCollaboration: { isPublished, userErrors } }) =>
        setOutcome(
          isPublished
            ? { isGood: true, message: 'Both ratings count now.' }
            : { isGood: false, message: userErrors.map(({ message }) => message).join('; ') },
        ),
      )
      .catch((error: unknown) => setOutcome({ isGood: false, message: readable(error) }));
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    sendOnce(send);
  };
  if (outcome?.isGood === true) return <p className="notice">{outcome.message}</p>;
  return (
    <form className="row controls" onSubmit={submit}>
      <label>
        Working with <bdi>{due.partner.displayName}</bdi>, 1 to 5, by {due.dueAt.slice(0, 10)}
        <input
          type="number"
          min={1}
          max={5}
          value={rating}
          onChange={(event) => setRating(event.target.value)}
          required
        />
      </label>
      <button type="submit">Rate</button>
      {outcome !== null && <p className="notice bad">{outcome.message}</p>}
    </form>
  );
}
