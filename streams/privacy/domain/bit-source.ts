/** Uniformly random bytes; the only randomness of the samplers. */
export interface BitSource {
  nextByte(): number;
}

/** A uniform integer in [0, bound), by rejection: exact for every bound. */
export function uniformBelow(bits: BitSource, bound: bigint): bigint {
  if (bound <= 0n) throw new RangeError('the bound must be positive');
  const length = (bound - 1n).toString(2).length;
  const bytes = Math.ceil(length / 8);
  const mask = (1n << BigInt(bound === 1n ? 0 : length)) - 1n;
  for (;;) {
    let candidate = 0n;
    for (let n = 0; n < bytes; n += 1) candidate = (candidate << 8n) | BigInt(bits.nextByte());
    candidate &= mask;
    if (candidate < bound) return candidate;
  }
}
