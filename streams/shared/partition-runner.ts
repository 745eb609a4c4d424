import { z } from 'zod';
import type { LogRecord, OutgoingRecord } from '../../engines/event-log/port.ts';
import { type TopicName, topics } from '../../schema/topics.ts';
import { deadLetterRecord } from './dead-letters.ts';
import { KeyedState } from './keyed-state.ts';
import { type ProcessorConfig, type ProcessorLimits, defaultLimits } from './processor-config.ts';
import type { Outcome } from './stage.ts';
import { type StateView, definePackedStore } from './state.ts';
import { type Emission, type Step, type StepContext, type StepResult, deadLetter, done, drop } from './step.ts';

/** Ids already taken, where a processor asks for deduplication. */
const seenIds = definePackedStore('seen', z.literal(1));

export interface RunnerOptions {
  /** Name of the compacted topic that takes state changes. */
  readonly changelog: string;
  readonly partition: number;
  readonly nowMs: () => number;
  /** Told of each message's outcome; `error` is what a step threw. */
  readonly onOutcome: (outcome: Outcome, reason: string, record: LogRecord, error?: unknown) => void;
}

/** One partition of a processor, without any I/O: records in, records to append out. */
export class PartitionRunner<M, Out extends TopicName> {
  readonly #config: ProcessorConfig<M, Out>;
  readonly #options: RunnerOptions;
  readonly #limits: ProcessorLimits;
  readonly #state: KeyedState;
  readonly #run: Step<LogRecord, void, Out>;

  constructor(config: ProcessorConfig<M, Out>, options: RunnerOptions) {
    this.#config = config;
    this.#options = options;
    this.#limits = { ...defaultLimits, ...config.limits };
    const stores = config.dedupBy ? [...config.stores, seenIds] : config.stores;
    this.#state = new KeyedState(stores, this.#limits.stateEntryCharsMax);
    this.#run = withDedup(config);
  }

  get state(): StateView {
    return this.#state;
  }

  /** Takes up one record of the changelog; call it for all of them in order before the first batch. */
  restore(record: LogRecord): void {
    this.#state.restore(record);
  }

  /** Handles records in order. What it returns must be appended together with their offsets. */
  handle(records: readonly LogRecord[]): readonly OutgoingRecord[] {
    const outgoing: OutgoingRecord[] = [];
    for (const record of records) this.#handleOne(record, outgoing);
    const wanted = withoutSuperseded(
      outgoing,
      (this.#config.newestPerKey ?? []).map((output) => topics[output].name),
    );
    const { changelog, partition } = this.#options;
    for (const change of this.#state.takeChanges({ topic: changelog, partition })) wanted.push(change);
    return wanted;
  }

  #handleOne(record: LogRecord, outgoing: OutgoingRecord[]): void {
    const emitted: OutgoingRecord[] = [];
    const context: StepContext<Out> = {
      record,
      state: this.#state,
      emit: (output, emission) => emitted.push(this.#emission(output, emission, emitted.length)),
    };
    const { result, error } = attempt(() => this.#run(record, context));
    if (result.kind === 'ok') {
      this.#state.keep();
      for (const each of emitted) outgoing.push(each);
    } else {
      this.#state.undo();
    }
    if (result.kind === 'deadLetter') {
      outgoing.push(
        deadLetterRecord({
          processor: this.#config.name,
          reason: result.reason,
          message: result.message,
          record,
          nowMs: this.#options.nowMs(),
        }),
      );
    }
    if (result.kind === 'redirect')
      outgoing.push({ topic: topics[result.to].name, key: record.key, id: record.id, value: record.value });
    this.#options.onOutcome(result.kind, result.kind === 'ok' ? '' : result.reason, record, error);
  }

  #emission(output: Out, emission: Emission, already: number): OutgoingRecord {
    const { emissionsMax, emissionCharsMax } = this.#limits;
    if (already >= emissionsMax) throw new RangeError(`a message may emit at most ${emissionsMax} records`);
    const value = JSON.stringify(emission.value);
    if (value.length > emissionCharsMax)
      throw new RangeError(
        `an emission to ${output} takes ${value.length} characters, at most ${emissionCharsMax} are allowed`,
      );
    const place = emission.partition === undefined ? {} : { partition: emission.partition };
    return { topic: topics[output].name, key: emission.key, id: emission.id, value, ...place };
  }
}

/** Leaves out the records of these topics that a later one of the same key supersedes. */
function withoutSuperseded(records: readonly OutgoingRecord[], newestPerKey: readonly string[]): OutgoingRecord[] {
  if (newestPerKey.length === 0) return [...records];
  const newest = new Map(records.map((record) => [`${record.topic}|${record.key}`, record]));
  return records.filter(
    (record) => !newestPerKey.includes(record.topic) || newest.get(`${record.topic}|${record.key}`) === record,
  );
}

/** A step that throws is a bug: told by its error's name only, since its text may quote what it was given. */
function attempt(run: () => StepResult<void>): { result: StepResult<void>; error?: unknown } {
  try {
    return { result: run() };
  } catch (error) {
    const name = error instanceof Error ? error.name : typeof error;
    return { result: deadLetter('HANDLER_FAILED', `a step threw ${name}: see the log of the processor`), error };
  }
}

function withDedup<M, Out extends TopicName>(config: ProcessorConfig<M, Out>): Step<LogRecord, void, Out> {
  const { decode, dedupBy, handle } = config;
  return (record, context) => {
    const decoded = decode(record, context);
    if (decoded.kind !== 'ok') return decoded;
    const id = dedupBy?.(decoded.value) ?? null;
    if (id !== null && context.state.get(seenIds, id) !== undefined) return drop('DUPLICATE');
    const result = handle(decoded.value, context);
    if (result.kind !== 'ok') return result;
    if (id !== null) context.state.put(seenIds, id, 1);
    return done;
  };
}
