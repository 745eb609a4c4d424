/** Draws against the exact mass functions, and the mechanisms that no declared metric uses, by themselves. */
import { rational, parseRational, toNumber } from '../../schema/metrics/rational.ts';
import { columnNormalised, encode } from '../../schema/metrics/running-total.ts';
import { metricById, metrics } from '../../schema/metrics/catalogue.ts';
import { Raw } from '../../schema/metrics/release.ts';
import { keyedBits } from '../../streams/privacy/crypto/bit-sources.ts';
import { secretKey } from '../../streams/privacy/crypto/keyed-hash.ts';
import { createTotalDrawer } from '../../streams/privacy/domain/draw-total.ts';
import { goodnessOfFit } from '../../streams/privacy/domain/goodness-of-fit.ts';
import { gaussianDistribution, laplaceDistribution } from '../../streams/privacy/domain/mass.ts';
import type { BitSource } from '../../streams/privacy/domain/samplers/bit-source.ts';
import { discreteGaussian, discreteGaussianBig } from '../../streams/privacy/domain/samplers/discrete-gaussian.ts';
import {
  type Sampler,
  discreteLaplace,
  discreteLaplaceBig,
} from '../../streams/privacy/domain/samplers/discrete-laplace.ts';
import { magicProbabilities, selects } from '../../streams/privacy/domain/selection/magic.ts';
import { momentsOf, rateAtLeast, rateAtMost } from './confidence.ts';

const key = secretKey(new Uint8Array(32).fill(7));
const bits = (name: string): BitSource => keyedBits(key, { releaseId: `audit|${name}`, commitment: 'c'.repeat(64) });
const pMin = 1e-6;

function drawn(sampler: Sampler, count: number, name: string): number[] {
  const source = bits(name);
  return Array.from({ length: count }, () => Number(sampler(source)));
}

/** Chi-square of `draws` draws of each sampler, by its fast path and, for a tenth as many, in BigInt; and both on the same bits. */
export function samplerFaults(draws: number): readonly string[] {
  const faults: string[] = [];
  const judge = (name: string, sample: readonly number[], mass: (x: number) => number): void => {
    const { p } = goodnessOfFit(sample, mass);
    if (p < pMin) faults.push(`${name}: ${sample.length} draws do not fit its mass function (p ${p.toExponential(1)})`);
  };
  for (const text of ['1', '1/3', '200', '2500/3']) {
    const sigma2 = parseRational(text);
    const { mass } = gaussianDistribution(toNumber(sigma2));
    judge(`Gaussian of sigma² ${text}`, drawn(discreteGaussian(sigma2), draws, text), mass);
    judge(`Gaussian of sigma² ${text} in BigInt`, drawn(discreteGaussianBig(sigma2), draws / 10, text), mass);
    const [fast, big] = [discreteGaussian(sigma2), discreteGaussianBig(sigma2)].map((each) =>
      drawn(each, 2_000, `same ${text}`).join(),
    );
    if (fast !== big) faults.push(`Gaussian of sigma² ${text}: the fast path and BigInt differ on the same bits`);
  }
  for (const text of ['1', '10', '22/7']) {
    const scale = parseRational(text);
    const { mass } = laplaceDistribution(toNumber(scale));
    judge(`Laplace of scale ${text}`, drawn(discreteLaplace(scale), draws, text), mass);
    judge(`Laplace of scale ${text} in BigInt`, drawn(discreteLaplaceBig(scale), draws / 10, text), mass);
  }
  return faults;
}

const miss = 1e-6;

/** Discrete Laplace on one count: no event may be e^epsilon times as likely beside a neighbour, and some event must come close. */
export function laplaceFaults(draws: number): readonly string[] {
  const sampler = discreteLaplace(rational(2n));
  const hitsOf = (name: string, count: number): number =>
    drawn(sampler, draws, name).filter((noise) => count + noise >= 1).length;
  const [without, withIt] = [hitsOf('laplace without', 0), hitsOf('laplace with', 1)];
  const epsilon = Math.log(rateAtLeast(withIt, draws, miss) / rateAtMost(without, draws, miss));
  if (epsilon > 0.5)
    return [`discrete Laplace of scale 2: the game proves epsilon >= ${epsilon.toFixed(3)}, and 0.5 is claimed`];
  return epsilon > (draws < 100_000 ? 0.4 : 0.48)
    ? []
    : [`discrete Laplace of scale 2: the game sees only ${epsilon.toFixed(3)} of 0.5: it proves nothing`];
}

/** Optimal key selection at epsilon ln 2, delta 0.1: neighbours obey both inequalities, and the probabilities are those of privacy.md. */
export function selectionFaults(draws: number): readonly string[] {
  const table = magicProbabilities({ expEpsilon: rational(2n), delta: rational(1n, 10n) });
  const source = bits('selection');
  const expected = [0, 0.1, 0.3, 0.7, 0.9, 1, 1];
  return expected.flatMap((p, accounts) => {
    const hits = Array.from({ length: draws }, () => selects(accounts, table, source)).filter(Boolean).length;
    const isWithin = rateAtLeast(hits, draws, miss) <= p + 1e-9 && p - 1e-9 <= rateAtMost(hits, draws, miss);
    return isWithin
      ? []
      : [`selection shows a key of ${accounts} accounts ${hits} times in ${draws}, and ${p} is its probability`];
  });
}

const windows = 24;

/** Running totals by themselves: `sequences` with one account in the first window and as many without; what the totals give back on the lattice is the declared noise, and tells no more than rho allows. */
export function totalFaults(sequences: number): readonly string[] {
  const metric = metricById.get('members-total');
  if (!metric) return ['members-total is not declared'];
  const draw = createTotalDrawer(metric, 0.95);
  const factor = columnNormalised({ horizon: metric.horizon ?? 1, scaleBits: 10 });
  const sigma = Math.sqrt(toNumber(metric.sigma2));
  const group = 60;
  const figuresOf = (name: string, first: number): { along: number[]; noise: number[] } => {
    const found = { along: [] as number[], noise: [] as number[] };
    for (let n = 0; n < sequences; n += 1) {
      const totals = totalsOf(draw, {
        counts: [first, ...Array.from({ length: windows - 1 }, () => 0)],
        source: bits(`totals ${name} ${n}`),
      });
      // What was added in each window, as the totals tell it, brought back to the lattice on which the noise was added.
      const added = totals.map((value, t) => value - (totals[t - 1] ?? 0));
      const lattice = added.map((_, t) => Number(encode(factor, added.slice(0, t + 1))));
      const column = Array.from(factor.columns[0]?.subarray(0, windows) ?? []);
      const norm = Math.hypot(...column);
      found.along.push(lattice.reduce((sum, value, t) => sum + (value * (column[t] ?? 0)) / norm, 0) / sigma);
      found.noise.push(...lattice.map((value, t) => (value - first * (column[t] ?? 0)) / sigma));
    }
    return found;
  };
  const [without, withIt] = [figuresOf('without', 0), figuresOf('with', group)];
  const mu = (momentsOf(withIt.along).mean - momentsOf(without.along).mean) / group;
  const allowed = Math.sqrt(2 * toNumber(metric.rho));
  const error = Math.sqrt(2 / sequences) / group;
  const faults: string[] = [];
  if (mu > allowed + 5 * error)
    faults.push(`members-total: mu is ${mu.toFixed(4)} ± ${error.toFixed(4)}, and rho allows ${allowed.toFixed(4)}`);
  if (mu < 0.5 * allowed - 5 * error) faults.push(`members-total: mu is ${mu.toFixed(4)}: the account hardly shows`);
  const { variance } = momentsOf([...without.noise, ...withIt.noise]);
  if (Math.abs(variance - 1) > 5 * Math.sqrt(2 / (2 * sequences * windows)) + 1e-3)
    faults.push(`members-total: its noise on the lattice has ${variance.toFixed(3)} times the declared variance`);
  return faults;
}

function totalsOf(
  draw: ReturnType<typeof createTotalDrawer>,
  { counts, source }: { readonly counts: readonly number[]; readonly source: BitSource },
): readonly number[] {
  const values: number[] = [];
  return counts.map((_, t) => {
    const history = { counts: counts.slice(0, t + 1), values: [...values] };
    const window = { start: '2018-01-01T00:00:00.000Z', end: '2018-01-02T00:00:00.000Z' };
    const { release, value } = draw({
      window,
      key: 'ALL',
      raw: new Raw(history),
      source,
      sealedAt: window.end,
      reservation: { seq: 0, hash: '0'.repeat(64) },
    });
    values.push(value);
    return release.value;
  });
}

/** Noise of every declared metric through its own sampler, a thousand draws each: no declaration leads outside of what samplers are tested for. */
export function declaredNoiseFaults(): readonly string[] {
  return metrics.flatMap(({ id, sigma2 }) => {
    const sample = drawn(discreteGaussian(sigma2), 4_000, `declared ${id}`);
    const ratio = momentsOf(sample).variance / toNumber(sigma2);
    return Math.abs(ratio - 1) < 5 * Math.sqrt(2 / sample.length)
      ? []
      : [`${id}: its noise has ${ratio.toFixed(3)} times the declared variance`];
  });
}
