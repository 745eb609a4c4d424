import { z } from 'zod';
import type { LogRecord, OutgoingRecord } from '../../engines/event-log/port.ts';
import { type TopicName, type TopicSpec, topics } from '../../schema/topics.ts';
import { isRow } from '../../schema/warehouse/row-text.ts';
import { deadLetterRecord } from './dead-letters.ts';
import { fitsJson } from './fits-json.ts';
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
  /** Whether rows are checked where they are written; unless told, they are. */
  readonly checksRows?: boolean | undefined;
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
  readonly #checksRows: boolean;

  constructor(config: ProcessorConfig<M, Out>, options: RunnerOptions) {
    this.#config = config;
    this.#options = options;
    this.#limits = { ...defaultLimits, ...config.limits };
    const stores = config.dedupBy ? [...config.stores, seenIds] : config.stores;
    this.#state = new KeyedState(stores, this.#limits.stateEntryCharsMax);
    this.#run = withDedup(config);
    this.#checksRows = options.checksRows ?? true;
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
    const outgoing = new Outgoing<Out>(this.#checksRows);
    for (const record of records) this.#handleOne(record, outgoing);
    const { changelog, partition } = this.#options;
    return outgoing.take(this.#state.takeChanges({ topic: changelog, partition }));
  }

  #handleOne(record: LogRecord, outgoing: Outgoing<Out>): void {
    const emitted: Emitted<Out>[] = [];
    const context: StepContext<Out> = {
      record,
      state: this.#state,
      emit: (output, emission) => emitted.push(this.#emitted(output, emission, emitted.length)),
    };
    const { result, error } = attempt(() => this.#run(record, context));
    if (result.kind === 'ok') {
      this.#state.keep();
      for (const each of emitted) outgoing.emit(each);
    } else {
      this.#state.undo();
    }
    if (result.kind === 'deadLetter') {
      outgoing.add(
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
      outgoing.add({ topic: topics[result.to].name, key: record.key, id: record.id, value: record.value });
    this.#options.onOutcome(result.kind, result.kind === 'ok' ? '' : result.reason, record, error);
  }

  #emitted(output: Out, emission: Emission, already: number): Emitted<Out> {
    const { emissionsMax, emissionCharsMax } = this.#limits;
    if (already >= emissionsMax) throw new RangeError(`a message may emit at most ${emissionsMax} records`);
    const { newestOf } = emission;
    // What a later message of the batch may replace is written down at the end, if it is still there.
    if (newestOf !== undefined && fitsJson(emission.value, emissionCharsMax))
      return { output, newestOf, content: { output, emission } };
    const text = JSON.stringify(emission.value);
    if (text.length > emissionCharsMax)
      throw new RangeError(
        `an emission to ${output} takes ${text.length} characters, at most ${emissionCharsMax} are allowed`,
      );
    return { output, newestOf, content: recordOf(output, emission, { value: text, checksRow: this.#checksRows }) };
  }
}

/** An emission that is not written down yet. */
interface Unwritten<Out extends TopicName> {
  readonly output: Out;
  readonly emission: Emission;
}

/** What a message emits: as a record as soon as it can be, since what it was made of need not be kept until the batch ends. */
interface Emitted<Out extends TopicName> {
  readonly output: Out;
  readonly newestOf: string | undefined;
  readonly content: OutgoingRecord | Unwritten<Out>;
}

/** What a batch appends, in the order in which it came about. */
class Outgoing<Out extends TopicName> {
  readonly #records: (OutgoingRecord | Unwritten<Out> | null)[] = [];
  /** Places of those that a later one takes the place of, by output and what they are the newest of. */
  readonly #newest = new Map<Out, Map<string, number>>();
  readonly #checksRows: boolean;

  constructor(checksRows: boolean) {
    this.#checksRows = checksRows;
  }

  add(record: OutgoingRecord): void {
    this.#records.push(record);
  }

  emit({ output, newestOf, content }: Emitted<Out>): void {
    if (newestOf !== undefined) this.#replace(output, newestOf);
    this.#records.push(content);
  }

  #replace(output: Out, newestOf: string): void {
    const places = this.#newest.get(output) ?? new Map<string, number>();
    if (places.size === 0) this.#newest.set(output, places);
    const earlier = places.get(newestOf);
    if (earlier !== undefined) this.#records[earlier] = null;
    places.set(newestOf, this.#records.length);
  }

  /** Everything that is still wanted, and these behind it. */
  take(others: readonly OutgoingRecord[]): readonly OutgoingRecord[] {
    const taken: OutgoingRecord[] = [];
    for (const each of this.#records) {
      if (each === null) continue;
      taken.push('emission' in each ? this.#written(each) : each);
    }
    for (const each of others) taken.push(each);
    return taken;
  }

  #written({ output, emission }: Unwritten<Out>): OutgoingRecord {
    return recordOf(output, emission, { value: JSON.stringify(emission.value), checksRow: this.#checksRows });
  }
}

function recordOf(
  output: TopicName,
  { key, id, partition, value: row }: Emission,
  { value, checksRow }: { readonly value: string; readonly checksRow: boolean },
): OutgoingRecord {
  const { name, rowsOf }: TopicSpec = topics[output];
  const rowOf = checksRow && rowsOf !== undefined && isRow(rowsOf, row) ? rowsOf : undefined;
  return { topic: name, key, id, value, rowOf, partition };
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
