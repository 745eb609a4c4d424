import { useState } from 'react';
import type { Client } from '../../sdk/client.ts';
import { AppealForm, Appeals } from './appeals.tsx';
import { Badges } from './badges.tsx';
import { Distribution } from './distribution.tsx';
import { HistoryLine } from './history-line.tsx';
import {
  EvidenceDocument,
  type EvidenceQuery,
  MyAppealsDocument,
  ReputationDocument,
  type ReputationQuery,
} from '../../sdk/generated/operations.ts';
import { titled } from './choice.tsx';
import { RatingsDue } from './ratings-due.tsx';
import { shortfall } from './shortfall.ts';
import { TimeOff } from './time-off.tsx';
import { useQuery } from './use-query.ts';

type Score = NonNullable<NonNullable<ReputationQuery['creator']>['reputation']>['dimensions'][number];
type Evidence = NonNullable<
  NonNullable<EvidenceQuery['creator']>['reputation']
>['dimensions'][number]['evidence']['nodes'][number];

const evidenceShown = 25;

export function ReputationPanel({ client, creatorId }: { readonly client: Client; readonly creatorId: string }) {
  const [openId, setOpenId] = useState<string | null>(null);
  const [changes, setChanges] = useState(0);
  const loaded = useQuery(`reputation ${creatorId} ${changes}`, () =>
    client.request(ReputationDocument, { creatorId }),
  );
  const appeals = useQuery(`appeals ${creatorId}`, () => client.request(MyAppealsDocument, { creatorId, first: 50 }));
  const reputation = loaded.data?.creator?.reputation ?? null;
  const level = loaded.data?.creator?.trustLevel ?? null;
  const own = appeals.data?.creator?.appeals ?? null;
  return (
    <div className="card" aria-busy={loaded.isLoading}>
      <h2>Reputation</h2>
      {level && (
        <p>
          Trust level <strong>{level.level}</strong>, {titled(level.name)}
          {level.since !== null && <span className="fine"> since {level.since.slice(0, 10)}</span>}
          {level.lossProposedAt !== null && (
            <span className="notice"> Its loss was proposed on {level.lossProposedAt.slice(0, 10)}.</span>
          )}
        </p>
      )}
      {loaded.error && <p className="notice bad">{loaded.error}</p>}
      {!loaded.isLoading && !loaded.error && (reputation === null || reputation.dimensions.length === 0) && (
        <p className="notice">Nothing to show: this creator keeps it private, or nobody has judged their work yet.</p>
      )}
      {reputation && (
        <ul className="scores">
          {reputation.dimensions.map((score) => (
            <li key={score.id}>
              <ScoreBar
                score={score}
                isOpen={openId === score.id}
                onToggle={() => setOpenId(openId === score.id ? null : score.id)}
              />
              {openId === score.id && (
                <>
                  <Distribution client={client} dimension={score.dimension} score={score.score} />
                  <EvidenceTable client={client} creatorId={creatorId} scoreId={score.id} isOwn={own !== null} />
                </>
              )}
            </li>
          ))}
        </ul>
      )}
      {reputation?.asOf != null && (
        <p className="fine">
          As of {reputation.asOf.slice(0, 16).replace('T', ' ')} UTC. The bar’s light part is the{' '}
          {Math.round((reputation.dimensions[0]?.interval.level ?? 0.8) * 100)} % interval. Formula{' '}
          {reputation.dimensions[0]?.formulaVersion}.
        </p>
      )}
      {loaded.data?.creator && <Badges badges={loaded.data.creator.badges.nodes} />}
      {loaded.data?.creator?.ratingsDue && <RatingsDue client={client} due={loaded.data.creator.ratingsDue.nodes} />}
      {loaded.data?.creator?.reputationFreezes && (
        <TimeOff
          client={client}
          freezes={loaded.data.creator.reputationFreezes}
          onChanged={() => setChanges(changes + 1)}
        />
      )}
      {own !== null && own.nodes.length > 0 && <Appeals appeals={own.nodes} />}
    </div>
  );
}

function ScoreBar({
  score,
  isOpen,
  onToggle,
}: {
  readonly score: Score;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}) {
  const { low, high } = score.interval;
  return (
    <button type="button" className="score" aria-expanded={isOpen} onClick={onToggle}>
      <span className="score-name">{titled(score.dimension)}</span>
      <span className="track" aria-hidden="true">
        <span className="interval" style={{ left: `${low}%`, width: `${Math.max(0, high - low)}%` }} />
        <span className="point" style={{ left: `${score.score}%` }} />
      </span>
      <span className="score-value">
        {score.score.toFixed(1)}{' '}
        <span className="fine">
          ({low.toFixed(0)} to {high.toFixed(0)})
        </span>
      </span>
      <span className="fine">
        {score.evidenceCount === 1 ? '1 piece' : `${score.evidenceCount} pieces`} of evidence
      </span>
    </button>
  );
}

function EvidenceTable({
  client,
  creatorId,
  scoreId,
  isOwn,
}: {
  readonly client: Client;
  readonly creatorId: string;
  readonly scoreId: string;
  readonly isOwn: boolean;
}) {
  const loaded = useQuery(`evidence ${scoreId}`, () =>
    client.request(EvidenceDocument, { creatorId, first: evidenceShown }),
  );
  const score = loaded.data?.creator?.reputation.dimensions.find(({ id }) => id === scoreId);
  const nodes = score?.evidence.nodes ?? [];
  if (loaded.error) return <p className="notice bad">{loaded.error}</p>;
  if (loaded.isLoading) return <p className="notice">Loading…</p>;
  return (
    <>
      {score && <HistoryLine points={score.history.nodes} />}
      {score && <p className="fine">{score.supportGraph.inWords}</p>}
      {evidenceTable(nodes, isOwn ? client : null)}
    </>
  );
}

function evidenceTable(nodes: readonly Evidence[], appealWith: Client | null) {
  return (
    <div className="scroll" role="region" aria-label="Evidence" tabIndex={0}>
      <table className="stacks">
        <caption className="fine">
          The newest {nodes.length} pieces of evidence
          {/* The words are the platform's to whom it is about. */}
          {appealWith === null && ', in words to the creator'}
        </caption>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">What</th>
            <th scope="col">By</th>
            <th scope="col">Weight</th>
            <th scope="col">Counts now</th>
          </tr>
        </thead>
        <tbody>
          {nodes.map((node, index) => (
            <tr key={index}>
              <td>{node.occurredAt.slice(0, 10)}</td>
              <th scope="row">
                {node.description}
                {node.refusal && (
                  <span className="fine">
                    {' '}
                    ({shortfall(node)}: {titled(node.refusal)})
                  </span>
                )}
                {appealWith && node.pointsNow < 0 && <AppealForm client={appealWith} evidenceId={node.id} />}
              </th>
              <td data-label="By">{sourceOf(node)}</td>
              <td data-label="Weight">{node.weight.toFixed(2)}</td>
              <td data-label="Counts now">{node.pointsNow.toFixed(4)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function sourceOf(node: Evidence) {
  if (node.source)
    return <a href={`#/creators/${encodeURIComponent(node.source.username)}`}>{node.source.displayName}</a>;
  return node.weight < 0 ? 'not told' : 'an anonymous member';
}
