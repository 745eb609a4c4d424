import { useState } from 'react';
import type { Client } from '../../sdk/client.ts';
import { type Dimension, ReputationDistributionDocument } from '../../sdk/generated/operations.ts';
import { Choice, titled } from './choice.tsx';
import { useQuery } from './use-query.ts';

const dimensions: readonly Dimension[] = ['QUALITY', 'COLLABORATION', 'COMMUNITY', 'MENTORSHIP', 'INNOVATION'];
const size = { width: 400, height: 90, gap: 2 };

/** How the public scores of a dimension are spread, in a card of its own. */
export function DistributionCard({ client }: { readonly client: Client }) {
  const [dimension, setDimension] = useState<Dimension>('QUALITY');
  const choose = (value: string): void => setDimension(dimensions.find((each) => each === value) ?? dimension);
  return (
    <div className="card">
      <h2>How scores are spread</h2>
      <div className="row controls">
        <Choice label="Dimension" value={dimension} options={dimensions} onChange={choose} show={titled} />
      </div>
      <Distribution client={client} dimension={dimension} />
    </div>
  );
}

/** Twenty bars of five points each; `score` marks where somebody stands. */
export function Distribution({
  client,
  dimension,
  score,
}: {
  readonly client: Client;
  readonly dimension: Dimension;
  readonly score?: number;
}) {
  const loaded = useQuery(`distribution ${dimension}`, () =>
    client.request(ReputationDistributionDocument, { dimension }),
  );
  if (loaded.error) return <p className="notice bad">{loaded.error}</p>;
  const spread = loaded.data?.reputationDistribution;
  if (!spread) return <p className="notice">Loading…</p>;
  if (spread.creators === 0) return <p className="notice">Nobody shows this dimension yet.</p>;
  const most = Math.max(...spread.bins.map(({ creators }) => creators));
  const fullest = spread.bins.find(({ creators }) => creators === most);
  const who = spread.isComplete ? '' : ' of the newest';
  const shown = spread.creators === 1 ? `1${who} creator shows` : `${spread.creators}${who} creators show`;
  const said = `${shown} this score; the highest bar is ${most} with ${fullest?.low ?? 0} to ${fullest?.high ?? 0} points`;
  const step = size.width / spread.bins.length;
  return (
    <figure className="spread">
      <svg viewBox={`0 0 ${size.width} ${size.height}`} role="img" aria-label={said} preserveAspectRatio="none">
        {spread.bins.map(({ low, creators }, n) => {
          const height = (creators / most) * size.height;
          return (
            <rect
              key={low}
              className="spread-bar"
              x={n * step}
              y={size.height - height}
              width={step - size.gap}
              height={height}
            />
          );
        })}
        {score !== undefined && (
          <line
            className="spread-own"
            x1={(score / 100) * size.width}
            x2={(score / 100) * size.width}
            y1={0}
            y2={size.height}
          />
        )}
      </svg>
      <figcaption className="fine">
        {said}
        {score !== undefined && `; the line is at ${score.toFixed(1)}`}. From 0 on the left to 100.
      </figcaption>
    </figure>
  );
}
