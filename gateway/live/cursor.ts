import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { isObject } from '../execution/data.ts';

/** The next offset of each partition of a topic, in partition order. */
export type Positions = readonly number[];

/** What a cursor is good for. Nowhere else is it accepted. */
export interface CursorScope {
  readonly topic: string;
  /** The subscription's root field, by its name in the schema. */
  readonly field: string;
  /** Its coerced arguments. */
  readonly args: Readonly<Record<string, unknown>>;
}

/** Writes and reads the cursors of one subscription field with its arguments. */
export interface CursorSeal {
  write(positions: Positions): string;
  /** Null for a text that was not written under the same key for the same scope. */
  read(cursor: string): Positions | null;
}

const macBytes = 16;
/** A vector of thousands of partitions fits; longer texts are refused unread. */
const charactersMax = 16_384;

/** Cursors tell nothing but positions. The scope goes into the signature only, so that they stay short. */
export function createCursorSeal(key: Uint8Array, scope: CursorScope): CursorSeal {
  const context = `vcos-cursor-1\n${stableJson([scope.topic, scope.field, scope.args])}\n`;
  // Made once: a cursor is written for every event.
  const secret = createSecretKey(key);
  const macOf = (body: string): Buffer =>
    createHmac('sha256', secret).update(context).update(body).digest().subarray(0, macBytes);
  return {
    write(positions) {
      const body = positions.map((offset) => offset.toString(36)).join('_');
      return `${body}.${macOf(body).toString('base64url')}`;
    },
    read(cursor) {
      const [body = '', mac = ''] = cursor.length > charactersMax ? [] : cursor.split('.');
      const given = Buffer.from(mac, 'base64url');
      if (given.length !== macBytes || !timingSafeEqual(given, macOf(body))) return null;
      return body.split('_').map((offset) => parseInt(offset, 36));
    },
  };
}

/** JSON that does not depend on the order in which keys were set. */
function stableJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    isObject(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))) : item,
  );
}
