import type { NodeType } from '../../../schema/graph/catalogue.ts';
import type { Props } from '../lists.ts';
import type { GraphNode } from '../port.ts';

/** Properties of every stored node and edge that the adapter keeps for itself. `_rev` names the attempt that wrote it last. */
const reserved: ReadonlySet<string> = new Set(['id', 'version', 'key', '_rev', '_lock']);
/** What Neo4j has no type for (lists of maps above all) is stored as JSON text under its name with this before it. */
const jsonPrefix = 'json:';

export type StoredProps = Readonly<Record<string, unknown>>;

/** Properties as Neo4j holds them. With `clears`, both forms of a property are named, so that `+=` removes the one that it no longer has. */
export function encodeProps(props: Props, options: { clears: boolean } = { clears: false }): StoredProps {
  const stored: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(props)) {
    if (reserved.has(name) || name.startsWith(jsonPrefix)) {
      throw new RangeError(`a property cannot be named ${name}: the graph store keeps that name for itself`);
    }
    const native = isNative(value);
    const absent = value === undefined;
    if (options.clears) {
      stored[name] = null;
      stored[jsonPrefix + name] = null;
    }
    if (!absent) stored[native ? name : jsonPrefix + name] = native ? value : JSON.stringify(value);
  }
  return stored;
}

export function decodeProps(stored: StoredProps): Props {
  const props: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(stored)) {
    if (reserved.has(name)) continue;
    if (name.startsWith(jsonPrefix)) props[name.slice(jsonPrefix.length)] = JSON.parse(value as string);
    else props[name] = value;
  }
  return props;
}

export function decodeNode<T extends NodeType>(type: T, stored: StoredProps): GraphNode<T> {
  const props = decodeProps(stored) as GraphNode<T>['props'];
  return { type, id: stored['id'] as string, version: stored['version'] as number, props };
}

/** A list must be of one type to be a property of its own. */
function isNative(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((each) => typeof each === 'string');
  return ['string', 'number', 'boolean'].includes(typeof value);
}
