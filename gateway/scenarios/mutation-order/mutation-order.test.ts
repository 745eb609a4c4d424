import { describe, expect, test } from '@jest/globals';
import { createScenario } from '../harness.ts';

// Goal: mutations happen one after the other in the client's order, each answered in full before the next begins.
const scenario = (log: string[]): ReturnType<typeof createScenario> =>
  createScenario({
    left: {
      sdl: `type Query { a: Int } type Mutation { addLeft(n: Int!): Counter! } type Counter @key(fields: "id") { id: ID! size: Int! }`,
      resolvers: {
        Mutation: {
          addLeft: (_: unknown, { n }: { n: number }) => {
            log.push(`left ${n}`);
            return { id: 'c', size: log.length };
          },
        },
        Counter: {
          __resolveReference: ({ id }: { id: string }) => {
            log.push('read');
            return { id, size: log.length };
          },
        },
      },
    },
    right: {
      sdl: `type Mutation { addRight(n: Int!): Counter! failRight: Int } type Counter @key(fields: "id") { id: ID! }`,
      resolvers: {
        Mutation: {
          addRight: (_: unknown, { n }: { n: number }) => {
            log.push(`right ${n}`);
            return { id: 'c' };
          },
          failRight: () => {
            log.push('fail');
            throw new Error('bug');
          },
        },
      },
    },
  });

describe('mutations', () => {
  test('across subgraphs, in order, with the answer of each before the next', async () => {
    const log: string[] = [];
    const result = await scenario(log).run(
      'mutation { one: addRight(n: 1) { size } two: addLeft(n: 2) { size } three: addRight(n: 3) { size } }',
    );
    expect(log).toEqual(['right 1', 'read', 'left 2', 'right 3', 'read']);
    expect(result).toEqual({ data: { one: { size: 2 }, two: { size: 3 }, three: { size: 5 } } });
  });

  test('one that fails does not hold back the next, and is sent once', async () => {
    const log: string[] = [];
    const it = scenario(log);
    const result = await it.run('mutation { failRight addLeft(n: 1) { size } }');
    expect(log).toEqual(['fail', 'left 1']);
    expect(result.data).toEqual({ failRight: null, addLeft: { size: 2 } });
    expect(it.calls.map((call) => call.request.idempotent)).toEqual([false, false]);
  });
});
