import { isDeepStrictEqual } from 'node:util';
import { Kind, parse, valueFromASTUntyped } from 'graphql';
import type { FieldNode, SelectionSetNode, ValueNode } from 'graphql';
import type { Ownership } from '../supergraph/ownership.ts';
import type { TypeIndex } from '../supergraph/type-index.ts';
import { placeAt, runInOrder } from './fetched.ts';
import type { Place } from './fetched.ts';
import type { EntityFetch, EntityGroup, Plan, RequiredSelection } from './plan.ts';
import { WrongPlanError } from './verify-plan.ts';

export interface BindOptions {
  readonly ownership: Ownership;
  readonly types: TypeIndex;
}

/**
 * Takes what a field requires with arguments from the response key that was asked for with these arguments. Where two fields of an entity require a
 * third with different arguments, the Rust planner asks for it under two keys; of an entity below another object of the same fetch it then makes both
 * representations out of the first, and one of the fields would be computed from the other's value without a word. Throws `WrongPlanError` where no key
 * holds what is required.
 */
export function bindRequirements(plan: Plan, { ownership, types }: BindOptions): Plan {
  const visit = (fetch: EntityFetch, before: Place): EntityFetch => ({
    ...fetch,
    groups: fetch.groups.map((group) => new Binding(fetch, group, { ownership, types }).run(before)),
  });
  const [, node = null] = runInOrder([plan.primary, plan.node], visit);
  return { ...plan, node };
}

/** What a field set says of one type. */
interface Requirement {
  readonly on: string;
  readonly set: SelectionSetNode;
}

class Binding {
  readonly #fetch: EntityFetch;
  readonly #group: EntityGroup;
  readonly #options: BindOptions;

  constructor(fetch: EntityFetch, group: EntityGroup, options: BindOptions) {
    this.#fetch = fetch;
    this.#group = group;
    this.#options = options;
  }

  run(before: Place): EntityGroup {
    const requirements = this.#requirements();
    if (requirements.length === 0) return this.#group;
    const requiresAt = this.#group.paths.map((path) => {
      const place = placeAt(before, path);
      return this.#group.requires.map((each) => this.#bind(each, requirements, place, null));
    });
    const [first = this.#group.requires, ...more] = requiresAt;
    const isOne = more.every((each) => isDeepStrictEqual(each, first));
    return { ...this.#group, ...(isOne ? { requires: first } : { requiresAt }) };
  }

  /** What the fields that are fetched require. */
  #requirements(): readonly Requirement[] {
    const { subgraph, query } = this.#fetch.operation;
    const found: Requirement[] = [];
    const collect = (set: SelectionSetNode, type: string | null): void => {
      for (const node of set.selections) {
        if (node.kind === Kind.INLINE_FRAGMENT) collect(node.selectionSet, node.typeCondition?.name.value ?? type);
        if (node.kind !== Kind.FIELD || type === null) continue;
        const requires = this.#options.ownership.field(subgraph, type, node.name.value)?.requires;
        if (requires) found.push({ on: type, set: requires });
      }
    };
    for (const definition of parse(query, { noLocation: true }).definitions) {
      if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
      for (const node of definition.selectionSet.selections)
        if (node.kind === Kind.FIELD && node.selectionSet && keyOf(node) === this.#group.key)
          collect(node.selectionSet, null);
    }
    return found;
  }

  #bind(
    selection: RequiredSelection,
    requirements: readonly Requirement[],
    place: Place | null,
    type: string | null,
  ): RequiredSelection {
    if (selection.kind === 'fragment') {
      const selections = selection.selections.map((each) => this.#bind(each, requirements, place, selection.on));
      return { ...selection, selections };
    }
    const wanted = requirements
      .filter(({ on }) => this.#overlap(on, type))
      .flatMap(({ set }) => this.#fields(set, selection.to, type));
    const [first] = wanted;
    if (!first) return selection;
    const from = this.#keyFor(first, selection.from, place, type);
    const below = place?.below.get(from) ?? null;
    const inner = wanted.flatMap(({ selectionSet }) => (selectionSet ? [{ on: anyType, set: selectionSet }] : []));
    const selections = selection.selections?.map((each) => this.#bind(each, inner, below, null)) ?? null;
    return { ...selection, from, selections };
  }

  /** The response key under which a field was asked for as it is wanted: the plan's own if that is so, or another. */
  #keyFor(wanted: FieldNode, planned: string, place: Place | null, type: string | null): string {
    const text = textOf(wanted);
    const texts = (key: string): readonly string[] =>
      (place?.below.get(key)?.asked ?? [])
        .filter(({ on }) => on.every((condition) => this.#overlap(condition, type)))
        .map(({ field }) => textOf(field));
    if (texts(planned).every((each) => each === text)) return planned;
    for (const key of place?.below.keys() ?? []) {
      const others = texts(key);
      if (others.length > 0 && others.every((each) => each === text)) return key;
    }
    throw new WrongPlanError(`${this.#fetch.operation.subgraph} is sent another ${wanted.name.value} than ${text}`);
  }

  /** The fields of this name in a set that is required. */
  #fields(set: SelectionSetNode, name: string, type: string | null): readonly FieldNode[] {
    return set.selections.flatMap((node): readonly FieldNode[] => {
      if (node.kind === Kind.FIELD) return node.name.value === name ? [node] : [];
      if (node.kind !== Kind.INLINE_FRAGMENT) return [];
      const on = node.typeCondition?.name.value ?? anyType;
      return this.#overlap(on, type) ? this.#fields(node.selectionSet, name, type) : [];
    });
  }

  /** Whether an object may be of both types. */
  #overlap(on: string, type: string | null): boolean {
    const { types } = this.#options;
    return on === anyType || type === null || types.satisfies(type, on) || types.satisfies(on, type);
  }
}

const anyType = '';

function keyOf(field: FieldNode): string {
  return field.alias?.value ?? field.name.value;
}

/** The field and its arguments, in whatever order and however these are written. */
function textOf({ name, arguments: given = [] }: FieldNode): string {
  const values = given.map((each) => [each.name.value, valueOf(each.value)] as const);
  return JSON.stringify([name.value, values.toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}

function valueOf(node: ValueNode): unknown {
  switch (node.kind) {
    case Kind.VARIABLE:
      return { variable: node.name.value };
    case Kind.LIST:
      return { list: node.values.map(valueOf) };
    case Kind.OBJECT:
      return {
        object: node.fields
          .map((field) => [field.name.value, valueOf(field.value)] as const)
          .toSorted(([a], [b]) => (a < b ? -1 : 1)),
      };
    default:
      return valueFromASTUntyped(node);
  }
}
