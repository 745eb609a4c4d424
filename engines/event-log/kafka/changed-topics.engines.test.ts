import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Admin, ConfigResourceTypes, IncrementalAlterConfigOperationTypes } from '@platformatic/kafka';
import { openEngines } from '../../../composition/engines.ts';
import { readConfig } from '../../../runtime/config.ts';
import { createLogger } from '../../../runtime/logger.ts';
import { topics } from '../../../schema/topics.ts';
import { KafkaEventLog } from '../kafka-event-log.ts';
import { TopicError } from '../port.ts';
import type { KafkaClient } from './client.ts';
import { kafkaClient } from './clients.ts';

const brokers = (process.env['EVENT_LOG_BROKERS'] ?? '').split(',').filter((broker) => broker !== '');
const group = 'group';
const kept = { name: 'kept', partitions: 1, cleanup: 'keep' } as const;
const states = { name: 'states', partitions: 2, cleanup: 'compact' } as const;

let admin: Admin;
beforeAll(() => {
  admin = new Admin({ clientId: 'test', bootstrapBrokers: brokers });
});
afterAll(() => admin.close());

const set = (resourceName: string, name: string, value: string): Promise<void> =>
  admin.incrementalAlterConfigs({
    resources: [
      {
        resourceType: ConfigResourceTypes.TOPIC,
        resourceName,
        configs: [{ name, value, configOperation: IncrementalAlterConfigOperationTypes.SET }],
      },
    ],
  });
/** The controller has taken a change before the broker that is asked has heard of it. */
async function refusalOf(work: () => Promise<unknown>): Promise<Error> {
  for (;;) {
    const error: unknown = await work().catch((reason: unknown) => reason);
    if (error instanceof Error) return error;
    await sleep(20);
  }
}
const grow = (name: string, count: number): Promise<void> =>
  admin.createPartitions({ topics: [{ name, count, assignments: null }] });

describe.each(['platformatic', 'kafkajs'] as const)('topics that somebody changed, by %s', (client) => {
  async function withLog(use: (log: KafkaEventLog, prefix: string) => Promise<void>): Promise<void> {
    const prefix = `test-${randomUUID()}.`;
    const log = new KafkaEventLog({ client: await kafkaClient(client), brokers, prefix });
    try {
      await log.ensureTopics([kept, states]);
      await use(log, prefix);
    } finally {
      await log.close();
    }
  }

  test.each([
    [kept, 'retention.ms', '604800000', 'retention.ms=604800000: set it to -1'],
    [kept, 'retention.bytes', '1000000', 'retention.bytes=1000000: set it to -1'],
    [kept, 'max.message.bytes', '1000', 'max.message.bytes=1000: set it to 8388608'],
    [states, 'max.message.bytes', '1000', 'max.message.bytes=1000: set it to 8388608'],
    [kept, 'cleanup.policy', 'compact', "cleanup.policy=compact, not what 'keep' needs"],
    [states, 'cleanup.policy', 'delete', "cleanup.policy=delete, not what 'compact' needs"],
    [states, 'cleanup.policy', 'compact,delete', "cleanup.policy=compact,delete, not what 'compact' needs"],
  ])('goal: a setting by which records would be lost is told: %o %s=%s', (spec, name, value, told) =>
    withLog(async (log, prefix) => {
      await set(prefix + spec.name, name, value);
      const error = await refusalOf(() => log.ensureTopics([kept, states]));
      expect(error).toBeInstanceOf(TopicError);
      expect(error.message).toContain(`topic ${prefix}${spec.name} has ${told}`);
    }),
  );

  test('goal: states of fewer partitions than their input has now say that it has grown', () =>
    withLog(async (log) => {
      await expect(log.ensureTopics([{ ...states, partitions: 3 }])).rejects.toThrow(
        /states has 2 partitions and 3 are asked for: .* was given more since .* Kafka takes no partitions back/,
      );
    }));

  test('goal: a group beyond the end of its topic is a fault, not one that has nothing left to do', () =>
    withLog(async (log, prefix) => {
      await log.append([{ topic: kept.name, key: 'k', id: '1', value: '1' }]);
      expect(await log.lag(group, [kept.name])).toMatchObject([{ committed: 0, end: 2, lag: 2 }]);
      const [topic, groupId] = [prefix + kept.name, prefix + group];
      await admin.alterConsumerGroupOffsets({
        groupId,
        topics: [{ name: topic, partitionOffsets: [{ partition: 0, offset: 9n }] }],
      });
      const asking = log.lag(group, [kept.name]);
      await expect(asking).rejects.toBeInstanceOf(TopicError);
      await expect(asking).rejects.toThrow(/group is to go on at offset 9 of kept\/0, which ends at 2: /);
    }));
});

test.each(['platformatic', 'kafkajs'] as const)(
  'goal: a broker that soon forgets where groups were is told of, and one that does not is not: %s',
  async (name) => {
    const client = await kafkaClient(name);
    const minutes = { at: null as string | null };
    const openAdmin: KafkaClient['openAdmin'] = async (address) => {
      const real = await client.openAdmin(address);
      // The broker of these tests forgets nothing; what it would be if it did can be told at its start only.
      return { ...real, brokerSetting: async (of) => minutes.at ?? real.brokerSetting(of) };
    };
    const log = new KafkaEventLog({ client: { ...client, openAdmin }, brokers });
    expect(await log.notices()).toEqual([]);
    const admin = await client.openAdmin({
      brokers,
      prefix: '',
      security: { tls: false, login: null },
      connectMsMax: 3_000,
      requestMsMax: 30_000,
    });
    expect(await admin.brokerSetting('offsets.retention.minutes')).toBe('2147483647');
    await admin.close();
    minutes.at = '10080';
    expect(await log.notices()).toEqual([
      expect.stringMatching(/^Kafka forgets where a group was 10080 minutes after/),
    ]);
    await log.close();
  },
);

test('goal: at the start, a topic that must have one partition and has more is refused; others that grew are told', async () => {
  const prefix = `test-${randomUUID()}.`;
  const directory = mkdtempSync(join(tmpdir(), 'vcos-test-grown-'));
  const config = readConfig({
    EVENT_LOG_BROKERS: brokers.join(),
    EVENT_LOG_PREFIX: prefix,
    DATA_DIR: directory,
    PORT: '0',
  });
  const told: string[] = [];
  const logger = { ...createLogger('silent'), warn: (text: string) => void told.push(text) } as ReturnType<
    typeof createLogger
  >;
  try {
    await (await openEngines(config, { logger })).close();
    expect(told).toEqual([]);
    await grow(prefix + topics.events.name, 9);
    while (told.length === 0) await (await openEngines(config, { logger })).close();
    expect(told).toEqual([expect.stringMatching(/^topic vcos\.events has 9 partitions, not \d \(EVENT_PARTITIONS\)/)]);
    await grow(prefix + topics.reputationEvidence.name, 2);
    const { message } = await refusalOf(async () => (await openEngines(config, { logger })).close());
    expect(message).toMatch(/^topic vcos\.reputation\.evidence has 2 partitions and must have one/);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
