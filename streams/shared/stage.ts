import type { EventLog, PartitionLag } from '../../engines/event-log/port.ts';
import type { Logger } from '../../runtime/logger.ts';

/** Anything of streams/ that main.ts starts and stops: a processor, a sink, a ticker. */
export interface Stage {
  readonly name: string;
  start(): Promise<void>;
  /** Lets work in flight finish and commit. */
  stop(): Promise<void>;
  stats(): StageStats;
  /** How far it is behind, per partition. */
  lag(): Promise<readonly PartitionLag[]>;
  /** What it measures beside that, where it measures anything. */
  gauges?(): readonly StageGauge[];
}

export interface StageGauge {
  /** In Prometheus' form, with the unit last. */
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly values: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

/** Counts since the start of this process, of messages handled (also of ones that were handled again after a failure). */
export interface StageStats {
  readonly ok: number;
  /** By reason. */
  readonly drop: Readonly<Record<string, number>>;
  readonly deadLetter: Readonly<Record<string, number>>;
  readonly redirect: Readonly<Record<string, number>>;
  readonly batches: number;
  /** Time spent in handlers, in total and for the newest batch. */
  readonly busyMs: number;
  readonly lastBatchMs: number;
  /** Rejected batches and outages; they are tried again. */
  readonly failures: number;
}

export type Outcome = 'ok' | 'drop' | 'deadLetter' | 'redirect';

/** Where counts go beside `stats()`, for example Prometheus. Labels are bounded: stage names and reason codes. */
export interface StageMetrics {
  count(stage: string, outcome: Outcome, reason: string, n: number): void;
  batch(stage: string, records: number, durationMs: number): void;
  failure(stage: string): void;
}

export interface StageDeps {
  readonly eventLog: EventLog;
  readonly logger: Logger;
  readonly metrics?: StageMetrics;
  /** Wall time for dead letters and durations, in milliseconds. */
  readonly nowMs?: () => number;
  /** Whether processors that are worth it get a thread of their own; on one core nothing is won by it. */
  readonly hasThreads?: boolean;
}
