import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { Admin } from '@platformatic/kafka';
import { KafkaEventLog } from '../kafka-event-log.ts';
import type { TopicPartition } from '../port.ts';
import { kafkaClient } from './clients.ts';

const brokers = (process.env['EVENT_LOG_BROKERS'] ?? '').split(',').filter((broker) => broker !== '');
const topic = 'input';
const clients = ['platformatic', 'kafkajs'] as const;

async function withLog(
  client: (typeof clients)[number],
  use: (log: KafkaEventLog, prefix: string) => Promise<void>,
): Promise<void> {
  const prefix = `test-${randomUUID()}.`;
  const log = new KafkaEventLog({ client: await kafkaClient(client), brokers, prefix });
  try {
    await log.ensureTopics([{ name: topic, partitions: 2, cleanup: 'keep' }]);
    for (const partition of [0, 1])
      for (const n of [0, 1, 2])
        await log.append([{ topic, key: 'k', id: `${partition}-${n}`, value: '1', partition }]);
    await use(log, prefix);
  } finally {
    await log.close();
  }
}

/** Removes what lies before an offset of partition 0, as the end of its retention does. */
async function expire(prefix: string, offset: bigint): Promise<void> {
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: brokers });
  await admin.deleteRecords({ topics: [{ name: prefix + topic, partitions: [{ partition: 0, offset }] }] });
  await admin.close();
}

interface Consumed {
  readonly ids: string[];
  readonly failures: [string, TopicPartition | null][];
  close(): Promise<void>;
}

async function consume(log: KafkaEventLog): Promise<Consumed> {
  const ids: string[] = [];
  const failures: [string, TopicPartition | null][] = [];
  const consumer = await log.consume({
    ...{ group: 'group', topics: [topic], batchMax: 10 },
    onBatch: async ({ records }) => (ids.push(...records.map(({ id }) => id)), []),
    onError: (error, where) => void failures.push([(error as Error).message, where]),
  });
  return { ids, failures, close: () => consumer.close() };
}

const polled = { timeout: 20_000, interval: 20 };

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + polled.timeout;
  while (!holds() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, polled.interval));
}

test.each(clients)(
  'goal: what has expired is as if it had never been: reads, tails and new groups begin where the log still has something (%s)',
  (client) =>
    withLog(client, async (log, prefix) => {
      await expire(prefix, 4n);
      const read = await log.read({ topic, partition: 0, from: 0, limit: 10 });
      expect(read.map(({ id }) => id)).toEqual(['0-2']);
      const tail = log.tail({ topic, from: 'start' });
      const tailed: string[] = [];
      for await (const { id } of tail) if (tailed.push(id) === 4) break;
      expect(tailed.toSorted()).toEqual(['0-2', '1-0', '1-1', '1-2']);
      const consumed = await consume(log);
      await until(() => consumed.ids.length === 4);
      await consumed.close();
      expect(consumed.ids.toSorted()).toEqual(['0-2', '1-0', '1-1', '1-2']);
      expect(consumed.failures).toEqual([]);
    }),
);

test.each(clients)(
  'goal: a group whose next record was removed is told so by partition, topic and group, and goes on with the other partitions (%s)',
  (client) =>
    withLog(client, async (log, prefix) => {
      const before = await consume(log);
      await until(() => before.ids.length === 6);
      await before.close();
      for (const partition of [0, 1])
        for (const n of [3, 4]) {
          await log.append([{ topic, key: 'k', id: `${partition}-${n}`, value: '1', partition }]);
        }
      await expire(prefix, 8n);
      const consumed = await consume(log);
      await until(() => consumed.ids.length === 2 && consumed.failures.length > 0);
      await consumed.close();
      expect(consumed.ids).toEqual(['1-3', '1-4']);
      const [[message, where] = []] = consumed.failures;
      expect(message).toContain('input/0 has no offset 6, at which group group is to go on');
      expect(where).toEqual({ topic, partition: 0 });
    }),
);
