import { type EdgeType, type NodeType, edgeCatalogue, nodeCatalogue } from '../../schema/graph/catalogue.ts';

const where = 'schema/graph/catalogue.ts';

/** Refuses to filter or order nodes by what has no list. */
export function checkIndexed(type: NodeType, property: string): void {
  if (!(nodeCatalogue[type].indexed as readonly string[]).includes(property)) {
    throw new RangeError(`${type}.${property} is not indexed: name it in ${where} to filter or order by it`);
  }
}

export function checkUnique(type: NodeType, property: string): void {
  if (!(nodeCatalogue[type].unique as readonly string[]).includes(property)) {
    throw new RangeError(`${type}.${property} is not unique: name it in ${where} to find nodes by it`);
  }
}

export function checkIndexedEdge(type: EdgeType, property: string): void {
  if (!(edgeCatalogue[type].indexed as readonly string[]).includes(property)) {
    throw new RangeError(`${type}.${property} is not indexed: name it in ${where} to order or weigh by it`);
  }
}

/** Absent values filter nothing. */
export function filtersOf(where: Readonly<Record<string, unknown>> = {}): (readonly [string, string | number])[] {
  return Object.entries(where).filter((entry): entry is [string, string | number] => entry[1] !== undefined);
}
