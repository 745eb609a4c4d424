import { Kind, parse } from 'graphql';
import type { FieldNode, FragmentDefinitionNode, SelectionSetNode } from 'graphql';
import type { Supergraph } from '../supergraph/supergraph.ts';
import { runInOrder } from './fetched.ts';
import type { EntityFetch, EntityGroup, PathSegment, Plan, RequiredSelection } from './plan.ts';
import { renamedKeys } from './renamed-keys.ts';

/**
 * Where a client asks for fields of an `@interfaceObject` on several types of the interface, the Rust planner puts them into one fetch and sends it entities of
 * one of the types only: on all others the fields would be null without a word. Entities of the others are sent as well.
 */
export function coverTypes(plan: Plan, operation: string, supergraph: Supergraph): Plan {
  const client = new Client(operation, supergraph);
  const [node = null] = runInOrder([plan.node], (fetch) => ({
    ...fetch,
    groups: fetch.groups.map((group) => cover(fetch, group, client, supergraph)),
  }));
  return { ...plan, node };
}

function cover({ operation }: EntityFetch, group: EntityGroup, client: Client, supergraph: Supergraph): EntityGroup {
  const [template] = group.requires;
  if (template?.kind !== 'fragment' || !supergraph.types.isObjectType(template.on)) return group;
  const sent = new Set(group.requires.map((each) => (each.kind === 'fragment' ? each.on : null)));
  const renamed = renamedKeys(group.outputRewrites);
  const added: RequiredSelection[] = [];
  for (const { on, keys } of askedOn(operation.query, group.key)) {
    if (supergraph.types.isObjectType(on) || !supergraph.types.satisfies(template.on, on)) continue;
    for (const type of client.typesOf(on)) {
      if (sent.has(type)) continue;
      const wanted = new Set(group.paths.flatMap((path) => [...client.keysAt(path, type)]));
      if (!keys.some((key) => wanted.has(renamed.get(key) ?? key))) continue;
      sent.add(type);
      added.push({ ...template, on: type });
    }
  }
  return added.length === 0 ? group : { ...group, requires: [...group.requires, ...added] };
}

interface Asked {
  readonly on: string;
  /** The response keys that are asked for on this type. */
  readonly keys: readonly string[];
}

/** What entities are asked for, by the fragments that say on which type. */
function askedOn(query: string, entitiesKey: string): readonly Asked[] {
  const { root, fragments } = read(query);
  return root.selections.flatMap((entities) => {
    if (entities.kind !== Kind.FIELD || keyOf(entities) !== entitiesKey) return [];
    return (entities.selectionSet?.selections ?? []).flatMap((node): readonly Asked[] => {
      const target = node.kind === Kind.FRAGMENT_SPREAD ? fragments.get(node.name.value) : node;
      if (!target || target.kind === Kind.FIELD || !target.typeCondition) return [];
      const fields = target.selectionSet.selections.filter((each) => each.kind === Kind.FIELD);
      return [{ on: target.typeCondition.name.value, keys: fields.map(keyOf) }];
    });
  });
}

/** The operation that was planned. */
class Client {
  readonly #root: SelectionSetNode;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #supergraph: Supergraph;

  constructor(operation: string, supergraph: Supergraph) {
    const { root, fragments } = read(operation);
    this.#root = root;
    this.#fragments = fragments;
    this.#supergraph = supergraph;
  }

  /** The object types of an interface. */
  typesOf(name: string): readonly string[] {
    const { apiSchema, types } = this.#supergraph;
    return Object.keys(apiSchema.getTypeMap()).filter(
      (each) => types.isObjectType(each) && types.satisfies(each, name),
    );
  }

  /** The response keys that are asked for at a place, on objects of a type. */
  keysAt(path: readonly PathSegment[], type: string): ReadonlySet<string> {
    const sets = path.reduce<readonly SelectionSetNode[]>(
      (above, segment) =>
        segment.kind === 'field'
          ? above
              .flatMap((set) => this.#flat(set, () => true))
              .flatMap((node) => (keyOf(node) === segment.name && node.selectionSet ? [node.selectionSet] : []))
          : above,
      [this.#root],
    );
    const applies = (condition: string): boolean => this.#supergraph.types.satisfies(type, condition);
    return new Set(sets.flatMap((set) => this.#flat(set, applies)).map(keyOf));
  }

  #flat(set: SelectionSetNode, applies: (condition: string) => boolean): readonly FieldNode[] {
    return set.selections.flatMap((node): readonly FieldNode[] => {
      if (node.kind === Kind.FIELD) return [node];
      const target = node.kind === Kind.INLINE_FRAGMENT ? node : this.#fragments.get(node.name.value);
      if (!target || (target.typeCondition && !applies(target.typeCondition.name.value))) return [];
      return this.#flat(target.selectionSet, applies);
    });
  }
}

function read(text: string): {
  readonly root: SelectionSetNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
} {
  const { definitions } = parse(text, { noLocation: true });
  const operation = definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  const fragments = definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
  return {
    root: operation?.selectionSet ?? { kind: Kind.SELECTION_SET, selections: [] },
    fragments: new Map(fragments.map((node) => [node.name.value, node])),
  };
}

function keyOf(node: FieldNode): string {
  return node.alias?.value ?? node.name.value;
}
