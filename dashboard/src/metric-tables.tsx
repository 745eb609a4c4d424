import type { Client } from '../../sdk/client.ts';
import { type MetricsQuery, QuantilesDocument, TopKeysDocument } from '../../sdk/generated/operations.ts';
import { useQuery } from './use-query.ts';

interface Props {
  readonly client: Client;
  readonly metric: MetricsQuery['metrics'][number];
}

const quantilesShown = [0.1, 0.25, 0.5, 0.75, 0.9];
const keysShown = 20;

interface TableProps {
  readonly caption: string;
  readonly what: string;
  readonly rows: readonly {
    readonly name: string;
    readonly value: string;
    readonly low: string;
    readonly high: string;
  }[];
}

function EstimateTable({ caption, what, rows }: TableProps) {
  return (
    <div className="scroll" role="region" aria-label={caption} tabIndex={0}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{what}</th>
            <th scope="col">Low</th>
            <th scope="col">Estimate</th>
            <th scope="col">High</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name}>
              <th scope="row">{row.name}</th>
              <td>{row.low}</td>
              <td>{row.value}</td>
              <td>{row.high}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Quantiles over all that was released. */
export function QuantilesView({ client, metric }: Props) {
  const loaded = useQuery(`quantiles ${metric.id}`, () =>
    client.request(QuantilesDocument, { metric: metric.id, at: quantilesShown }),
  );
  const rows = (loaded.data?.quantiles ?? []).map(({ q, value, low, high, unit }) => ({
    name: `${Math.round(q * 100)} % are below`,
    value: `${value.toFixed(1)} ${unit}`,
    low: String(low),
    high: String(high),
  }));
  return (
    <div className="card" aria-busy={loaded.isLoading}>
      {loaded.error && <p className="notice bad">{loaded.error}</p>}
      {rows.length > 0 ? (
        <EstimateTable caption="Over all days released so far" what="Share" rows={rows} />
      ) : (
        <p className="notice">
          {loaded.isLoading
            ? 'Loading…'
            : 'Nothing to show yet: either no day has been released, or the noise is larger than what was counted.'}
        </p>
      )}
      <p className="fine">{metric.reason}</p>
    </div>
  );
}

/** Keys that many touched. */
export function TopKeysView({ client, metric }: Props) {
  const loaded = useQuery(`top ${metric.id}`, () =>
    client.request(TopKeysDocument, { metric: metric.id, first: keysShown }),
  );
  const rows = (loaded.data?.topKeys ?? []).map(({ key, value, low, high }) => ({ name: key, value, low, high }));
  return (
    <div className="card" aria-busy={loaded.isLoading}>
      {loaded.error && <p className="notice bad">{loaded.error}</p>}
      {rows.length > 0 ? (
        <EstimateTable caption="Over all days released so far" what="Key" rows={rows} />
      ) : (
        <p className="notice">
          {loaded.isLoading
            ? 'Loading…'
            : 'No key has been touched by so many that it may be shown: few are protected.'}
        </p>
      )}
      <p className="fine">{metric.reason}</p>
    </div>
  );
}
