import { getNamedType, isAbstractType, isInterfaceType, isObjectType, Kind, parse } from 'graphql';
import type { GraphQLNamedType, GraphQLObjectType, GraphQLSchema, SelectionSetNode } from 'graphql';
import { partName } from '../operations/deferral.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import type { TypeIndex } from '../supergraph/type-index.ts';
import type { DeferredPlan, PathSegment, PlanNode, SubgraphOperation } from './plan.ts';
import { renamedKeys } from './renamed-keys.ts';
import { WrongPlanError } from './verify-plan.ts';

/** A response key that a fetch brings. */
interface Supplied {
  readonly key: string;
  /** The types on which it does: one of each. */
  readonly on: readonly (readonly string[])[];
  /** The part whose fetch it is: empty for what is not deferred, null where a fetch only passes by. */
  readonly part: string | null;
  readonly below: readonly Supplied[];
}

/**
 * Holds a plan with parts against its operation: each field must come with a fetch of its own part or of what that is part of, or the part
 * would be told without it. The planner does forget fields below nested parts. Throws `WrongPlanError`.
 */
export function verifyDeferral(plan: DeferredPlan, operation: string, { apiSchema, types }: Supergraph): void {
  const supplied: Supplied[] = [];
  const around = new Map<string, ReadonlySet<string>>();
  const read = ({ node, parts }: DeferredPlan, part: string, visible: ReadonlySet<string>): void => {
    around.set(part, visible);
    if (node) supplied.push(...suppliedBy(node, part));
    for (const { name, plan: below } of parts) read(below, name, new Set([...visible, name]));
  };
  read(plan, '', new Set(['']));
  for (const definition of parse(operation, { noLocation: true }).definitions) {
    const root =
      definition.kind === Kind.OPERATION_DEFINITION ? apiSchema.getRootType(definition.operation) : undefined;
    if (definition.kind !== Kind.OPERATION_DEFINITION || !root) continue;
    const visible = around.get('') ?? new Set();
    new Check(apiSchema, types, around).set(definition.selectionSet, root, supplied, visible);
  }
}

class Check {
  readonly #schema: GraphQLSchema;
  readonly #types: TypeIndex;
  readonly #around: ReadonlyMap<string, ReadonlySet<string>>;

  constructor(schema: GraphQLSchema, types: TypeIndex, around: ReadonlyMap<string, ReadonlySet<string>>) {
    this.#schema = schema;
    this.#types = types;
    this.#around = around;
  }

  /** `visible` are the parts whose fetches are done by then. */
  set(
    set: SelectionSetNode,
    type: GraphQLObjectType,
    supplied: readonly Supplied[],
    visible: ReadonlySet<string>,
  ): void {
    for (const node of set.selections) {
      if (node.kind === Kind.INLINE_FRAGMENT) {
        const condition = node.typeCondition?.name.value ?? type.name;
        if (condition !== type.name && !this.#types.satisfies(type.name, condition)) continue;
        const part = partName(node.directives);
        this.set(node.selectionSet, type, supplied, (part !== undefined && this.#around.get(part)) || visible);
      }
      if (node.kind !== Kind.FIELD || node.name.value === '__typename') continue;
      const key = node.alias?.value ?? node.name.value;
      const here = supplied.filter((each) => each.key === key && this.#isOn(type.name, each));
      if (!here.some(({ part }) => part !== null && visible.has(part)))
        throw new WrongPlanError(`the plan does not ask for ${type.name}.${key} in time`);
      const returned = type.getFields()[node.name.value]?.type;
      if (!node.selectionSet || !returned) continue;
      const below = here.flatMap((each) => each.below);
      for (const possible of this.#possible(getNamedType(returned)))
        this.set(node.selectionSet, possible, below, visible);
    }
  }

  #isOn(type: string, { on }: Supplied): boolean {
    return on.every((anyOf) => anyOf.some((each) => each === type || this.#types.satisfies(type, each)));
  }

  #possible(type: GraphQLNamedType): readonly GraphQLObjectType[] {
    if (isObjectType(type)) return [type];
    return isAbstractType(type) || isInterfaceType(type) ? this.#schema.getPossibleTypes(type) : [];
  }
}

function suppliedBy(node: PlanNode, part: string): readonly Supplied[] {
  switch (node.kind) {
    case 'root':
      return selected(rootSet(node.operation), { on: [], part, renamed: renamedKeys(node.outputRewrites) });
    case 'entities':
      return node.groups.flatMap((group) => {
        const renamed = renamedKeys(group.outputRewrites);
        const entities = rootSet(node.operation).selections.flatMap((each) =>
          each.kind === Kind.FIELD && (each.alias?.value ?? each.name.value) === group.key && each.selectionSet
            ? selected(each.selectionSet, { on: [], part, renamed })
            : [],
        );
        return group.paths.flatMap((path) => at(path, entities));
      });
    case 'sequence':
    case 'parallel':
      return node.nodes.flatMap((child) => suppliedBy(child, part));
    case 'condition':
      return [node.whenTrue, node.whenFalse].flatMap((child) => (child ? suppliedBy(child, part) : []));
  }
}

interface Selecting {
  readonly on: Supplied['on'];
  readonly part: string;
  readonly renamed: ReadonlyMap<string, string>;
}

function selected(set: SelectionSetNode, { on, part, renamed }: Selecting): readonly Supplied[] {
  return set.selections.flatMap((node): readonly Supplied[] => {
    if (node.kind === Kind.INLINE_FRAGMENT) {
      const condition = node.typeCondition ? [...on, [node.typeCondition.name.value]] : on;
      return selected(node.selectionSet, { on: condition, part, renamed });
    }
    if (node.kind !== Kind.FIELD) return [];
    const own = node.alias?.value ?? node.name.value;
    const below = node.selectionSet ? selected(node.selectionSet, { on: [], part, renamed }) : [];
    return [{ key: renamed.get(own) ?? own, on, part, below }];
  });
}

/** What is supplied at a path, seen from the root. The objects on the way are there already: who brought them counts, not this fetch. */
function at(path: readonly PathSegment[], supplied: readonly Supplied[]): readonly Supplied[] {
  let on: (readonly string[])[] = [];
  const steps: { readonly key: string; readonly on: Supplied['on'] }[] = [];
  for (const segment of path) {
    if (segment.kind === 'type') on.push(segment.anyOf);
    if (segment.kind !== 'field') continue;
    steps.push({ key: segment.name, on });
    on = [];
  }
  const last = supplied.map((each) => ({ ...each, on: [...on, ...each.on] }));
  return steps.reduceRight<readonly Supplied[]>((below, step) => [{ ...step, part: null, below }], last);
}

function rootSet({ query }: SubgraphOperation): SelectionSetNode {
  const operation = parse(query, { noLocation: true }).definitions.find(
    (node) => node.kind === Kind.OPERATION_DEFINITION,
  );
  return operation?.selectionSet ?? { kind: Kind.SELECTION_SET, selections: [] };
}
