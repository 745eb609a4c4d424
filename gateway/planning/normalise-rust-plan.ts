import type {
  BatchFetchNode,
  FetchNode,
  FetchRewrite,
  FlattenNode,
  FlattenNodePathSegment,
  PlanNode as RustNode,
  QueryPlan,
  RequiresSelection,
} from '@graphql-hive/router-query-planner';
import type {
  EntityFetch,
  ParallelNode,
  PathSegment,
  Plan,
  PlanNode,
  RequiredSelection,
  Rewrite,
  RootFetch,
  SequenceNode,
  SubgraphOperation,
} from './plan.ts';

/** The real name of a subgraph, for the one that the planner was given. */
type RealName = (name: string) => string;

/** Brings a plan of the Rust planner into the gateway's form. Throws for a node that it does not know. */
export function normalisePlan(plan: QueryPlan, realName: RealName): Plan {
  const node = plan.node ?? null;
  const primary = node === null ? null : subscriptionOf(node);
  if (node === null || primary === null) return { node: node && convert(node, realName), primary: null };
  const rest = node.kind === 'Sequence' ? node.nodes.slice(1) : [];
  return {
    node: rest.length === 0 ? null : { kind: 'sequence', nodes: rest.map((child) => convert(child, realName)) },
    primary: rootFetch(primary, realName),
  };
}

/** A subscription comes alone or at the head of a sequence whose rest runs for each event. */
function subscriptionOf(node: RustNode): FetchNode | null {
  const first = node.kind === 'Sequence' ? node.nodes[0] : node;
  return first?.kind === 'Subscription' ? first.primary : null;
}

function convert(node: RustNode, realName: RealName): PlanNode {
  switch (node.kind) {
    case 'Fetch':
      return rootFetch(node, realName);
    case 'Flatten':
      return flatten(node, realName);
    case 'BatchFetch':
      return batch(node, realName);
    case 'Sequence':
      return { kind: 'sequence', nodes: node.nodes.map((child) => convert(child, realName)) };
    case 'Parallel':
      return inOrderOfEffects({ kind: 'parallel', nodes: node.nodes.map((child) => convert(child, realName)) });
    case 'Condition':
      return {
        kind: 'condition',
        variable: node.condition,
        whenTrue: node.ifClause ? convert(node.ifClause, realName) : null,
        whenFalse: node.elseClause ? convert(node.elseClause, realName) : null,
      };
    case 'Subscription':
    case 'Defer':
      throw new Error(`the plan has a ${node.kind} node where none is expected`);
  }
}

/**
 * The planner runs a mutation field beside the entity fetches of the field before it. The specification wants the earlier
 * field's whole answer first, so mutations are taken out of the parallel part and run after it.
 */
function inOrderOfEffects(node: ParallelNode): ParallelNode | SequenceNode {
  const isMutation = (child: PlanNode): boolean => child.kind === 'root' && child.operation.kind === 'mutation';
  const mutations = node.nodes.filter(isMutation);
  if (mutations.length === 0) return node;
  const others = node.nodes.filter((child) => !isMutation(child));
  return { kind: 'sequence', nodes: [{ kind: 'parallel', nodes: others }, ...mutations] };
}

function rootFetch(node: FetchNode, realName: RealName): RootFetch {
  return {
    kind: 'root',
    operation: operationOf(node, realName),
    outputRewrites: (node.outputRewrites ?? []).map(rewrite),
  };
}

function flatten(node: FlattenNode, realName: RealName): EntityFetch {
  const fetch = node.node;
  if (fetch.kind !== 'Fetch') throw new Error(`the plan flattens a ${fetch.kind} node where a Fetch is expected`);
  return {
    kind: 'entities',
    operation: operationOf(fetch, realName),
    groups: [
      {
        key: '_entities',
        variable: 'representations',
        paths: [node.path.map(pathSegment)],
        requires: (fetch.requires ?? []).map(required),
        inputRewrites: (fetch.inputRewrites ?? []).map(rewrite),
        outputRewrites: (fetch.outputRewrites ?? []).map(rewrite),
        sharesEntities: true,
        contexts: [],
      },
    ],
  };
}

function batch(node: BatchFetchNode, realName: RealName): EntityFetch {
  return {
    kind: 'entities',
    operation: operationOf(node, realName),
    groups: node.entityBatch.aliases.map((group) => ({
      key: group.alias,
      variable: group.representationsVariableName,
      paths: group.paths.map((path) => path.map(pathSegment)),
      requires: group.requires.map(required),
      inputRewrites: (group.inputRewrites ?? []).map(rewrite),
      outputRewrites: (group.outputRewrites ?? []).map(rewrite),
      sharesEntities: true,
      contexts: [],
    })),
  };
}

function operationOf(node: FetchNode | BatchFetchNode, realName: RealName): SubgraphOperation {
  return {
    subgraph: realName(node.serviceName),
    query: node.operation,
    kind: node.operationKind ?? 'query',
    variables: node.variableUsages ?? [],
  };
}

function pathSegment(segment: FlattenNodePathSegment): PathSegment {
  if (segment === '@') return { kind: 'list' };
  if ('Field' in segment) return { kind: 'field', name: segment.Field };
  return { kind: 'type', anyOf: segment.TypeCondition };
}

function required(selection: RequiresSelection): RequiredSelection {
  switch (selection.kind) {
    case 'Field':
      refuseDoubles(selection.selections ?? []);
      return {
        kind: 'field',
        from: selection.name,
        to: selection.alias ?? selection.name,
        selections: selection.selections?.map(required) ?? null,
      };
    case 'InlineFragment':
      return { kind: 'fragment', on: selection.typeCondition, selections: selection.selections.map(required) };
    case 'FragmentSpread':
      throw new Error('the plan requires a named fragment where fields are expected');
  }
}

/**
 * Two fields of one fetch that require the same nested field with different arguments: one representation cannot hold both
 * values, and the plan would give one of them to both.
 */
function refuseDoubles(selections: readonly RequiresSelection[]): void {
  const names = new Set<string>();
  for (const selection of selections) {
    if (selection.kind !== 'Field' || selection.name === '__typename') continue;
    const name = selection.alias ?? selection.name;
    if (names.has(name))
      throw new Error(`two fields require ${name} with different arguments, one entity cannot be sent with both`);
    names.add(name);
  }
}

function rewrite(node: FetchRewrite): Rewrite {
  if ('KeyRenamer' in node)
    return { path: rewritePath(node.KeyRenamer.path), action: { kind: 'rename', to: node.KeyRenamer.renameKeyTo } };
  const setter = 'ValueSetter' in node ? node.ValueSetter : node;
  return { path: rewritePath(setter.path), action: { kind: 'set', value: setter.setValueTo } };
}

function rewritePath(path: readonly ({ TypenameEquals: string[] } | { Key: string })[]): Rewrite['path'] {
  return path.map((segment) =>
    'Key' in segment ? { kind: 'key', name: segment.Key } : { kind: 'type', anyOf: segment.TypenameEquals },
  );
}
