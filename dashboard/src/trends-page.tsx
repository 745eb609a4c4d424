import { useMemo, useState } from 'react';
import type { Client } from '../../sdk/client.ts';
import {
  type Granularity,
  MetricsDocument,
  type MetricsQuery,
  RunningTotalDocument,
  TrendsDocument,
} from '../../sdk/generated/operations.ts';
import { BandChart, type BandPoint } from './band-chart.tsx';
import { BudgetPanel } from './budget-panel.tsx';
import { Choice, GranularityChoice, titled } from './choice.tsx';
import { QuantilesView, TopKeysView } from './metric-tables.tsx';
import { runsOf } from './runs.ts';
import { useQuery } from './use-query.ts';

export function TrendsPage({ client }: { readonly client: Client }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const metrics = useQuery('metrics', () => client.request(MetricsDocument));
  const all = metrics.data?.metrics ?? [];
  const metric = all.find(({ id }) => id === chosen) ?? all[0];
  if (metrics.error) return <p className="notice bad">{metrics.error}</p>;
  if (!metric) return <p className="notice">{metrics.isLoading ? 'Loading…' : 'No metric is declared.'}</p>;
  const hasSeries = metric.form !== 'QUANTILES' && metric.keyVisibility === 'PUBLIC';
  return (
    <section aria-labelledby="trends-title">
      <h1 id="trends-title">Trends</h1>
      <div className="row controls">
        <Choice label="Metric" value={metric.id} onChange={setChosen} options={all.map(({ id }) => id)} show={titled} />
      </div>
      <p className="lead">{metric.description}</p>
      {hasSeries ? (
        <SeriesView key={metric.id} client={client} metric={metric} />
      ) : metric.form === 'QUANTILES' ? (
        <QuantilesView client={client} metric={metric} />
      ) : (
        <TopKeysView client={client} metric={metric} />
      )}
      <BudgetPanel client={client} />
    </section>
  );
}

/** One key of a metric over time. */
function SeriesView({ client, metric }: { readonly client: Client; readonly metric: Metric }) {
  const [granularity, setGranularity] = useState<Granularity>('WEEK');
  const [chosenKey, setKey] = useState<string | null>(null);
  const [chosenRun, setRun] = useState<string | null>(null);
  const key = chosenKey ?? metric.keys[0] ?? '';
  const series = useQuery(`${metric.id} ${key} ${granularity}`, async () => {
    if (metric.form === 'RUNNING_TOTAL') {
      const { runningTotal } = await client.request(RunningTotalDocument, { metric: metric.id, key, granularity });
      return { key, points: runningTotal.points };
    }
    const { trends } = await client.request(TrendsDocument, { metric: metric.id, keys: [key], granularity });
    return { key, points: trends.series[0]?.points ?? [] };
  });
  const points = useMemo<readonly BandPoint[]>(
    () =>
      (series.data?.points ?? []).map((point) => ({
        start: point.start,
        value: Number(point.value),
        low: Number(point.low),
        high: Number(point.high),
      })),
    [series.data],
  );
  const runs = useMemo(() => runsOf(points), [points]);
  const run = runs.find(({ name }) => name === chosenRun) ?? runs[0];
  return (
    <>
      <div className="row controls">
        {metric.keys.length > 1 && (
          <Choice label="Kind" value={key} onChange={setKey} options={metric.keys} show={titled} />
        )}
        <GranularityChoice value={granularity} onChange={setGranularity} />
        {run && runs.length > 1 && (
          <Choice label="Period" value={run.name} onChange={setRun} options={runs.map(({ name }) => name)} />
        )}
      </div>
      <div className="card" aria-busy={series.isLoading}>
        {series.error && <p className="notice bad">{series.error}</p>}
        {run ? (
          <BandChart label={titled(series.data?.key ?? key)} points={run.points} />
        ) : series.error ? null : (
          <p className="notice">
            {series.isLoading ? 'Loading…' : 'Nothing has been released yet: a window is released after it has ended.'}
          </p>
        )}
        <Fine metric={metric} level={series.data?.points[0]?.level ?? usualLevel} />
      </div>
      {run && <PointTable points={run.points} />}
    </>
  );
}

type Metric = MetricsQuery['metrics'][number];
const usualLevel = 0.95;

function Fine({ metric, level }: { readonly metric: Metric; readonly level: number }) {
  return (
    <p className="fine">
      The band holds the true (bounded) count with {Math.round(level * 100)} % probability. One account’s day costs ε ={' '}
      {metric.epsilon.toFixed(3)} at δ = {metric.delta.toExponential(0)}; an account counts in at most{' '}
      {metric.cellsPerAccountDay} cells a day. {metric.reason} Noisy counts may be negative: that is the noise, not an
      error.
    </p>
  );
}

function PointTable({ points }: { readonly points: readonly BandPoint[] }) {
  const newest = points.slice(-60).reverse();
  return (
    <details className="card">
      <summary>The numbers (newest {newest.length})</summary>
      <div className="scroll" role="region" aria-label="Numbers" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">From (UTC)</th>
              <th scope="col">Low</th>
              <th scope="col">Count</th>
              <th scope="col">High</th>
            </tr>
          </thead>
          <tbody>
            {newest.map((point) => (
              <tr key={point.start}>
                <th scope="row">{point.start.slice(0, 16).replace('T', ' ')}</th>
                <td>{point.low}</td>
                <td>{point.value}</td>
                <td>{point.high}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
