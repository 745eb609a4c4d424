import type { LogRecord, OutgoingRecord } from '../../engines/event-log/port.ts';
import type { TopicName } from '../../schema/topics.ts';
import { PartitionRunner, type RunnerOptions } from './partition-runner.ts';
import type { ProcessorConfig } from './processor-config.ts';
import type { Outcome } from './stage.ts';

/** A message that became a dead letter. */
export interface PutAside {
  readonly offset: number;
  readonly reason: string;
  /** What a step threw: its name, and where it came from without its message, which may quote data. */
  readonly thrown: { readonly name: string; readonly at: readonly string[] } | null;
}

/** What became of a batch. */
export interface Handled {
  /** To be appended together with the batch's offsets. */
  readonly outgoing: readonly OutgoingRecord[];
  readonly outcomes: readonly { readonly outcome: Outcome; readonly reason: string; readonly count: number }[];
  readonly putAside: readonly PutAside[];
  /** Time of the handlers, in milliseconds. */
  readonly tookMs: number;
}

/** A processor's partitions, wherever they are handled. */
export interface Partitions {
  /** Begins a partition with an empty state, forgetting what it had. */
  begin(partition: number): Promise<void>;
  /** Takes up records of the changelog, in order and before the first batch. */
  restore(partition: number, records: readonly LogRecord[]): Promise<void>;
  /** Handles records in order. Rejects where the partition was not begun. */
  handle(partition: number, records: readonly LogRecord[]): Promise<Handled>;
  end(partition: number): Promise<void>;
  close(): Promise<void>;
}

/** What is the same for all partitions. */
export type PartitionsOptions = Pick<RunnerOptions, 'changelog' | 'checksRows' | 'nowMs'>;

/** On the thread of whoever asks. */
export class LocalPartitions<M, Out extends TopicName> {
  readonly #config: ProcessorConfig<M, Out>;
  readonly #options: PartitionsOptions;
  readonly #runners = new Map<number, PartitionRunner<M, Out>>();
  /** Of the batch that is being handled, by outcome and reason. */
  #outcomes = new Map<string, { outcome: Outcome; reason: string; count: number }>();
  #putAside: PutAside[] = [];

  constructor(config: ProcessorConfig<M, Out>, options: PartitionsOptions) {
    this.#config = config;
    this.#options = options;
  }

  begin(partition: number): void {
    const onOutcome = (outcome: Outcome, reason: string, { offset }: LogRecord, error?: unknown): void =>
      this.#note(outcome, reason, offset, error);
    this.#runners.set(partition, new PartitionRunner(this.#config, { ...this.#options, partition, onOutcome }));
  }

  restore(partition: number, records: readonly LogRecord[]): void {
    const runner = this.#runnerOf(partition);
    for (const record of records) runner.restore(record);
  }

  handle(partition: number, records: readonly LogRecord[]): Handled {
    const startedAt = performance.now();
    this.#outcomes = new Map();
    this.#putAside = [];
    const outgoing = this.#runnerOf(partition).handle(records);
    const tookMs = performance.now() - startedAt;
    return { outgoing, outcomes: [...this.#outcomes.values()], putAside: this.#putAside, tookMs };
  }

  end(partition: number): void {
    this.#runners.delete(partition);
  }

  #runnerOf(partition: number): PartitionRunner<M, Out> {
    const runner = this.#runners.get(partition);
    if (!runner) throw new Error(`partition ${partition} of processor ${this.#config.name} was not begun`);
    return runner;
  }

  #note(outcome: Outcome, reason: string, offset: number, error: unknown): void {
    const known = this.#outcomes.get(outcome + reason);
    if (known) known.count += 1;
    else this.#outcomes.set(outcome + reason, { outcome, reason, count: 1 });
    if (outcome === 'deadLetter') this.#putAside.push({ offset, reason, thrown: thrownOf(error) });
  }
}

function thrownOf(error: unknown): PutAside['thrown'] {
  return error instanceof Error ? { name: error.name, at: stackFrames(error) } : null;
}

/** Where an error came from, without its message, which may quote data. */
function stackFrames(error: Error): readonly string[] {
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => line.trimStart().startsWith('at '))
    .slice(0, 5)
    .map((line) => line.trim());
}
