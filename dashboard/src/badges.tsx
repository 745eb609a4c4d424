import type { ReputationQuery } from '../../sdk/generated/operations.ts';

type Badge = NonNullable<ReputationQuery['creator']>['badges']['nodes'][number];

/** What a creator has been granted, and what it took. */
export function Badges({ badges }: { readonly badges: readonly Badge[] }) {
  const held = badges.filter(({ revokedAt }) => revokedAt === null);
  const past = badges.filter(({ revokedAt }) => revokedAt !== null);
  if (badges.length === 0) return null;
  return (
    <>
      <h3>Badges</h3>
      <ul className="works">
        {[...held, ...past].map((badge) => (
          <li key={badge.id}>
            <details>
              <summary>
                <strong>{badge.skill === null ? badge.name : `${badge.name}: ${badge.skill}`}</strong>{' '}
                <span className="fine">
                  {badge.revokedAt === null
                    ? `since ${badge.awardedAt.slice(0, 10)}`
                    : `until ${badge.revokedAt.slice(0, 10)}`}
                </span>
              </summary>
              <p className="fine">
                {badge.criteria} (criteria {badge.criteriaVersion})
              </p>
              <ul className="fine">
                {badge.evidence.map((line) => (
                  <li key={line}>{line}</li>
                ))}
              </ul>
            </details>
          </li>
        ))}
      </ul>
    </>
  );
}
