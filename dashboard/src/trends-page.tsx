import { useMemo, useState } from 'react';
import type { Client } from '../../sdk/client.ts';
import {
  type Granularity,
  MetricsDocument,
  type MetricsQuery,
  TrendsDocument,
} from '../../sdk/generated/operations.ts';
import { BandChart, type BandPoint } from './band-chart.tsx';
import { runsOf } from './runs.ts';
import { useQuery } from './use-query.ts';

const granularities: readonly Granularity[] = ['HOUR', 'DAY', 'WEEK', 'MONTH'];

export function TrendsPage({ client }: { readonly client: Client }) {
  const [granularity, setGranularity] = useState<Granularity>('WEEK');
  const [chosenKey, setKey] = useState<string | null>(null);
  const [chosenRun, setRun] = useState<string | null>(null);
  const metrics = useQuery('metrics', () => client.request(MetricsDocument));
  const metric = metrics.data?.metrics[0] ?? null;
  const key = chosenKey ?? metric?.keys[0] ?? null;
  const trend = useQuery(`${metric?.id ?? ''} ${key ?? ''} ${granularity}`, async () =>
    metric && key ? client.request(TrendsDocument, { metric: metric.id, keys: [key], granularity }) : null,
  );
  const points = useMemo<readonly BandPoint[]>(
    () =>
      (trend.data?.trends.series[0]?.points ?? []).map((point) => ({
        start: point.start,
        value: Number(point.value),
        low: Number(point.low),
        high: Number(point.high),
      })),
    [trend.data],
  );
  const runs = useMemo(() => runsOf(points), [points]);
  const run = runs.find(({ name }) => name === chosenRun) ?? runs[0];
  if (metrics.error) return <p className="notice bad">{metrics.error}</p>;
  if (!metric || !key) return <p className="notice">{metrics.isLoading ? 'Loading…' : 'No metric is declared.'}</p>;
  return (
    <section aria-labelledby="trends-title">
      <h1 id="trends-title">Trends</h1>
      <p className="lead">{metric.description}</p>
      <div className="row controls">
        <Choice label="Kind" value={key} onChange={setKey} options={metric.keys} show={titled} />
        <GranularityChoice value={granularity} onChange={setGranularity} />
        {run && runs.length > 1 && (
          <Choice label="Period" value={run.name} onChange={setRun} options={runs.map(({ name }) => name)} />
        )}
      </div>
      <div className="card" aria-busy={trend.isLoading}>
        {trend.error && <p className="notice bad">{trend.error}</p>}
        {run ? (
          <BandChart label={titled(key)} points={run.points} />
        ) : (
          <p className="notice">
            {trend.isLoading
              ? 'Loading…'
              : 'Nothing has been released yet: a window is released after its hour has ended.'}
          </p>
        )}
        <Fine metric={metric} level={trend.data?.trends.series[0]?.points[0]?.level ?? usualLevel} />
      </div>
      {run && <PointTable points={run.points} />}
    </section>
  );
}

type Metric = MetricsQuery['metrics'][number];
const usualLevel = 0.95;

function Fine({ metric, level }: { readonly metric: Metric; readonly level: number }) {
  return (
    <p className="fine">
      The band holds the true (bounded) count with {Math.round(level * 100)} % probability. One account’s day costs ε ={' '}
      {metric.epsilon.toFixed(3)} at δ = {metric.delta.toExponential(0)}; an account counts in at most{' '}
      {metric.cellsPerAccountDay} cells a day. Noisy counts may be negative: that is the noise, not an error.
    </p>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly string[];
  readonly onChange: (value: string) => void;
  readonly show?: (option: string) => string;
}

function Choice({ label, value, options, onChange, show = (option) => option }: ChoiceProps) {
  return (
    <label>
      {label}
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map((option) => (
          <option key={option} value={option}>
            {show(option)}
          </option>
        ))}
      </select>
    </label>
  );
}

function GranularityChoice({
  value,
  onChange,
}: {
  readonly value: Granularity;
  readonly onChange: (value: Granularity) => void;
}) {
  return (
    <fieldset className="segments">
      <legend>Per</legend>
      {granularities.map((name) => (
        <label key={name}>
          <input type="radio" name="granularity" checked={value === name} onChange={() => onChange(name)} />
          {titled(name)}
        </label>
      ))}
    </fieldset>
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

export function titled(name: string): string {
  const text = name.toLowerCase().replaceAll(/[_-]/g, ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
