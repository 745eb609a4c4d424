/**
 * Secret sharing (Shamir 1979): any `threshold` shares give a secret back, fewer say nothing about it. Over the prime field of 2^521 - 1, the secret being 32 bytes.
 */

const prime = 2n ** 521n - 1n;
export const secretBytes = 32;

export interface Share {
  /** Where the polynomial was evaluated: 1 or more, another one for each holder. */
  readonly at: number;
  readonly value: bigint;
}

function reduce(value: bigint): bigint {
  const rest = value % prime;
  return rest < 0n ? rest + prime : rest;
}

/** The inverse modulo the prime (extended Euclid): fast where the number is small, as differences of places are. */
function inverse(value: bigint): bigint {
  let [rest, nextRest] = [prime, reduce(value)];
  let [factor, nextFactor] = [0n, 1n];
  while (nextRest !== 0n) {
    const quotient = rest / nextRest;
    [rest, nextRest] = [nextRest, rest - quotient * nextRest];
    [factor, nextFactor] = [nextFactor, factor - quotient * nextFactor];
  }
  return reduce(factor);
}

/**
 * Splits a secret among holders. `coefficient` gives a uniform field element for each call (at least 521 + 64 random bits, which are reduced here). RangeError for a secret that is not 32 bytes, for two holders
 * at one place, or a threshold that they cannot reach.
 */
export function splitSecret(
  secret: bigint,
  options: { readonly threshold: number; readonly holders: readonly number[]; readonly coefficient: () => bigint },
): readonly Share[] {
  const { threshold, holders, coefficient } = options;
  if (secret < 0n || secret >= 1n << BigInt(8 * secretBytes)) throw new RangeError('a secret has 32 bytes');
  if (new Set(holders).size !== holders.length || holders.some((at) => !Number.isSafeInteger(at) || at < 1))
    throw new RangeError('each holder needs a place of its own, from 1 on');
  if (!(threshold >= 1 && threshold <= holders.length))
    throw new RangeError(`${holders.length} holders cannot reach a threshold of ${threshold}`);
  const coefficients = [secret, ...Array.from({ length: threshold - 1 }, () => reduce(coefficient()))];
  return holders.map((at) => {
    const x = BigInt(at);
    return { at, value: coefficients.reduceRight((sum, each) => (sum * x + each) % prime, 0n) };
  });
}

/** The secret of shares that reach the threshold: the polynomial's value at 0 (Lagrange). From other shares comes a number that means nothing. RangeError for shares at one place. */
export function joinSecret(shares: readonly Share[]): bigint {
  if (new Set(shares.map(({ at }) => at)).size !== shares.length) throw new RangeError('two shares are of one place');
  let secret = 0n;
  for (const { at, value } of shares) {
    let [over, under] = [1n, 1n];
    for (const other of shares) {
      if (other.at === at) continue;
      over *= BigInt(other.at);
      under *= BigInt(other.at - at);
    }
    const sign = under < 0n ? -1n : 1n;
    secret = reduce(secret + value * (((over * sign) % prime) * inverse(under * sign)));
  }
  return secret;
}
