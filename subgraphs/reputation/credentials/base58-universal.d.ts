declare module 'base58-universal' {
  /** Base58 with Bitcoin's alphabet. */
  export function encode(bytes: Uint8Array): string;
}
