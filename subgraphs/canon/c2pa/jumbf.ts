/** JUMBF (ISO/IEC 19566-5): boxes in boxes, each superbox with a description of its kind and a label. */

/** What a superbox holds; C2PA's own kinds and the two content kinds that it uses. */
const kinds = {
  store: 'c2pa',
  manifest: 'c2ma',
  assertions: 'c2as',
  claim: 'c2cl',
  signature: 'c2cs',
  cbor: 'cbor',
  json: 'json',
} as const;
export type BoxKind = keyof typeof kinds;

/** Every kind is named by four letters before the same twelve bytes. */
const kindSuffix = Buffer.from('00110010800000aa00389b71', 'hex');
/** Can be asked for by its label, and has one. */
const toggles = 0x03;

/** A box: its length with these eight bytes, its type, its content. */
export function box(type: string, content: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(content.length + head.length, 0);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, content]);
}

/** A superbox of a kind. Its bytes without the first eight are what C2PA hashes of an assertion. */
export function superbox(kind: BoxKind, label: string, ...contents: readonly Uint8Array[]): Buffer {
  const uuid = Buffer.concat([Buffer.from(kinds[kind], 'latin1'), kindSuffix]);
  const description = Buffer.concat([uuid, Buffer.of(toggles), Buffer.from(`${label}\0`, 'utf8')]);
  return box('jumb', Buffer.concat([box('jumd', description), ...contents]));
}

/** The part of a superbox that is hashed where another names it (C2PA, "hashing JUMBF boxes"). */
export const hashedPart = (superboxBytes: Buffer): Buffer => superboxBytes.subarray(8);
