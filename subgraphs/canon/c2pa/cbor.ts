/** A tagged value (RFC 8949, 3.4). */
export class Tagged {
  readonly tag: number;
  readonly value: CborValue;

  constructor(tag: number, value: CborValue) {
    this.tag = tag;
    this.value = value;
  }
}

export type CborValue =
  | string
  | number
  | boolean
  | null
  | Uint8Array
  | Tagged
  | readonly CborValue[]
  | ReadonlyMap<number, CborValue>
  | { readonly [key: string]: CborValue };

const majors = { unsigned: 0, negative: 1, bytes: 2, text: 3, list: 4, map: 5, tag: 6 } as const;
const falseByte = 0xf4;
const trueByte = 0xf5;
const nullByte = 0xf6;
const float64Byte = 0xfb;

/** The deterministic CBOR (RFC 8949, 4.2.1: shortest heads, keys in the order of their bytes) of a value. Throws a RangeError for integers beyond 2^53. */
export function cbor(value: CborValue): Buffer {
  if (value === null) return Buffer.of(nullByte);
  if (typeof value === 'boolean') return Buffer.of(value ? trueByte : falseByte);
  if (typeof value === 'number') return ofNumber(value);
  if (typeof value === 'string') return ofBytes(majors.text, Buffer.from(value, 'utf8'));
  if (value instanceof Uint8Array) return ofBytes(majors.bytes, value);
  if (value instanceof Tagged) return Buffer.concat([head(majors.tag, value.tag), cbor(value.value)]);
  if (Array.isArray(value)) return Buffer.concat([head(majors.list, value.length), ...value.map(cbor)]);
  const members: readonly (readonly [number | string, CborValue])[] =
    value instanceof Map ? [...value] : Object.entries(value);
  const pairs = members.map(([key, member]) => [cbor(key), cbor(member)] as const);
  pairs.sort(([a], [b]) => Buffer.compare(a, b));
  return Buffer.concat([head(majors.map, pairs.length), ...pairs.flat()]);
}

function ofNumber(value: number): Buffer {
  if (!Number.isInteger(value)) {
    const bytes = Buffer.alloc(9, float64Byte);
    bytes.writeDoubleBE(value, 1);
    return bytes;
  }
  if (!Number.isSafeInteger(value)) throw new RangeError('an integer beyond 2^53 is not exact');
  return value >= 0 ? head(majors.unsigned, value) : head(majors.negative, -1 - value);
}

function ofBytes(major: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([head(major, bytes.length), bytes]);
}

function head(major: number, count: number): Buffer {
  const first = major << 5;
  if (count < 24) return Buffer.of(first | count);
  if (count < 2 ** 8) return Buffer.of(first | 24, count);
  const bytes = Buffer.alloc(count < 2 ** 16 ? 3 : count < 2 ** 32 ? 5 : 9);
  bytes[0] = first | (bytes.length === 3 ? 25 : bytes.length === 5 ? 26 : 27);
  if (bytes.length === 3) bytes.writeUInt16BE(count, 1);
  else if (bytes.length === 5) bytes.writeUInt32BE(count, 1);
  else bytes.writeBigUInt64BE(BigInt(count), 1);
  return bytes;
}
