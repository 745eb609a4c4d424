import type { Ownership } from '../supergraph/ownership.ts';
import type { TypeIndex } from '../supergraph/type-index.ts';
import { mapFetches } from './map-fetches.ts';
import type { EntityGroup, PlanNode, RequiredSelection } from './plan.ts';

type Fragment = Extract<RequiredSelection, { kind: 'fragment' }>;

/**
 * Sends what a field of an `@interfaceObject` requires with entities that are named by a key, and with no others. Apollo's planner says the key by the type
 * that the client asks on and the requirement by the interface, so that objects of the other types would be sent without a key.
 */
export function nameEntities(node: PlanNode, ownership: Ownership, types: TypeIndex): PlanNode {
  return mapFetches(node, (fetch) =>
    fetch.kind === 'root'
      ? fetch
      : {
          ...fetch,
          groups: fetch.groups.map((group) => named(group, fetch.operation.subgraph, { ownership, types })),
        },
  );
}

function named(
  group: EntityGroup,
  subgraph: string,
  { ownership, types }: { readonly ownership: Ownership; readonly types: TypeIndex },
): EntityGroup {
  const fragments = group.requires.filter((each) => each.kind === 'fragment');
  const isNameless = ({ on }: Fragment): boolean => {
    const keys = ownership.keys(subgraph, on);
    if (types.isObjectType(on) || keys.length === 0) return false;
    const names = new Set(fragments.flatMap((each) => (each.on === on ? namesIn(each) : [])));
    return !keys.some((key) => key.every((name) => names.has(name)));
  };
  const nameless = fragments.filter(isNameless);
  const kept = group.requires.filter((each) => each.kind === 'field' || !nameless.includes(each));
  if (nameless.length === 0 || kept.length === 0) return group;
  const requires = kept.map((each): RequiredSelection => {
    if (each.kind === 'field') return each;
    const more = nameless.filter(({ on }) => types.satisfies(each.on, on)).flatMap(({ selections }) => selections);
    const known = new Set(namesIn(each));
    const added = more.filter((selection) => selection.kind === 'fragment' || !known.has(selection.to));
    return { ...each, selections: [...each.selections, ...added] };
  });
  return { ...group, requires };
}

function namesIn({ selections }: Fragment): readonly string[] {
  return selections.flatMap((each) => (each.kind === 'field' ? [each.to] : []));
}
