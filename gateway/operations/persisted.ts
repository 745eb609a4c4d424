import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { GraphQLError } from 'graphql';
import { z } from 'zod';
import { errorCodes, gatewayError } from '../errors.ts';

/** Operations that are known by the SHA-256 of their text. */
export interface PersistedOperations {
  /** Text by hex SHA-256. */
  readonly texts: ReadonlyMap<string, string>;
  /** True where nothing else may run. */
  readonly only: boolean;
}

/** What a client sends in place of a text, or with it. */
export interface AskedOperation {
  readonly query?: unknown;
  /** `documentId` of GraphQL over HTTP, with or without `sha256:`. */
  readonly documentId?: unknown;
  /** `extensions.persistedQuery.sha256Hash`, as Apollo's clients have it. */
  readonly extensions?: unknown;
}

/** The manifest cannot be used. The message names the file and what is wrong with it. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
}

const manifestForms = z.union([
  z
    .object({
      format: z.literal('apollo-persisted-query-manifest'),
      operations: z.array(z.object({ body: z.string() })),
    })
    .transform(({ operations }) => operations.map(({ body }) => ({ id: sha256(body), body }))),
  z
    .record(z.string(), z.string())
    .transform((texts) => Object.entries(texts).map(([id, body]) => ({ id: id.replace(/^sha256:/, ''), body }))),
]);

/** Reads a manifest: `{"<sha256>": "<text>"}`, or that of Apollo's tools. Throws `ManifestError`. */
export function readPersistedOperations(file: string, only: boolean): PersistedOperations {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ManifestError(
      `${file}: the manifest of persisted operations cannot be read: ${(error as Error).message}`,
    );
  }
  const parsed = manifestForms.safeParse(value);
  if (!parsed.success) throw new ManifestError(`${file}: a manifest is a JSON object from SHA-256 to operation text`);
  for (const { id, body } of parsed.data) {
    if (id !== sha256(body))
      throw new ManifestError(`${file}: ${id} is not the SHA-256 of its text, which is ${sha256(body)}`);
  }
  return { texts: new Map(parsed.data.map(({ id, body }) => [id, body])), only };
}

/** The text that a client means; undefined where it gave none; an error where it may not have it. */
export function textOf(
  asked: AskedOperation,
  persisted: PersistedOperations | undefined,
): string | undefined | GraphQLError {
  const query = typeof asked.query === 'string' && asked.query !== '' ? asked.query : undefined;
  if (!persisted) return query;
  const id = idOf(asked);
  if (id === undefined && (query === undefined || !persisted.only)) return query;
  const text = persisted.texts.get(id ?? sha256(query ?? ''));
  if (id !== undefined && query !== undefined && sha256(query) !== id)
    return gatewayError('the hash is not that of the text that came with it', { code: errorCodes.badRequest });
  if (text !== undefined) return text;
  if (query !== undefined && !persisted.only) return query;
  return gatewayError('this operation is not in the manifest of persisted operations: publish it there first', {
    code: query === undefined ? errorCodes.persistedNotFound : errorCodes.persistedOnly,
  });
}

function idOf({ documentId, extensions }: AskedOperation): string | undefined {
  if (typeof documentId === 'string') return documentId.replace(/^sha256:/, '');
  const { persistedQuery } = (extensions ?? {}) as { persistedQuery?: { sha256Hash?: unknown } | null };
  const hash = persistedQuery?.sha256Hash;
  return typeof hash === 'string' ? hash : undefined;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
