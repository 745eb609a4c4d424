import type { LogRecord, OutgoingRecord } from '../../engines/event-log/port.ts';
import { type DeadLetter, deadLetterSchema } from '../../schema/dead-letter.ts';
import { type TopicName, topics } from '../../schema/topics.ts';
import { PartitionRunner } from './partition-runner.ts';
import type { ProcessorConfig } from './processor-config.ts';
import type { StateView } from './state.ts';
import { done, ok } from './step.ts';

/** A record as the log would hand it over, for tests: say what matters, the rest is made up. */
export function recordOf(
  given: Partial<LogRecord> & { readonly value: string | null; readonly offset: number },
): LogRecord {
  return {
    topic: topics.events.name,
    partition: 0,
    key: 'key',
    id: `id-${given.offset}`,
    appendedAtMs: 1_700_000_000_000,
    ...given,
  };
}

/** What a processor did with records, for given-when-then tests without a log. */
export interface DryRun {
  readonly outcomes: readonly string[];
  readonly deadLetters: readonly DeadLetter[];
  readonly state: StateView;
  /** Everything to append, changelog included. */
  readonly outgoing: readonly OutgoingRecord[];
  /** The parsed values emitted to one topic. */
  emitted(output: TopicName): readonly unknown[];
}

/** Runs one partition of a processor in memory, as one batch, on an empty state or one restored from `changelog`. */
export function dryRun<M, Out extends TopicName>(
  config: ProcessorConfig<M, Out>,
  records: readonly LogRecord[],
  changelog: readonly LogRecord[] = [],
): DryRun {
  const outcomes: string[] = [];
  const runner = new PartitionRunner(config, {
    changelog: 'changelog',
    partition: records[0]?.partition ?? 0,
    nowMs: () => 0,
    onOutcome: (outcome, reason) => outcomes.push(reason === '' ? outcome : `${outcome} ${reason}`),
  });
  for (const record of changelog) runner.restore(record);
  const outgoing = runner.handle(records);
  const valuesOf = (topic: string): unknown[] =>
    outgoing.filter((record) => record.topic === topic).map((record) => JSON.parse(record.value ?? 'null') as unknown);
  return {
    outcomes,
    outgoing,
    state: runner.state,
    deadLetters: valuesOf(topics.deadLetters.name).map((value) => deadLetterSchema.parse(value)),
    emitted: (output) => valuesOf(topics[output].name),
  };
}

/** The changelog records of a dry run as the log would give them back. */
export function changelogOf(run: DryRun): readonly LogRecord[] {
  return run.outgoing
    .filter((record) => record.topic === 'changelog')
    .map((record, offset) =>
      recordOf({ topic: 'changelog', key: record.key, id: record.id, value: record.value, offset }),
    );
}

/** Does what a record says: `throw`, `die` (its thread ends) or nothing. */
export const brittleProcessor: ProcessorConfig<string | null, never> = {
  name: 'brittle',
  input: 'events',
  outputs: [],
  stores: [],
  decode: ({ value }) => ok(value),
  handle(value) {
    if (value === 'throw') throw new RangeError('a secret');
    if (value === 'die') process.exit(1);
    return done;
  },
};
