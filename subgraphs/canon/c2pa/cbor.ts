import { type Tagged, encode, rfc8949EncodeOptions } from 'cborg';

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

/** The deterministic CBOR (RFC 8949, 4.2.1: shortest heads and numbers, keys in the order of their bytes) of a value. */
export function cbor(value: CborValue): Buffer {
  return Buffer.from(encode(value, rfc8949EncodeOptions));
}
