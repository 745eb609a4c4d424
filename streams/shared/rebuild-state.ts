import type { EventLog, LogRecord, OutgoingRecord } from '../../engines/event-log/port.ts';
import { type TopicName, changelogTopic, topics } from '../../schema/topics.ts';
import { entriesOfChange } from './keyed-state.ts';
import { PartitionRunner } from './partition-runner.ts';
import type { ProcessorConfig } from './processor-config.ts';

/** A processor of whatever messages. */
export type AnyProcessor = ProcessorConfig<unknown, TopicName>;

export interface RebuiltState {
  readonly processor: string;
  /** Records of the input that were handled anew. */
  readonly records: number;
  /** Entries of the state. */
  readonly entries: number;
  /** Entries that the changelog had otherwise, or not, or too many. */
  readonly mended: number;
}

const pageRecords = 1_000;

/**
 * Computes a processor's state anew from everything that it has taken of its input, and makes its changelog say so. What it had emitted stands in the log
 * already and stays. The processor must not run meanwhile; broken off, it is to be run again.
 */
export async function rebuildState(config: AnyProcessor, eventLog: EventLog): Promise<RebuiltState> {
  const input = topics[config.input].name;
  const taken = await eventLog.lag(config.name, [input]);
  await eventLog.ensureTopics([changelogTopic(config.name, taken.length)]);
  const sum = { records: 0, entries: 0, mended: 0 };
  for (const { partition, committed } of taken) {
    const changelog = { topic: changelogTopic(config.name, 1).name, partition };
    const computed = new Map<string, string>();
    sum.records += await compute(config, { eventLog, input, changelog, until: committed, state: computed });
    const stored = new Map<string, string>();
    await pages(eventLog, { ...changelog, until: Number.POSITIVE_INFINITY }, (page) => {
      for (const record of page) set(stored, record);
    });
    const changes = differences(stored, computed).map(([key, value]) => ({ ...changelog, key, id: '', value }));
    for (let at = 0; at < changes.length; at += pageRecords) await eventLog.append(changes.slice(at, at + pageRecords));
    sum.entries += computed.size;
    sum.mended += changes.length;
  }
  return { processor: config.name, ...sum };
}

interface Computation {
  readonly eventLog: EventLog;
  readonly input: string;
  readonly changelog: { readonly topic: string; readonly partition: number };
  /** The first offset that the processor has not taken. */
  readonly until: number;
  readonly state: Map<string, string>;
}

async function compute(
  config: AnyProcessor,
  { eventLog, input, changelog, until, state }: Computation,
): Promise<number> {
  const { topic, partition } = changelog;
  const runner = new PartitionRunner(config, {
    changelog: topic,
    partition,
    nowMs: Date.now,
    onOutcome: () => undefined,
  });
  return pages(eventLog, { topic: input, partition, until }, (page) => {
    const changes = runner.handle(page).filter((record: OutgoingRecord) => record.topic === topic);
    for (const record of changes) set(state, record);
  });
}

async function pages(
  eventLog: EventLog,
  { topic, partition, until }: { topic: string; partition: number; until: number },
  take: (page: readonly LogRecord[]) => void,
): Promise<number> {
  let count = 0;
  for (let from = 0; from < until;) {
    const read = await eventLog.read({ topic, partition, from, limit: pageRecords });
    const last = read.at(-1);
    if (!last) break;
    const page = read.filter(({ offset }) => offset < until);
    take(page);
    count += page.length;
    from = last.offset + 1;
  }
  return count;
}

function set(state: Map<string, string>, change: Pick<LogRecord, 'key' | 'value'>): void {
  for (const [key, value] of entriesOfChange(change)) {
    if (value === null) state.delete(key);
    else state.set(key, value);
  }
}

function differences(
  stored: ReadonlyMap<string, string>,
  computed: ReadonlyMap<string, string>,
): (readonly [string, string | null])[] {
  const changed = [...computed].filter(([key, value]) => stored.get(key) !== value);
  const surplus = [...stored.keys()].filter((key) => !computed.has(key)).map((key) => [key, null] as const);
  return [...changed, ...surplus];
}
