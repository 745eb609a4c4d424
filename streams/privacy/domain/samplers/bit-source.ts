/**
 * Where randomness comes from. Samplers only ever ask for uniform bits and compute with integers, so their output has exactly
 * the distribution that they claim as long as the bits are uniform.
 */
export interface BitSource {
  /** The next `count` bits as an integer, first bit most significant. `count` is 1 to {@link chunkBits}. */
  bits(count: number): number;
}

/** Most bits that are taken at once: a small integer in V8, and shifts by it stay clear of the sign. */
const chunkBits = 30;

const chunkBase = 2 ** chunkBits;
/** Taken once: in jest's realms each mention of a global is slow. */
const { clz32, floor } = Math;

/** Bits of a whole number from 0 to 2^53 - 1. */
function bitLength(value: number): number {
  const high = floor(value / 2 ** 32);
  return high === 0 ? 32 - clz32(value) : 64 - clz32(high);
}

/**
 * A uniform integer in [0, n) for a safe integer n >= 1, by rejection: as many bits as n - 1 has, again while the result is too large.
 * Takes the same bits to the same result as {@link uniformBelowBig}. n = 1 takes none.
 */
export function uniformBelow(n: number, source: BitSource): number {
  const count = bitLength(n - 1);
  if (count === 0) return 0;
  for (;;) {
    const value =
      count <= chunkBits ? source.bits(count) : source.bits(count - chunkBits) * chunkBase + source.bits(chunkBits);
    if (value < n) return value;
  }
}

/** As {@link uniformBelow}, without a limit on n. */
export function uniformBelowBig(n: bigint, source: BitSource): bigint {
  const count = n === 1n ? 0 : (n - 1n).toString(2).length;
  if (count === 0) return 0n;
  for (;;) {
    const first = ((count - 1) % chunkBits) + 1;
    let value = BigInt(source.bits(first));
    for (let left = count - first; left > 0; left -= chunkBits) {
      value = (value << BigInt(chunkBits)) | BigInt(source.bits(chunkBits));
    }
    if (value < n) return value;
  }
}
