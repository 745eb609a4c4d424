import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type TestNeo4j, startTestNeo4j } from '../../../infra/jvm/neo4j/testing.ts';
import { partitionOf } from '../../event-log/partitioner.ts';
import type { OutgoingRecord } from '../../event-log/port.ts';
import type { HeldShard, OutboxLog, OutboxWriter } from '../../outbox/port.ts';
import { OutboxRelay } from '../../outbox/relay.ts';
import type { Neo4jDatabase } from './database.ts';
import { openNeo4jDatabase } from './open-database.ts';
import { Neo4jOutbox, storeRecords, wasCommitted } from './outbox.ts';

jest.setTimeout(120_000);

let server: TestNeo4j;
let database: Neo4jDatabase;
let close = (): Promise<void> => Promise.resolve();
beforeAll(async () => {
  server = await startTestNeo4j({ shared: true });
});
beforeEach(async () => {
  await close();
  await server.empty();
  database = await openNeo4jDatabase(server);
  close = () => database.close();
});
afterAll(async () => {
  await close();
  await server.stop();
});

const record = (key: string, n: number): OutgoingRecord => ({ topic: 't', key, id: `${key}-${n}`, value: String(n) });

async function commit(key: string, count: number, from = 0): Promise<void> {
  for (let n = from; n < from + count; n++) await database.transact((run) => storeRecords(run, [record(key, n)]));
}

/** A log that keeps places, and fails when told to: before or after it has taken what it is given. */
class Log implements OutboxLog {
  readonly taken: OutgoingRecord[] = [];
  readonly #places = new Map<number, number>();
  readonly #fenced = new Set<string>();
  failures = 0;
  lostAnswers = 0;

  async openWriter({ writer }: { readonly writer: string }): Promise<OutboxWriter> {
    return {
      append: async (records, places) => {
        if (this.#fenced.has(writer)) throw new Error('somebody else has taken over');
        if (this.failures-- > 0) throw new Error('the log is away');
        this.taken.push(...records);
        for (const { shard, seq } of places) this.#places.set(shard, seq);
        if (this.lostAnswers-- > 0) throw new Error('no answer came');
      },
    };
  }

  async takeOver({ writers, shards }: Parameters<OutboxLog['takeOver']>[0]): Promise<readonly (number | null)[]> {
    for (const writer of writers) this.#fenced.add(writer);
    return shards.map((shard) => this.#places.get(shard) ?? null);
  }

  firsts(key: string): string[] {
    return [...new Set(this.taken.filter((each) => each.key === key).map(({ id }) => id))];
  }
}

/** The shard that a tick of the key `clock` comes to, and all others. */
function shardsOfTick(held: readonly HeldShard[]): readonly [HeldShard[], HeldShard[]] {
  const shard = partitionOf('clock', held.length);
  return [held.filter((each) => each.shard === shard), held.filter((each) => each.shard !== shard)];
}

function relayTo(log: Log, leaseMs: number): OutboxRelay {
  const outbox = new Neo4jOutbox(database);
  return new OutboxRelay({ outbox, log, onError: () => undefined, leaseMs });
}

const ordered = (key: string, count: number): string[] => Array.from({ length: count }, (_, n) => `${key}-${n}`);

describe('the outbox in Neo4j', () => {
  test('goal: what concurrent transactions commit arrives once, each key in the order of its commits, also over failures of the log', async () => {
    const log = new Log();
    log.failures = 2;
    const relay = relayTo(log, 5_000);
    relay.start();
    const keys = Array.from({ length: 8 }, (_, n) => `key-${n}`);
    await Promise.all(keys.map((key) => commit(key, 10)));
    await relay.settled();
    for (const key of keys) expect(log.firsts(key)).toEqual(ordered(key, 10));
    expect(log.taken).toHaveLength(80);
    expect(await relay.depth()).toEqual({ records: 0, ageMs: 0 });
    await relay.close();
  });

  test('goal: a relay that dies between append and note repeats nothing; another takes over when its lease ends, and it can append no more', async () => {
    const dead = new Neo4jOutbox(database);
    await commit('a', 5);
    const log = new Log();
    const source = await dead.source();
    const writer = await log.openWriter({ writer: 'dead' });
    const held = await dead.claim('dead', 500, []);
    const places = held.map((each) => ({ ...each, seq: each.last }));
    const waiting = await dead.waiting(held, 100);
    await writer.append(waiting, places);
    await commit('a', 5, 5);
    const relay = relayTo(log, 5_000);
    relay.start();
    await relay.settled();
    expect(log.taken.map(({ id }) => id)).toEqual(ordered('a', 10));
    // The dead one wakes up: it can neither append nor move the place.
    await expect(writer.append(waiting, places)).rejects.toThrow('somebody else has taken over');
    await dead.carried(held.map((each) => ({ ...each, seq: 1_000 })));
    await commit('a', 1, 10);
    await relay.settled();
    expect(log.taken.map(({ id }) => id)).toEqual(ordered('a', 11));
    await relay.close();
    expect(await new Neo4jOutbox(database).source()).toBe(source);
  });

  test('goal: an append whose answer is lost is not repeated, whether the log took it or not', async () => {
    const log = new Log();
    const relay = relayTo(log, 60_000);
    relay.start();
    for (const [n, fault] of (['lostAnswers', 'failures', 'lostAnswers'] as const).entries()) {
      log[fault] = 1;
      await commit('b', 3, 3 * n);
      await relay.settled();
    }
    expect(log.taken.map(({ id }) => id)).toEqual(ordered('b', 9));
    await relay.close();
  });

  test('goal: who dies before the former writers were fenced leaves that to the next', async () => {
    const outbox = new Neo4jOutbox(database);
    await outbox.claim('first', 0, []);
    await sleep(5);
    await outbox.claim('second', 0, []);
    await sleep(5);
    const [shard] = await outbox.claim('third', 60_000, []);
    expect(shard?.writers).toEqual(['first', 'second']);
    expect((await outbox.claim('third', 60_000, []))[0]?.writers).toEqual(['first', 'second']);
    await outbox.settle([{ shard: shard?.shard ?? 0, fence: shard?.fence ?? 0, seq: 0 }]);
    expect((await outbox.claim('third', 60_000, []))[0]?.writers).toEqual([]);
    expect(await outbox.claim('fourth', 60_000, [])).toEqual([]);
  });

  test('goal: a store that is an older copy than what the log has is told, and nothing of it is carried', async () => {
    const log = new Log();
    const writer = await log.openWriter({ writer: 'before' });
    const outbox = new Neo4jOutbox(database);
    const held = await outbox.claim('before', 0, []);
    await writer.append(
      [],
      held.map((each) => ({ ...each, seq: 7 })),
    );
    await commit('c', 1);
    const told = Promise.withResolvers<unknown>();
    const relay = new OutboxRelay({ outbox, log, onError: told.resolve, leaseMs: 50 });
    relay.start();
    expect(await told.promise).toMatchObject({
      name: 'OlderStoreError',
      message: expect.stringContaining('older copy'),
    });
    expect(log.taken).toEqual([]);
    await relay.close();
  });

  test('goal: a tick does not overtake what was committed before it, whoever carries that', async () => {
    const tick: OutgoingRecord = { topic: 't', key: 'clock', id: 'tick', value: 'tick', partition: 3 };
    for (let n = 0; n < 40; n += 1) await commit(`key-${n}`, 1);
    await database.transact((run) => storeRecords(run, [record('inside', 0), tick, record('inside', 1)]));
    await commit('later', 1);
    const outbox = new Neo4jOutbox(database);
    const held = await outbox.claim('one', 60_000, []);
    const [inTickShard, others] = shardsOfTick(held);
    // Its own relay has nothing else left to carry, and still must not carry it.
    const idsOf = async (some: readonly HeldShard[]): Promise<string[]> =>
      (await outbox.waiting(some, 1_000)).map(({ id }) => id);
    expect(await idsOf(inTickShard)).not.toContain('tick');
    const before = await outbox.waiting(others, 10_000);
    expect(before.map(({ id }) => id)).not.toContain('tick');
    for (const shard of others) {
      const last = before.findLast((each) => each.shard === shard.shard);
      if (last) await outbox.carried([{ ...shard, seq: last.seq }]);
    }
    expect(await idsOf(inTickShard)).toContain('tick');
    await outbox.release(held);
    const log = new Log();
    const relay = relayTo(log, 5_000);
    relay.start();
    await relay.settled();
    expect(log.taken.filter(({ id }) => id === 'tick')).toHaveLength(1);
    await relay.close();
  });

  test('goal: ticks, records and marks that are written at once number every shard without a gap or a repetition', async () => {
    const tickAt = (n: number): OutgoingRecord => ({
      topic: 't',
      key: 'clock',
      id: `tick-${n}`,
      value: '',
      partition: 3,
    });
    const write = async (count: number, recordsOf: (n: number) => readonly OutgoingRecord[]): Promise<void> => {
      for (let n = 0; n < count; n += 1) await database.transact((run) => storeRecords(run, recordsOf(n)));
    };
    const marks = Array.from({ length: 6 }, () => write(50, () => []));
    const records = ['a', 'b', 'c'].map((key) => write(50, (n) => [record(key, n)]));
    await Promise.all([...marks, ...records, write(50, (n) => [tickAt(n)]), write(50, (n) => [tickAt(50 + n)])]);
    const shards = await database.read(
      `MATCH (s:OutboxShard) MATCH (o:Outbox {shard: s.shard})
       RETURN s.shard AS shard, s.seq AS counted, count(o) AS records, max(o.seq) AS last`,
      {},
    );
    expect(shards).toHaveLength(16);
    for (const { counted, records: there, last } of shards) expect([there, last]).toEqual([counted, counted]);
  });

  test('goal: depth and age tell what waits', async () => {
    await commit('b', 3);
    await sleep(50);
    const depth = await new Neo4jOutbox(database).depth();
    expect(depth.records).toBe(3);
    expect(depth.ageMs).toBeGreaterThanOrEqual(50);
  });

  test('goal: a transaction whose commit got no answer is found again; one that was rolled back is not', async () => {
    const mark = await database.transact((run) => storeRecords(run, []));
    expect(await database.transact((run) => wasCommitted(run, mark))).toBe(true);
    expect(await database.transact((run) => wasCommitted(run, { ...mark, id: 'never' }))).toBe(false);
  });

  test('goal: ten processes that start together on an empty database all find it ready', async () => {
    await database.close();
    await server.wipe();
    const all = await Promise.all(Array.from({ length: 10 }, () => openNeo4jDatabase(server)));
    const [first] = all as [Neo4jDatabase];
    const [row] = await first.read('MATCH (f:GraphFormat) RETURN count(f) AS formats', {});
    expect(row).toEqual({ formats: 1 });
    const shards = await first.read('MATCH (s:OutboxShard) RETURN count(s) AS n', {});
    expect(shards).toEqual([{ n: 16 }]);
    await Promise.all(all.map((each) => each.close()));
    database = await openNeo4jDatabase(server);
  });

  test('goal: an index and a constraint that are missing are told and made again', async () => {
    const notices: string[] = [];
    await database.write('DROP INDEX vcos_index_Post_spaceId_postedAt', {});
    await database.write('DROP CONSTRAINT vcos_unique_Creator_usernameKey', {});
    const again = await openNeo4jDatabase(server, (text) => notices.push(text));
    expect(notices).toEqual([
      expect.stringMatching(
        /lacked 2 of its constraints and indexes, which were made: vcos_unique_Creator_usernameKey, vcos_index_Post_spaceId_postedAt/,
      ),
    ]);
    await again.close();
    const third = await openNeo4jDatabase(server, (text) => notices.push(text));
    expect(notices).toHaveLength(1);
    await third.close();
  });

  test('goal: a wrong password and an absent server are named with the address and what to do', async () => {
    const host = new URL(server.url).host;
    await expect(openNeo4jDatabase({ ...server, password: 'wrong' })).rejects.toMatchObject({
      name: 'StoreUnavailableError',
      message: expect.stringContaining(`Neo4j at ${host} refuses the user or the password`),
    });
    await expect(openNeo4jDatabase({ ...server, url: 'bolt://127.0.0.1:9', retryMsMax: 500 })).rejects.toMatchObject({
      message: expect.stringContaining('Neo4j at 127.0.0.1:9 does not answer'),
    });
  });
});
