import type { Metric, Registry } from 'prom-client';

export interface DurationsOptions {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly [string, string];
  /** Upper bounds in seconds, ascending. */
  readonly bucketsS: readonly number[];
}

interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** Of each bucket alone, the last one without a bound. */
  readonly counts: Float64Array;
  sumS: number;
}

/**
 * A Prometheus histogram of durations under two labels. prom-client's checks and hashes the labels of each observation anew, which for every request and
 * every question to a subgraph takes longer than admitting them does.
 */
export class Durations {
  readonly #options: DurationsOptions;
  readonly #series = new Map<string, Map<string, Series>>();

  constructor(options: DurationsOptions, registry: Registry) {
    this.#options = options;
    // The registry asks a metric for no more than this; its types want one of its own classes.
    const metric = { name: options.name, get: async () => this.#get(), reset: () => this.#series.clear() };
    registry.registerMetric(metric as unknown as Metric);
  }

  observe(first: string, second: string, durationMs: number): void {
    const series = this.#series.get(first)?.get(second) ?? this.#add(first, second);
    const durationS = durationMs / 1_000;
    series.sumS += durationS;
    const { bucketsS } = this.#options;
    let bucket = 0;
    while (bucket < bucketsS.length && durationS > (bucketsS[bucket] ?? 0)) bucket += 1;
    series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
  }

  #add(first: string, second: string): Series {
    const { labelNames, bucketsS } = this.#options;
    const labels = { [labelNames[0]]: first, [labelNames[1]]: second };
    const series: Series = { labels, counts: new Float64Array(bucketsS.length + 1), sumS: 0 };
    const bySecond = this.#series.get(first) ?? new Map<string, Series>();
    this.#series.set(first, bySecond.set(second, series));
    return series;
  }

  #get(): object {
    const { name, help, bucketsS } = this.#options;
    const values = [...this.#series.values()].flatMap((bySecond) =>
      [...bySecond.values()].flatMap(({ labels, counts, sumS }) => {
        let count = 0;
        const buckets = [...counts].map((inBucket, index) => {
          count += inBucket;
          const le = bucketsS[index] ?? '+Inf';
          return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: count };
        });
        return [
          ...buckets,
          { metricName: `${name}_sum`, labels, value: sumS },
          { metricName: `${name}_count`, labels, value: count },
        ];
      }),
    );
    return { name, help, type: 'histogram', values, aggregator: 'sum' };
  }
}
