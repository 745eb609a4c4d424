import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { KafkaEventLog } from '../kafka-event-log.ts';
import { kafkaClient } from './clients.ts';
import { type Joined, type Wire, isWireError } from './wire.ts';

const brokers = (process.env['EVENT_LOG_BROKERS'] ?? '').split(',').filter((broker) => broker !== '');
const topic = 'input';
const group = 'group';

const joinAs = (wire: Wire, memberId = ''): Promise<Joined> =>
  wire.join({ group, memberId, topics: [topic], text: '', sessionMsMax: 10_000, rebalanceMsMax: 10_000 });

const syncAs = (wire: Wire, { members, memberId, generation }: Joined): Promise<string> =>
  wire.sync({ group, memberId, generation, assignments: members.map((each) => ({ ...each, text: '' })) });

/** Resolves when the group shares out anew. */
async function asked(wire: Wire, membership: Joined): Promise<void> {
  for (;;) {
    try {
      await wire.heartbeat(membership);
      await sleep(10);
    } catch (error) {
      if (isWireError(error, 'REBALANCE_IN_PROGRESS')) return;
      throw error;
    }
  }
}

test.each(['platformatic', 'kafkajs'] as const)(
  'goal: an offset that is moved without a transaction is refused to members of an earlier generation and to strangers (%s)',
  async (name) => {
    const client = await kafkaClient(name);
    const prefix = `test-${randomUUID()}.`;
    const log = new KafkaEventLog({ client, brokers, prefix });
    await log.ensureTopics([{ name: topic, partitions: 1, cleanup: 'keep' }]);
    const security = { tls: false, login: null };
    const address = { brokers, prefix, security, connectMsMax: 3_000, requestMsMax: 30_000 };
    const [one, other, reader] = [client.openWire(address), client.openWire(address), client.openWire(address)];
    const save = (membership: Joined, next: number): Promise<unknown> =>
      one.saveOffset(membership, { group, topic, partition: 0, next }).catch((error: unknown) => error);
    const first = await joinAs(one);
    await syncAs(one, first);
    expect(await save(first, 5)).toBeUndefined();
    const joining = joinAs(other);
    await asked(one, first);
    const [second, heir] = await Promise.all([joinAs(one, first.memberId), joining]);
    await Promise.all([syncAs(one, second), syncAs(other, heir)]);
    expect(await save(first, 3)).toMatchObject({ code: 'ILLEGAL_GENERATION' });
    expect(await save({ ...second, memberId: 'nobody' }, 3)).toMatchObject({ code: 'UNKNOWN_MEMBER_ID' });
    expect(await reader.committed(group, topic, [0])).toEqual([5]);
    expect(await save(second, 7)).toBeUndefined();
    expect(await reader.committed(group, topic, [0])).toEqual([7]);
    for (const wire of [one, other, reader]) await wire.close();
    await log.close();
  },
);

test('goal: members without outputs come and go while records do, and the group’s offsets reach the end', async () => {
  const log = new KafkaEventLog({
    client: await kafkaClient('platformatic'),
    brokers,
    prefix: `test-${randomUUID()}.`,
  });
  await log.ensureTopics([{ name: topic, partitions: 4, cleanup: 'keep' }]);
  const seen = new Set<string>();
  const member = () =>
    log.consume({
      ...{ group, topics: [topic], batchMax: 7, lingerMs: 1 },
      onBatch: ({ records }) => {
        for (const { id } of records) seen.add(id);
        return Promise.resolve([]);
      },
      onError: () => undefined,
    });
  const members = [await member()];
  for (let round = 0; round < 6; round++) {
    const ids = Array.from({ length: 50 }, (_, n) => `${round}-${n}`);
    await log.append(ids.map((id) => ({ topic, key: id, id, value: '{}' })));
    if (round % 2 === 0) members.push(await member());
    else await members.shift()?.close();
  }
  while ((await log.lag(group, [topic])).some(({ lag }) => lag > 0)) await sleep(20);
  expect(seen.size).toBe(300);
  await log.close();
});
