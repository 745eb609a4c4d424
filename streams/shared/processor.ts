import type { EventLog, LogConsumer, LogRecord, RecordBatch, TopicPartition } from '../../engines/event-log/port.ts';
import { type TopicName, changelogTopic, topics } from '../../schema/topics.ts';
import { PartitionRunner } from './partition-runner.ts';
import { type ProcessorConfig, defaultLimits } from './processor-config.ts';
import type { Outcome, Stage, StageDeps } from './stage.ts';
import { Tally } from './tally.ts';

const restorePageRecords = 1_000;

/**
 * Runs a processor on the log. Each partition that it is assigned gets state of its own, restored from the changelog first.
 * `start` rejects where the input or an output topic does not exist.
 */
export function createProcessor<M, Out extends TopicName>(config: ProcessorConfig<M, Out>, deps: StageDeps): Stage {
  const { eventLog } = deps;
  const logger = deps.logger.child({ stage: config.name });
  const nowMs = deps.nowMs ?? Date.now;
  const tally = new Tally(config.name, deps.metrics);
  const limits = { ...defaultLimits, ...config.limits };
  const input = topics[config.input].name;
  const changelog = changelogTopic(config.name, 1).name;
  const runners = new Map<number, PartitionRunner<M, Out>>();
  let consumer: LogConsumer | null = null;

  function onOutcome(outcome: Outcome, reason: string, record: LogRecord, error?: unknown): void {
    tally.count(outcome, reason);
    if (outcome !== 'deadLetter') return;
    const stack = error instanceof Error ? { error: error.name, at: stackFrames(error) } : {};
    logger.warn(
      { reason, topic: record.topic, partition: record.partition, offset: record.offset, ...stack },
      'message put aside as a dead letter',
    );
  }

  async function onAssigned({ partition }: TopicPartition): Promise<void> {
    const runner = new PartitionRunner(config, { changelog, partition, nowMs, onOutcome });
    const entries = await restore({ eventLog, topic: changelog, partition, take: (record) => runner.restore(record) });
    runners.set(partition, runner);
    logger.info({ partition, entries }, 'state restored');
  }

  function onBatch(batch: RecordBatch): ReturnType<PartitionRunner<M, Out>['handle']> {
    const runner = runners.get(batch.partition);
    if (!runner) throw new Error(`partition ${batch.partition} of ${batch.topic} came without having been assigned`);
    const startedAt = performance.now();
    const outgoing = runner.handle(batch.records);
    tally.batch(batch.records.length, performance.now() - startedAt);
    return outgoing;
  }

  return {
    name: config.name,
    stats: () => tally.stats(),
    lag: () => eventLog.lag(config.name, [input]),
    async start() {
      const partitions = await eventLog.partitionsOf(input);
      for (const output of [...config.outputs, 'deadLetters' as const])
        await eventLog.partitionsOf(topics[output].name);
      await eventLog.ensureTopics([changelogTopic(config.name, partitions)]);
      consumer = await eventLog.consume({
        group: config.name,
        topics: [input],
        batchMax: limits.batchMax,
        lingerMs: limits.lingerMs,
        handlesAhead: true,
        onAssigned,
        onRevoked: async ({ partition }) => void runners.delete(partition),
        onBatch: async (batch) => onBatch(batch),
        onError(error, where) {
          tally.failure();
          logger.error({ err: error, partition: where?.partition }, 'batch failed; it will be tried again');
        },
      });
    },
    async stop() {
      await consumer?.close();
      consumer = null;
    },
  };
}

/** Reads a changelog partition to its end. Returns the number of records. */
async function restore(source: {
  eventLog: EventLog;
  topic: string;
  partition: number;
  take: (record: LogRecord) => void;
}): Promise<number> {
  const { eventLog, topic, partition, take } = source;
  let from = 0;
  let count = 0;
  for (;;) {
    const page = await eventLog.read({ topic, partition, from, limit: restorePageRecords });
    const last = page.at(-1);
    if (!last) return count;
    page.forEach(take);
    count += page.length;
    from = last.offset + 1;
  }
}

/** Where an error came from, without its message, which may quote data. */
function stackFrames(error: Error): readonly string[] {
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => line.trimStart().startsWith('at '))
    .slice(0, 5)
    .map((line) => line.trim());
}
