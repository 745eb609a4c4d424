import { runInOrder, namesOf, placeAt } from './fetched.ts';
import type { Place } from './fetched.ts';
import type { EntityFetch, PlanNode, RequiredSelection } from './plan.ts';
import { WrongPlanError } from './verify-plan.ts';

/**
 * Holds a plan against its own order: where entities are fetched, what at least one kind of representation is made of must have been asked for before. The
 * executor makes none of what is not there, so that such a plan answers with nulls and no error. Throws `WrongPlanError`.
 */
export function verifyOrder(nodes: readonly (PlanNode | null)[]): void {
  runInOrder(nodes, (fetch, fetched) => {
    check(fetch, fetched);
    return fetch;
  });
}

function check({ operation: { subgraph }, groups }: EntityFetch, fetched: Place): void {
  for (const { paths, requires } of groups) {
    for (const path of paths) {
      const there = placeAt(fetched, path);
      if (there !== null && isThere(requires, there)) continue;
      const place = namesOf(path).join('.');
      throw new WrongPlanError(`${subgraph} is asked for entities at ${place} before what names them was fetched`);
    }
  }
}

/** Whether all fields are there and, where it depends on the type, those of one type at least. */
function isThere(selections: readonly RequiredSelection[], fetched: Place): boolean {
  const fragments = selections.filter(({ kind }) => kind === 'fragment');
  return (
    selections.every((selection) => selection.kind === 'fragment' || hasField(selection, fetched)) &&
    (fragments.length === 0 || fragments.some((each) => isThere(each.selections ?? [], fetched)))
  );
}

function hasField({ from, selections }: RequiredSelection & { kind: 'field' }, fetched: Place): boolean {
  if (from === '__typename') return true;
  const below = fetched.below.get(from);
  return below !== undefined && (selections === null || isThere(selections, below));
}
