import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import type { NodeProps } from '../../../schema/graph/catalogue.ts';
import { type TestNeo4j, startTestNeo4j } from '../../../infra/jvm/neo4j/testing.ts';
import { type Neo4jGraphStore, openNeo4jGraphStore } from '../neo4j-graph-store.ts';
import { openSqliteEngines } from '../../sqlite/open-engines.ts';
import { testDirectory } from '../../sqlite/testing.ts';
import { creator, since } from '../conformance/subject.ts';

jest.setTimeout(300_000);

const hub = 'hub';
let runs = 0;
let server: TestNeo4j;
let store: Neo4jGraphStore;
let close = (): Promise<void> => Promise.resolve();
beforeAll(async () => {
  const [neo4j, directory] = await Promise.all([startTestNeo4j({ shared: true }), testDirectory()]);
  server = neo4j;
  await server.empty();
  const embedded = openSqliteEngines({ directory: directory.path });
  store = await openNeo4jGraphStore({ ...server, eventLog: embedded.eventLog, onError: console.error });
  close = async () => {
    await store.close();
    await embedded.eventLog.close();
    await embedded.store.close();
    await directory.remove();
  };
});
afterAll(async () => {
  await close();
  await server.stop();
});
beforeAll(async () => {
  await store.transact((tx) => tx.put({ type: 'Creator', id: hub, props: creator(hub) }));
});

const progress = (lines: number): NodeProps['ImportProgress'] => ({
  sourceHash: '',
  lines,
  refused: 0,
  done: false,
  wallUs: 0,
  counter: 0,
});

test('goal: transactions that commit together do so as if one came after the other: what moves between accounts is neither lost nor made', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ from: fc.nat(4), to: fc.nat(4), amount: fc.integer({ min: 1, max: 60 }) }), {
        minLength: 20,
        maxLength: 40,
      }),
      async (transfers) => {
        const world = `accounts-${(runs += 1)}`;
        const account = (n: number): string => `${world}/${n}`;
        await store.transact(async (tx) => {
          for (let n = 0; n < 5; n++) await tx.put({ type: 'ImportProgress', id: account(n), props: progress(100) });
        });
        const outcomes = await Promise.all(
          transfers.map(({ from, to, amount }) =>
            store.transact(async (tx) => {
              const [payer, payee] = await tx.get('ImportProgress', [account(from), account(to)]);
              if (from === to || (payer?.props.lines ?? 0) < amount) return 0;
              await tx.patch('ImportProgress', account(from), { lines: (payer?.props.lines ?? NaN) - amount });
              await tx.patch('ImportProgress', account(to), { lines: (payee?.props.lines ?? NaN) + amount });
              return amount;
            }),
          ),
        );
        const after = await store.get('ImportProgress', [0, 1, 2, 3, 4].map(account));
        const moved = [0, 1, 2, 3, 4].map((n) =>
          transfers.reduce((sum, { from, to }, at) => {
            const amount = outcomes[at] ?? NaN;
            return sum + (to === n ? amount : 0) - (from === n ? amount : 0);
          }, 100),
        );
        expect(after.map((node) => node?.props.lines)).toEqual(moved);
        expect(Math.min(...moved)).toBeGreaterThanOrEqual(0);
      },
    ),
    { numRuns: 3 },
  );
});
test('goal: of two who each leave because the other stays, one stays', async () => {
  for (let round = 0; round < 10; round++) {
    const ids = [`stays-${round}-a`, `stays-${round}-b`] as const;
    await store.transact(async (tx) => {
      for (const id of ids) await tx.put({ type: 'ImportProgress', id, props: progress(1) });
    });
    await Promise.all(
      ids.map((mine, n) =>
        store.transact(async (tx) => {
          const [other] = await tx.get('ImportProgress', [ids[1 - n] as string]);
          if (other?.props.lines === 1) await tx.patch('ImportProgress', mine, { lines: 0 });
        }),
      ),
    );
    const left = await store.get('ImportProgress', ids);
    expect(left.filter((node) => node?.props.lines === 1)).toHaveLength(1);
  }
});

test('goal: one that takes a name which is taken meanwhile fails alone; all others of its group are kept', async () => {
  const attempts = Array.from({ length: 40 }, async (_, n) => {
    const id = `named-${n}`;
    const usernameKey = n % 2 === 0 ? id : `shared-${n % 5}`;
    await store.transact(async (tx) => {
      await tx.put({ type: 'Creator', id, props: creator(id, { usernameKey }) });
      if (n > 0 && n % 2 === 0) await tx.link({ type: 'FOLLOWS', from: id, to: hub, props: { since: since(n) } });
    });
  });
  const outcomes = await Promise.allSettled(attempts);
  const kept = outcomes.filter(({ status }) => status === 'fulfilled');
  expect(kept).toHaveLength(20 + 5);
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ name: 'UniqueConflictError' });
  }
  expect(await store.degrees('FOLLOWS', 'in', [hub])).toEqual([19]);
});
