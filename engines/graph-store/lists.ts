import { type EdgeType, type NodeType, edgeCatalogue, nodeCatalogue } from '../../schema/graph/catalogue.ts';

/** A value that can be filtered and ordered by. */
export type Sortable = string | number;
export type Props = Readonly<Record<string, unknown>>;

/** One row of `node_lists`: a node's place in a list. `filter` is '' and `value` '' in the list of all nodes of a type. */
export interface NodeListEntry {
  readonly list: string;
  readonly value: Sortable;
  readonly sort: Sortable;
}

export interface Unique {
  readonly property: string;
  readonly value: Sortable;
}

export function nodeList(type: NodeType, filter: string, sort: string): string {
  return `${type}|${filter}|${sort}`;
}

export function edgeList(type: EdgeType, property: string): string {
  return `${type}|${property}`;
}

/** Every list entry that the catalogue asks for: each indexed scalar as an order, under no filter and under each other indexed property's value. */
export function nodeListEntries(type: NodeType, props: Props): NodeListEntry[] {
  const { indexed } = nodeCatalogue[type];
  return indexed.flatMap((sort) => {
    const place = props[sort];
    if (!isSortable(place)) return [];
    const filtered = indexed
      .filter((filter) => filter !== sort)
      .flatMap((filter) =>
        valuesOf(props[filter]).map((value) => ({ list: nodeList(type, filter, sort), value, sort: place })),
      );
    return [{ list: nodeList(type, '', sort), value: '', sort: place }, ...filtered];
  });
}

export function uniqueValues(type: NodeType, props: Props): Unique[] {
  return nodeCatalogue[type].unique.flatMap((property) => {
    const value = props[property];
    return isSortable(value) ? [{ property, value }] : [];
  });
}

/** The indexed properties of an edge that it has, by list. */
export function edgeListEntries(type: EdgeType, props: Props): { list: string; value: Sortable }[] {
  return edgeCatalogue[type].indexed.flatMap((property) => {
    const value = props[property];
    return isSortable(value) ? [{ list: edgeList(type, property), value }] : [];
  });
}

/** Changes whenever other entries than before would be made of the same properties. */
export function listsFingerprint(): string {
  return JSON.stringify({ nodeCatalogue, edgeCatalogue });
}

function isSortable(value: unknown): value is Sortable {
  return typeof value === 'string' || typeof value === 'number';
}

/** An array counts once per distinct element. */
function valuesOf(value: unknown): Sortable[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return [...new Set(values.filter(isSortable))];
}
