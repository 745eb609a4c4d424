import { type EdgeType, type NodeType, edgeCatalogue } from '../../../schema/graph/catalogue.ts';
import type { Direction } from '../port.ts';

export type Row = Readonly<Record<string, unknown>>;
/** Runs one statement, outside of any transaction or in one. Numbers come back as numbers. */
export type Run = (cypher: string, parameters: Readonly<Record<string, unknown>>) => Promise<readonly Row[]>;

/** A name of the catalogue as Cypher writes it. Names are the program's own; quoting keeps reserved words harmless. */
export function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** The label, or the choice of two, of the nodes that an edge starts from in this direction. */
export function labelsAt(edge: EdgeType, direction: Direction): string {
  const { from, to } = edgeCatalogue[edge];
  const types: readonly NodeType[] = direction === 'out' ? [from] : direction === 'in' ? [to] : [from, to];
  return labelsOf(types);
}

export function labelsOf(types: readonly NodeType[]): string {
  return [...new Set(types)].map(quoted).join('|');
}

/** Every label that an edge of these types can touch. */
export function labelsAround(edges: readonly EdgeType[]): string {
  return labelsOf(edges.flatMap((edge) => [edgeCatalogue[edge].from, edgeCatalogue[edge].to]));
}
