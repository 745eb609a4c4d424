import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { buildSchema, getNamedType, isInputObjectType } from 'graphql';
import * as operations from './generated/operations.ts';
import { kindOf, prepareOperation, randomKey } from './operation.ts';

// Goal: only what may be sent twice is sent twice.
describe('operations', () => {
  test.each([
    ['{ me { id } }', 'query'],
    ['query Mutation { mutation }', 'query'],
    ['# mutation\nmutation M { a }', 'mutation'],
    ['fragment F on Query { mutation(text: "subscription { }") } subscription S { a { ...F } }', 'subscription'],
    ['query Q($subscription: String = """mutation""") { a }', 'query'],
  ])('%s is a %s', (text, kind) => {
    expect(kindOf(text)).toBe(kind);
  });

  const follow = 'mutation Follow($input: FollowInput!) { follow(input: $input) { eventIds } }';
  const prepare = (query: string, variables: Record<string, unknown> = {}) =>
    prepareOperation(query, variables, () => 'key');

  test('a mutation gets a key where it has none, and the caller’s object stays as it is', () => {
    const variables = { input: { creatorId: 'a' } };
    expect(prepare(follow, variables)).toEqual({
      query: follow,
      variables: { input: { creatorId: 'a', idempotencyKey: 'key' } },
      isRepeatable: true,
    });
    expect(variables).toEqual({ input: { creatorId: 'a' } });
    expect(prepare(follow, { input: { idempotencyKey: 'mine' } }).variables).toEqual({
      input: { idempotencyKey: 'mine' },
    });
  });

  test('without a place for a key a mutation is sent once', () => {
    expect(prepare('mutation { follow(input: { creatorId: "a" }) { eventIds } }').isRepeatable).toBe(false);
    expect(prepare('mutation { shout(text: "input: $a") }').isRepeatable).toBe(false);
    expect(prepare('mutation M($a: AInput!) { a(input: $a) { id } b(input: {}) { id } }', { a: {} }).isRepeatable).toBe(
      false,
    );
    expect(prepare('subscription { canonChanged { id } }').isRepeatable).toBe(false);
  });

  test('every mutation of the platform takes a key in `input`, and has an operation here', () => {
    const schema = buildSchema(readFileSync(join(import.meta.dirname, '../schema/api.graphql'), 'utf8'));
    const texts = Object.values(operations).map(String);
    for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
      expect(field.args.map(({ name }) => name)).toEqual(['input']);
      const type = field.args[0] && getNamedType(field.args[0].type);
      expect(isInputObjectType(type) && 'idempotencyKey' in type.getFields()).toBe(true);
      const text =
        texts.find(
          (candidate) => kindOf(candidate) === 'mutation' && candidate.includes(` ${field.name}(input: $input)`),
        ) ?? `no operation for ${field.name}`;
      expect(prepare(text, { input: {} }).isRepeatable).toBe(true);
    }
  });

  test('keys differ', () => {
    expect(new Set(Array.from({ length: 100 }, randomKey)).size).toBe(100);
    expect(randomKey()).toMatch(/^[0-9a-f]{32}$/);
  });
});
