/**
 * The discrete Gaussian distribution: P(x) is proportional to exp(-x²/(2 sigma²)) (Canonne, Kamath, Steinke 2020, algorithm 3).
 * A discrete Laplace draw y of scale t = floor(sigma) + 1 is kept with probability exp(-(|y| - sigma²/t)² / (2 sigma²)).
 * With sigma² = num/den that exponent is (|y| den t - num)² / (2 num den t²): integers only.
 */
import { type Rational, compare, zero } from '../../../../schema/metrics/rational.ts';
import { bernoulliExp, bernoulliExpBig } from './bernoulli-exp.ts';
import type { BitSource } from './bit-source.ts';
import { type Sampler, drawLaplace, drawLaplaceBig } from './discrete-laplace.ts';

/** The integers of the rejection step. */
interface Proposal {
  readonly num: bigint;
  /** Scale of the Laplace proposal. */
  readonly t: bigint;
  readonly denT: bigint;
  /** Denominator of the exponent. */
  readonly q: bigint;
}

/** Largest root whose square is a safe integer. */
const rootMax = 94_906_265;

/** Whole square root, rounded down (Newton's method in integers). */
function wholeRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

function proposalFor(sigma2: Rational): Proposal {
  if (compare(sigma2, zero) <= 0) throw new RangeError('the variance of Gaussian noise must be positive');
  const { num, den } = sigma2;
  const t = wholeRoot(num / den) + 1n;
  return { num, t, denT: den * t, q: 2n * num * den * t * t };
}

function accepts({ num, denT, q }: Proposal, y: bigint, source: BitSource): boolean {
  const root = (y < 0n ? -y : y) * denT - num;
  return bernoulliExpBig(root * root, q, source);
}

/**
 * The sampler of variance parameter `sigma2` (the variance itself is smaller by less than 1e-6 for sigma >= 1). In Numbers
 * where every product is a safe integer, else in BigInt. RangeError unless `sigma2` is positive.
 */
export function discreteGaussian(sigma2: Rational): Sampler {
  const proposal = proposalFor(sigma2);
  const [num, t, denT, q] = [proposal.num, proposal.t, proposal.denT, proposal.q].map(Number) as [
    number,
    number,
    number,
    number,
  ];
  // q bounds t and den t; a root within rootMax has a safe square, and yMax keeps it there.
  if (num > rootMax || !Number.isSafeInteger(q)) return discreteGaussianBig(sigma2);
  const yMax = Math.floor((rootMax + num) / denT);
  return (source) => {
    for (;;) {
      const y = drawLaplace(t, 1, source);
      if (typeof y === 'bigint' || y > yMax || y < -yMax) {
        const big = BigInt(y);
        if (accepts(proposal, big, source)) return big;
        continue;
      }
      const root = (y < 0 ? -y : y) * denT - num;
      if (bernoulliExp(root * root, q, source)) return BigInt(y);
    }
  };
}

/** The sampler in BigInt throughout: the reference that the fast one is tested against. */
export function discreteGaussianBig(sigma2: Rational): Sampler {
  const proposal = proposalFor(sigma2);
  return (source) => {
    for (;;) {
      const y = drawLaplaceBig(proposal.t, 1n, source);
      if (accepts(proposal, y, source)) return y;
    }
  };
}
