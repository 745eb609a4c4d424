import type {
  EventLog,
  LogConsumer,
  LogRecord,
  OutgoingRecord,
  RecordBatch,
  TopicPartition,
} from '../../engines/event-log/port.ts';
import { type TopicName, changelogTopic, topics } from '../../schema/topics.ts';
import { PartitionThread } from './partition-thread.ts';
import { LocalPartitions, type Partitions } from './partitions.ts';
import { type ProcessorConfig, defaultLimits } from './processor-config.ts';
import type { Stage, StageDeps } from './stage.ts';
import { Tally } from './tally.ts';

const restorePageRecords = 1_000;

/**
 * Runs a processor on the log. Each partition that it is assigned gets state of its own, restored from the changelog first.
 * `start` rejects where the input or an output topic does not exist.
 */
export function createProcessor<M, Out extends TopicName>(config: ProcessorConfig<M, Out>, deps: StageDeps): Stage {
  const { eventLog } = deps;
  const logger = deps.logger.child({ stage: config.name });
  const tally = new Tally(config.name, deps.metrics);
  const limits = { ...defaultLimits, ...config.limits };
  const input = topics[config.input].name;
  const changelog = changelogTopic(config.name, 1).name;
  const partitions = partitionsOf(config, changelog, deps);
  let consumer: LogConsumer | null = null;

  async function onAssigned({ partition }: TopicPartition): Promise<void> {
    await partitions.begin(partition);
    const take = (page: readonly LogRecord[]): Promise<void> => partitions.restore(partition, page);
    const entries = await restore({ eventLog, topic: changelog, partition, take });
    logger.info({ partition, entries }, 'state restored');
  }

  async function onBatch({ partition, records }: RecordBatch): Promise<readonly OutgoingRecord[]> {
    const { outgoing, outcomes, putAside, tookMs } = await partitions.handle(partition, records);
    for (const { outcome, reason, count } of outcomes) tally.count(outcome, reason, count);
    for (const { offset, reason, thrown } of putAside) {
      const stack = thrown ? { error: thrown.name, at: thrown.at } : {};
      logger.warn({ reason, topic: input, partition, offset, ...stack }, 'message put aside as a dead letter');
    }
    tally.batch(records.length, tookMs);
    return outgoing;
  }

  return {
    name: config.name,
    stats: () => tally.stats(),
    lag: () => eventLog.lag(config.name, [input]),
    async start() {
      const count = await eventLog.partitionsOf(input);
      for (const output of [...config.outputs, 'deadLetters' as const])
        await eventLog.partitionsOf(topics[output].name);
      await eventLog.ensureTopics([changelogTopic(config.name, count)]);
      consumer = await eventLog.consume({
        group: config.name,
        topics: [input],
        batchMax: limits.batchMax,
        lingerMs: limits.lingerMs,
        handlesAhead: true,
        onAssigned,
        onRevoked: ({ partition }) => partitions.end(partition),
        onBatch,
        onError(error, where) {
          tally.failure();
          logger.error({ err: error, partition: where?.partition }, 'batch failed; it will be tried again');
        },
      });
    },
    async stop() {
      await consumer?.close();
      consumer = null;
      await partitions.close();
    },
  };
}

/** Reads a changelog partition to its end. Returns the number of records. */
async function restore(source: {
  eventLog: EventLog;
  topic: string;
  partition: number;
  take: (page: readonly LogRecord[]) => Promise<void>;
}): Promise<number> {
  const { eventLog, topic, partition, take } = source;
  let from = 0;
  let count = 0;
  for (;;) {
    const page = await eventLog.read({ topic, partition, from, limit: restorePageRecords });
    const last = page.at(-1);
    if (!last) return count;
    await take(page);
    count += page.length;
    from = last.offset + 1;
  }
}

/** On a thread of its own where that is wanted and the processor can be found from there; a clock that a test sets cannot. */
function partitionsOf<M, Out extends TopicName>(
  config: ProcessorConfig<M, Out>,
  changelog: string,
  { eventLog, hasThreads = false, nowMs }: StageDeps,
): Partitions {
  const options = { changelog, checksRows: eventLog.passesRowOf };
  if (hasThreads && config.place && nowMs === undefined)
    return new PartitionThread({ place: config.place, ...options });
  const local = new LocalPartitions(config, { ...options, nowMs: nowMs ?? Date.now });
  return {
    begin: async (partition) => local.begin(partition),
    restore: async (partition, records) => local.restore(partition, records),
    handle: async (partition, records) => local.handle(partition, records),
    end: async (partition) => local.end(partition),
    close: async () => undefined,
  };
}
