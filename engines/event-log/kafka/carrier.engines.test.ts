import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { openSqliteFile } from '../../sqlite/sqlite-file.ts';
import { testDirectory } from '../../sqlite/testing.ts';
import { KafkaEventLog } from '../kafka-event-log.ts';
import { kafkaClient } from './clients.ts';
import { SqliteEventLog } from '../sqlite-event-log.ts';

const brokers = (process.env['EVENT_LOG_BROKERS'] ?? '').split(',').filter((broker) => broker !== '');
const spec = { name: 'events', partitions: 3, cleanup: 'keep' } as const;

test('goal: whatever the embedded log committed is in Kafka once and in order, however often the process dies in between', async () => {
  const directory = await testDirectory();
  const client = await kafkaClient('platformatic');
  const [prefix, name] = [`test-${randomUUID()}.`, randomUUID()];
  const reader = new KafkaEventLog({ brokers, prefix, client });
  await reader.ensureTopics([spec]);
  const written: string[] = [];
  for (let life = 0; life < 6; life++) {
    const file = openSqliteFile(directory.path);
    const source = new SqliteEventLog(file, { onClosed: () => file.close() });
    await source.ensureTopics([spec]);
    const log = new KafkaEventLog({ brokers, prefix, client });
    const carrier = await log.carry({ source, topics: [spec.name], name, onError: () => undefined });
    for (let n = 0; n < 40; n++) {
      const ids = Array.from({ length: 5 }, (_, k) => `${life}-${n}-${k}`);
      await source.append(ids.map((id) => ({ topic: spec.name, key: `key-${id.at(-1)}`, id, value: '{}' })));
      written.push(...ids);
      if (n === 20 + 3 * life) await sleep(life * 7);
    }
    if (life < 5) {
      // Dies at once, with whatever is on its way.
      file.abandon();
      await log.abandon();
      continue;
    }
    await carrier.settled();
    expect(await carrier.depth()).toEqual({ records: 0, ageMs: 0 });
    await carrier.close();
    await Promise.all([log.close(), source.close()]);
  }
  const found: { key: string; id: string }[] = [];
  for (let partition = 0; partition < spec.partitions; partition++) {
    found.push(...(await reader.read({ topic: spec.name, partition, from: 0, limit: 10_000 })));
  }
  for (let key = 0; key < 5; key++) {
    const ids = found.filter((record) => record.key === `key-${key}`).map(({ id }) => id);
    expect(ids).toEqual(written.filter((id) => id.endsWith(`-${key}`)));
  }
  expect(found).toHaveLength(written.length);
  await reader.close();
  await directory.remove();
});
