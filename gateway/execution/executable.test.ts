import { expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { pino } from 'pino';
import { createOperationSelector } from '../operations/operation.ts';
import { PlannerCrashError } from '../planning/planner-process.ts';
import { composeScenario } from '../scenarios/harness.ts';
import { readSupergraph } from '../supergraph/supergraph.ts';
import { ExecutableStore } from './executable.ts';

// Goal: a client that asks again and again for what no planner plans keeps nobody from planning.
const { supergraphSdl } = composeScenario({ a: { sdl: 'type Query { n: Int m: Int }' } });
const supergraph = readSupergraph(supergraphSdl);
const select = createOperationSelector(supergraph);

function storeOf(fail: () => Error): {
  readonly ask: (query: string) => Promise<unknown>;
  asked: number;
  nowMs: number;
} {
  const state = { asked: 0, nowMs: 0, ask };
  const store = new ExecutableStore({
    supergraph,
    planner: {
      plan: async () => {
        state.asked += 1;
        throw fail();
      },
    },
    planDeferred: undefined,
    pickOverrides: () => ({ name: '', overrides: { labels: new Set(), roll: 0 } }),
    dependencies: { transports: {}, logger: pino({ level: 'silent' }), onFetch: () => {} },
    policies: undefined,
    charactersMax: 10_000,
    nowMs: () => state.nowMs,
  });
  async function ask(query: string): Promise<unknown> {
    const operation = select({ document: parse(query), hash: query }, undefined);
    if (!operation) throw new Error('there is no such operation');
    return store.get(operation, {}, null).then(
      () => 'planned',
      (error: unknown) => error,
    );
  }
  return state;
}

test('what could not be planned is refused without being planned again, for a while', async () => {
  const store = storeOf(() => new Error('no way'));
  const refused = { extensions: { code: 'PLANNING_FAILED' } };
  expect(await store.ask('{ n }')).toMatchObject(refused);
  expect(await store.ask('{ n }')).toMatchObject(refused);
  expect(store.asked).toBe(1);
  expect(await store.ask('{ m }')).toMatchObject(refused);
  expect(store.asked).toBe(2);
  store.nowMs = 60_000;
  expect(await store.ask('{ n }')).toMatchObject(refused);
  expect(store.asked).toBe(3);
});

test('what another operation kept from being planned is planned when it is asked for again', async () => {
  const store = storeOf(() => new PlannerCrashError('the planner ended', false));
  await store.ask('{ n }');
  await store.ask('{ n }');
  expect(store.asked).toBe(2);
});
