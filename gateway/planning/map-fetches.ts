import type { EntityFetch, PlanNode, RootFetch } from './plan.ts';

/** A plan with what `map` makes of each of its fetches, in the same order. */
export function mapFetches(node: PlanNode, map: (fetch: RootFetch | EntityFetch) => PlanNode): PlanNode {
  const each = (child: PlanNode): PlanNode => mapFetches(child, map);
  switch (node.kind) {
    case 'root':
    case 'entities':
      return map(node);
    case 'sequence':
    case 'parallel':
      return { ...node, nodes: node.nodes.map(each) };
    case 'condition':
      return {
        ...node,
        whenTrue: node.whenTrue && each(node.whenTrue),
        whenFalse: node.whenFalse && each(node.whenFalse),
      };
  }
}
