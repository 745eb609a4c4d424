import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { OutboxLog } from '../../outbox/port.ts';
import { KafkaEventLog } from '../kafka-event-log.ts';
import type { OutgoingRecord } from '../port.ts';
import { kafkaClient } from './clients.ts';

const brokers = (process.env['EVENT_LOG_BROKERS'] ?? '').split(',').filter((broker) => broker !== '');
const topic = { name: 'events', partitions: 1, cleanup: 'keep' } as const;
const shard = 3;
const place = (seq: number) => [{ shard, fence: 1, seq }];
const record = (n: number): OutgoingRecord => ({ topic: topic.name, key: 'key', id: String(n), value: '{}' });

describe.each(['platformatic', 'kafkajs'] as const)('the end of an outbox on Kafka, by %s', (name) => {
  const source = randomUUID();
  let log: KafkaEventLog;
  let outbox: OutboxLog;
  beforeEach(async () => {
    log = new KafkaEventLog({ brokers, prefix: `test-${randomUUID()}.`, client: await kafkaClient(name) });
    await log.ensureTopics([topic]);
    outbox = log.outboxLog();
  });
  afterEach(() => log.close());
  const ids = async (): Promise<string[]> =>
    (await log.read({ topic: topic.name, partition: 0, from: 0, limit: 1_000 })).map(({ id }) => id);

  test('goal: a writer that was taken over from appends no more, and the log says how far it came', async () => {
    const first = await outbox.openWriter({ source, writer: 'first' });
    expect(await outbox.takeOver({ source, writers: [], shards: [shard, 5] })).toEqual([null, null]);
    await first.append([record(1), record(2)], place(2));
    const second = await outbox.openWriter({ source, writer: 'second' });
    expect(await outbox.takeOver({ source, writers: ['first'], shards: [5, shard] })).toEqual([null, 2]);
    await expect(first.append([record(3)], place(3))).rejects.toThrow();
    await second.append([record(3)], place(3));
    expect(await ids()).toEqual(['1', '2', '3']);
    // Another store's places are its own.
    expect(await outbox.takeOver({ source: randomUUID(), writers: [], shards: [shard] })).toEqual([null]);
  });

  test('goal: whenever it is taken over while it appends, record and place are both there or neither is', async () => {
    let carried = 0;
    for (let round = 0; round < 12; round += 1) {
      const writer = `writer-${round}`;
      const late = await outbox.openWriter({ source, writer });
      const next = carried + 1;
      const appending = late.append([record(next)], place(next)).then(
        () => true,
        () => false,
      );
      await new Promise((resolve) => setTimeout(resolve, round));
      const [known] = await outbox.takeOver({ source, writers: [writer], shards: [shard] });
      const wasTold = await appending;
      if (wasTold) expect(known).toBe(next);
      carried = known ?? 0;
      expect(await ids()).toEqual(Array.from({ length: carried }, (_, n) => String(n + 1)));
    }
  });
});
