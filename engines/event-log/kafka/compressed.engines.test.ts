import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { Producer, stringSerializers } from '@platformatic/kafka';
import { KafkaEventLog } from '../kafka-event-log.ts';
import { kafkaClient } from './clients.ts';

const brokers = (process.env['EVENT_LOG_BROKERS'] ?? '').split(',').filter((broker) => broker !== '');
const compressions = ['gzip', 'snappy', 'lz4', 'zstd'] as const;

test.each(['platformatic', 'kafkajs'] as const)(
  'goal: what others wrote compressed is read, however Kafka lets them compress it (%s)',
  async (client) => {
    const prefix = `test-${randomUUID()}.`;
    const log = new KafkaEventLog({ client: await kafkaClient(client), brokers, prefix });
    await log.ensureTopics([{ name: 'input', partitions: 1, cleanup: 'keep' }]);
    const producer = new Producer({ clientId: 'test', bootstrapBrokers: [...brokers], serializers: stringSerializers });
    for (const compression of compressions)
      await producer.send({
        compression,
        acks: -1,
        messages: [{ topic: `${prefix}input`, key: 'k', value: compression }],
      });
    await producer.close();
    const read = await log.read({ topic: 'input', partition: 0, from: 0, limit: 10 });
    expect(read.map(({ value }) => value)).toEqual(compressions);
    await log.close();
  },
);
