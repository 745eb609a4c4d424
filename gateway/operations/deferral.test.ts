import { expect, test } from '@jest/globals';
import { Kind, parse } from 'graphql';
import type { FragmentDefinitionNode, OperationDefinitionNode } from 'graphql';
import { expandDeferred } from './deferral.ts';
import type { Operation } from './operation.ts';

function operationOf(text: string): Operation {
  const { definitions } = parse(text);
  const fragments = definitions.filter(
    (each): each is FragmentDefinitionNode => each.kind === Kind.FRAGMENT_DEFINITION,
  );
  return {
    node: definitions[0] as OperationDefinitionNode,
    fragments: new Map(fragments.map((each) => [each.name.value, each])),
  } as unknown as Operation;
}

// Goal: an operation that spreads fragments of fragments without end costs no more than its limit, and is answered in one piece.
test('what would be written out without end is not deferred', () => {
  const doubling = Array.from({ length: 40 }, (_, n) => `fragment f${n} on Query { ...f${n + 1} ...f${n + 1} }`);
  const text = `query { ...f0 @defer } ${doubling.join(' ')} fragment f40 on Query { a }`;
  expect(expandDeferred(operationOf(text), {})).toBeNull();
  expect(expandDeferred(operationOf('query { ...f @defer } fragment f on Query { a }'), {})?.labels.size).toBe(1);
});
