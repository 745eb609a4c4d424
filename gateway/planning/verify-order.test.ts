import { describe, expect, test } from '@jest/globals';
import type { EntityGroup, PathSegment, PlanNode, RequiredSelection } from './plan.ts';
import { verifyOrder } from './verify-order.ts';

// Goal: a plan that asks for entities before it has what names them is found out: run, it would answer with nulls and no error.
const operation = (query: string) => ({ subgraph: 'b', query, kind: 'query', variables: [] }) as const;
const root = (query: string): PlanNode => ({ kind: 'root', operation: operation(query), outputRewrites: [] });
const field = (from: string, selections: readonly RequiredSelection[] | null = null): RequiredSelection => ({
  ...{ kind: 'field', from, to: from },
  selections,
});
const on = (type: string, ...names: string[]): RequiredSelection => ({
  ...{ kind: 'fragment', on: type },
  selections: [field('__typename'), ...names.map((name) => field(name))],
});
const path = (...names: string[]): PathSegment[] => names.map((name) => ({ kind: 'field', name }));
function entities(fields: string, group: Pick<EntityGroup, 'paths' | 'requires'>): PlanNode {
  const query = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Item { ${fields} } } }`;
  const rest = { key: '_entities', variable: 'r', inputRewrites: [], outputRewrites: [], contexts: [] };
  return { kind: 'entities', operation: operation(query), groups: [{ ...rest, sharesEntities: true, ...group }] };
}
const inOrder = (...nodes: PlanNode[]): PlanNode => ({ kind: 'sequence', nodes });
const byId = { paths: [path('item')], requires: [on('Item', 'id')] };
const byCode = { paths: [path('item')], requires: [on('Item', 'code')] };

describe('the order of a plan', () => {
  test.each<[string, PlanNode]>([
    ['what the root brought', inOrder(root('{ item { id } }'), entities('size', byId))],
    ['what entities brought', inOrder(root('{ item { code } }'), entities('id', byCode), entities('size', byId))],
    ['under an alias', inOrder(root('{ item: thing { ...f } } fragment f on Item { id }'), entities('size', byId))],
    [
      'for one of several types',
      inOrder(
        root('{ item { ... on Item { code } } }'),
        entities('size', { ...byId, requires: [on('Item', 'code'), on('Other', 'id')] }),
      ),
    ],
    [
      'in one branch of a condition',
      inOrder(
        { kind: 'condition', variable: 'v', whenTrue: root('{ item { id } }'), whenFalse: null },
        entities('size', byId),
      ),
    ],
  ])('right: %s', (_name, node) => {
    expect(() => verifyOrder([node])).not.toThrow();
  });

  test.each<[string, PlanNode, string]>([
    ['another key', inOrder(root('{ item { code } }'), entities('size', byId)), 'item'],
    [
      'side by side with what brings it',
      inOrder(root('{ item { code } }'), {
        kind: 'parallel',
        nodes: [entities('id', byCode), entities('size', byId)],
      }),
      'item',
    ],
    [
      'another place',
      inOrder(root('{ item { id } }'), entities('size', { ...byId, paths: [path('item', 'part')] })),
      'item.part',
    ],
    [
      'nothing of a composite key',
      inOrder(
        root('{ item { id owner { name } } }'),
        entities('size', {
          paths: [path('item')],
          requires: [{ kind: 'fragment', on: 'Item', selections: [field('owner', [field('id')])] }],
        }),
      ),
      'item',
    ],
  ])('wrong: %s', (_name, node, place) => {
    expect(() => verifyOrder([node])).toThrow(`b is asked for entities at ${place} before what names them was fetched`);
  });
});
