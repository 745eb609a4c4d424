import type { Outcome, StageMetrics, StageStats } from './stage.ts';

type Reasons = Record<'drop' | 'deadLetter' | 'redirect', Record<string, number>>;

/** Counts what a stage does and passes it on to the metrics. */
export class Tally {
  readonly #stage: string;
  readonly #metrics: StageMetrics | undefined;
  readonly #reasons: Reasons = { drop: {}, deadLetter: {}, redirect: {} };
  #ok = 0;
  #batches = 0;
  #busyMs = 0;
  #lastBatchMs = 0;
  #failures = 0;

  constructor(stage: string, metrics: StageMetrics | undefined) {
    this.#stage = stage;
    this.#metrics = metrics;
  }

  count(outcome: Outcome, reason: string, n = 1): void {
    if (n === 0) return;
    if (outcome === 'ok') this.#ok += n;
    else this.#reasons[outcome][reason] = (this.#reasons[outcome][reason] ?? 0) + n;
    this.#metrics?.count(this.#stage, outcome, reason, n);
  }

  batch(records: number, durationMs: number): void {
    this.#batches += 1;
    this.#busyMs += durationMs;
    this.#lastBatchMs = durationMs;
    this.#metrics?.batch(this.#stage, records, durationMs);
  }

  failure(): void {
    this.#failures += 1;
    this.#metrics?.failure(this.#stage);
  }

  stats(): StageStats {
    const { drop, deadLetter, redirect } = this.#reasons;
    return {
      ok: this.#ok,
      drop: { ...drop },
      deadLetter: { ...deadLetter },
      redirect: { ...redirect },
      batches: this.#batches,
      busyMs: this.#busyMs,
      lastBatchMs: this.#lastBatchMs,
      failures: this.#failures,
    };
  }
}
