/** Bit sources for tests: reproducible, and not for noise that anybody relies on. */
import type { BitSource } from './samplers/bit-source.ts';

/** Thrown where a listed source is asked for more than it has. One object: it is thrown a million times. */
export const outOfBits = new RangeError('out of bits');

/** The lowest `length` bits of `list`, first bit most significant, and then {@link outOfBits}. */
export function listedBits(list: number, length: number): BitSource & { readonly taken: () => number } {
  let left = length;
  return {
    taken: () => length - left,
    bits(count) {
      if (count > left) throw outOfBits;
      left -= count;
      return (list >>> left) & ((1 << count) - 1);
    },
  };
}

/** Endless bits of a seed (splitmix32). `taken` counts them, so that two samplers can be compared bit for bit. */
export function seededBits(seed: number): BitSource & { readonly taken: () => number } {
  let state = seed | 0;
  let taken = 0;
  return {
    taken: () => taken,
    bits(count) {
      taken += count;
      state = (state + 0x9e3779b9) | 0;
      let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
      return (mixed ^ (mixed >>> 15)) >>> (32 - count);
    },
  };
}
