import { createHash } from 'node:crypto';
import type { Keyset, Page } from '../../engines/graph-store/port.ts';
import { badInput } from './errors.ts';

export const pageLimits = { default: 20, max: 100 } as const;

export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

export interface PageRequest {
  readonly limit: number;
  readonly after?: Keyset;
}

export interface Connection<T> {
  readonly edges: readonly { readonly cursor: string; readonly node: T }[];
  readonly nodes: readonly T[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

/**
 * Reads Relay's forward paging arguments. `list` names the list with everything that decides its order and content, so that a cursor from
 * another list is refused. Throws BAD_USER_INPUT naming the argument and its limit.
 */
export function pageRequest(list: string, page: PageArguments): PageRequest {
  const limit = page.first ?? pageLimits.default;
  if (limit < 1 || limit > pageLimits.max)
    throw badInput(`first must be 1 to ${pageLimits.max}, not ${limit}: ask for the next page with "after"`, 'first');
  return page.after == null ? { limit } : { limit, after: decodeCursor(list, page.after) };
}

/** A Relay connection of a keyset page. */
export function toConnection<S, T>(
  list: string,
  request: PageRequest,
  page: Page<S>,
  present: (item: S) => T,
): Connection<T> {
  const edges = page.items.map((item, index) => ({
    cursor: encodeCursor(list, page.keysets[index] as Keyset),
    node: present(item),
  }));
  return {
    edges,
    nodes: edges.map((edge) => edge.node),
    pageInfo: {
      hasNextPage: page.hasMore,
      hasPreviousPage: request.after !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

function tagOf(list: string): string {
  return createHash('sha256').update(list).digest('base64url').slice(0, 8);
}

export function encodeCursor(list: string, keyset: Keyset): string {
  return Buffer.from(JSON.stringify([tagOf(list), keyset.value, keyset.id])).toString('base64url');
}

export function decodeCursor(list: string, cursor: string): Keyset {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    parts = null;
  }
  const [tag, value, id] = Array.isArray(parts) ? (parts as unknown[]) : [];
  if (!isPosition(value) || typeof id !== 'string' || !id.isWellFormed())
    throw badInput('after is not a cursor of this API: pass an endCursor as it was given', 'after');
  if (tag !== tagOf(list))
    throw badInput(
      'after is a cursor of another list (or of the same list with other arguments): start again without it',
      'after',
    );
  return { value, id };
}

/** Cursors are no secret, so that anybody can write one: engines are given no value of which they can make nothing. */
function isPosition(value: unknown): value is string | number {
  if (typeof value === 'string') return value.isWellFormed();
  return typeof value === 'number' && (Number.isSafeInteger(value) || !Number.isInteger(value));
}
