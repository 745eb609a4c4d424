import { expect, test } from '@jest/globals';
import { createScenario } from '../scenarios/harness.ts';

// Goal: an operation over which the Rust planner (0.0.38) ends its process harms nothing else, and is planned with fewer keys. Here the
// other planner is wrong.
const scenario = createScenario(
  {
    a: { sdl: 'type E @key(fields: "id") { id: ID! n: Int }', resolvers: { E: { n: () => 5 } } },
    b: {
      sdl: 'type E @key(fields: "id") @key(fields: "code") { id: ID! code: ID! base: Int twice: Int @requires(fields: "sum") sum: Int @external }',
      resolvers: { E: { base: () => 3, twice: ({ sum }: { sum: number }) => sum * 2 } },
    },
    c: {
      sdl: 'type Query { e: E } type E @key(fields: "id") { id: ID! base: Int @external sum: Int @requires(fields: "base") }',
      resolvers: { Query: { e: () => ({ id: '1' }) }, E: { sum: ({ base }: { base: number }) => base + 1 } },
    },
  },
  { isolatePlanner: true },
);

test('requirements that come back to the subgraph that they began in', async () => {
  const [crashing, plain] = await Promise.all([scenario.run('{ e { twice } }'), scenario.run('{ e { n } }')]);
  expect(crashing).toEqual({ data: { e: { twice: 8 } } });
  expect(plain).toEqual({ data: { e: { n: 5 } } });
  expect(await scenario.run('{ e { sum n } }')).toEqual({ data: { e: { sum: 4, n: 5 } } });
});

test('requirements of requirements, which neither planner plans over all keys', async () => {
  const chain = createScenario(
    {
      own: {
        sdl: 'type E @key(fields: "id") @key(fields: "code") { id: ID! code: ID! a: Int }',
        resolvers: { E: { a: () => 3, code: () => 'c' } },
      },
      second: {
        sdl: 'type E @key(fields: "id") { id: ID! b: Int @requires(fields: "a") a: Int @external }',
        resolvers: { E: { b: ({ a }: { a: number }) => a + 1 } },
      },
      third: {
        sdl: 'type Query { e: E } type E @key(fields: "id") @key(fields: "code") { id: ID! code: ID! c: Int @requires(fields: "b a") a: Int @external b: Int @external }',
        resolvers: {
          Query: { e: () => ({ id: '1', code: 'c' }) },
          E: { c: ({ a, b }: { a: number; b: number }) => b * 10 + a },
        },
      },
      fourth: {
        sdl: 'type E @key(fields: "id") { id: ID! d: Int @requires(fields: "a c") a: Int @external c: Int @external }',
        resolvers: { E: { d: ({ a, c }: { a: number; c: number }) => a * 100 + c } },
      },
    },
    { isolatePlanner: true },
  );
  expect(await chain.run('{ e { d } }')).toEqual({ data: { e: { d: 343 } } });
});
