import type {
  FetchDataKeyRenamer,
  FetchDataRewrite,
  FetchNode,
  PlanNode as ApolloNode,
  QueryPlan,
  QueryPlanSelectionNode,
} from '@apollo/query-planner';
import type {
  ContextInput,
  DeferredPlan,
  EntityFetch,
  PathSegment,
  Plan,
  PlanNode,
  RequiredSelection,
  Rewrite,
  RewriteSegment,
  RootFetch,
  SubgraphOperation,
} from './plan.ts';

/** Brings a plan of Apollo's planner into the gateway's form. Throws for a node that it does not know. */
export function normaliseApolloPlan({ node }: QueryPlan): Plan {
  if (node === undefined) return { node: null, primary: null };
  if (node.kind !== 'Subscription') return { node: convert(node, []), primary: null };
  return { node: node.rest ? convert(node.rest, []) : null, primary: rootFetch(node.primary) };
}

/** Brings a plan with deferred parts into the gateway's form. Throws for one that defers elsewhere than around all of a plan. */
export function normaliseDeferredPlan({ node }: QueryPlan): DeferredPlan {
  if (node?.kind === 'Subscription') throw new Error('a subscription has no deferred parts');
  return deferredPlan(node);
}

function deferredPlan(node: ApolloNode | undefined): DeferredPlan {
  if (node === undefined) return { node: null, parts: [] };
  if (node.kind !== 'Defer') return { node: convert(node, []), parts: [] };
  return {
    node: node.primary.node ? convert(node.primary.node, []) : null,
    parts: node.deferred.map(({ label = '', depends, node: later }) => ({
      name: label,
      depends: depends.map(({ id }) => id),
      plan: deferredPlan(later),
    })),
  };
}

function convert(node: ApolloNode, path: readonly PathSegment[]): PlanNode {
  switch (node.kind) {
    case 'Fetch':
      return node.requires === undefined ? rootFetch(node) : entityFetch(node, path);
    case 'Flatten':
      return convert(node.node, [...path, ...node.path.map(pathSegment)]);
    case 'Sequence':
      return { kind: 'sequence', nodes: node.nodes.map((child) => convert(child, path)) };
    case 'Parallel':
      return { kind: 'parallel', nodes: node.nodes.map((child) => convert(child, path)) };
    case 'Condition':
      return {
        kind: 'condition',
        variable: node.condition,
        whenTrue: node.ifClause ? convert(node.ifClause, path) : null,
        whenFalse: node.elseClause ? convert(node.elseClause, path) : null,
      };
    case 'Defer':
      throw new Error('the plan has a Defer node where none is expected');
  }
}

function rootFetch(node: FetchNode): RootFetch {
  return {
    kind: 'root',
    ...idOf(node),
    operation: operationOf(node),
    outputRewrites: (node.outputRewrites ?? []).map(rewrite),
  };
}

function entityFetch(node: FetchNode, path: readonly PathSegment[]): EntityFetch {
  return {
    kind: 'entities',
    ...idOf(node),
    operation: operationOf(node),
    groups: [
      {
        key: '_entities',
        variable: 'representations',
        paths: [path],
        requires: (node.requires ?? []).flatMap(required),
        inputRewrites: (node.inputRewrites ?? []).map(rewrite),
        outputRewrites: (node.outputRewrites ?? []).map(rewrite),
        sharesEntities: false,
        contexts: (node.contextRewrites ?? []).map(context),
      },
    ],
  };
}

function idOf({ id }: FetchNode): { readonly id?: string } {
  return id === undefined ? {} : { id };
}

function operationOf(node: FetchNode): SubgraphOperation {
  const contextual = new Set((node.contextRewrites ?? []).map(({ renameKeyTo }) => renameKeyTo));
  return {
    subgraph: node.serviceName,
    query: node.operation,
    kind: node.operationKind,
    variables: (node.variableUsages ?? []).filter((name) => name !== 'representations' && !contextual.has(name)),
  };
}

function pathSegment(segment: string | number): PathSegment {
  return segment === '@' ? { kind: 'list' } : { kind: 'field', name: String(segment) };
}

function required(selection: QueryPlanSelectionNode): readonly RequiredSelection[] {
  const selections = selection.selections?.flatMap(required) ?? null;
  if (selection.kind === 'InlineFragment') {
    if (selection.typeCondition === undefined) return selections ?? [];
    return [{ kind: 'fragment', on: selection.typeCondition, selections: selections ?? [] }];
  }
  // Unlike the other planner it means the response key by the alias, and sends the value under it as well.
  const key = selection.alias ?? selection.name;
  return [{ kind: 'field', from: key, to: key, selections }];
}

function context({ path, renameKeyTo }: FetchDataKeyRenamer): ContextInput {
  const up = path.filter((segment) => segment === '..').length;
  return { variable: renameKeyTo, up, path: path.slice(up).map(rewriteSegment) };
}

function rewriteSegment(segment: string): RewriteSegment {
  return segment.startsWith('... on ')
    ? { kind: 'type', anyOf: [segment.slice('... on '.length)] }
    : { kind: 'key', name: segment };
}

function rewrite(node: FetchDataRewrite): Rewrite {
  const path = node.path.map(rewriteSegment);
  return node.kind === 'KeyRenamer'
    ? { path, action: { kind: 'rename', to: node.renameKeyTo } }
    : { path, action: { kind: 'set', value: String(node.setValueTo) } };
}
