/**
 * The distinguishing game through the whole processor: from its releases alone, was the group there? What a distinguisher can be sure of, with confidence, must stay below what the declared rho allows; and
 * since the group does the worst that the bounds allow, it must come close to it, or the game would prove nothing.
 */
import { epsilonOf } from '../../schema/metrics/epsilon.ts';
import { metricById, metrics } from '../../schema/metrics/catalogue.ts';
import { divide, multiply, parseRational, rational, toNumber } from '../../schema/metrics/rational.ts';
import { goodnessOfFit } from '../../streams/privacy/domain/goodness-of-fit.ts';
import { gaussianDistribution } from '../../streams/privacy/domain/mass.ts';
import { released } from '../../streams/privacy/testing.ts';
import type { DryRun } from '../../streams/shared/testing.ts';
import { momentsOf, muAtLeast } from './confidence.ts';
import { claimedSensitivity2 } from './claims.ts';
import { runWorld, shiftsOfMember } from './worlds.ts';

/** How many standard errors an honest run may be off: a chance of one in a million and less. */
const errorsMax = 5;
/** Probability with which a bound of Clopper and Pearson may be wrong. */
const miss = 1e-4;
export const deltaShown = 1e-9;

export interface Played {
  readonly metric: string;
  /** Epsilon at 1e-9 of one account-day, as declared. */
  readonly claimed: number;
  /** What the game proves it to be at least, with confidence 1 - 1e-4. */
  readonly atLeast: number;
  /** What it is by the game's means: an estimate. */
  readonly estimated: number;
}

export interface GameReport {
  readonly played: readonly Played[];
  readonly faults: readonly string[];
  readonly days: number;
}

/** Released values of a run by metric, then day, then hour and key. */
type Days = ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, number>>>;

function daysOf(dry: DryRun): Days {
  const found = new Map(metrics.map(({ id }) => [id, new Map<string, Map<string, number>>()]));
  for (const { metric, window_start, key, value } of released(dry, null)) {
    const days = found.get(metric);
    const day = window_start.slice(0, 10);
    const cells = days?.get(day) ?? new Map<string, number>();
    days?.set(day, cells.set(`${window_start.slice(11, 13)}|${key}`, value));
  }
  return found;
}

interface Sample {
  /** One figure a day: the values along the direction in which the group moves them, in units of the noise that was declared. */
  readonly figures: number[];
  /** What is left of each value without what was put in. */
  readonly residuals: number[];
}

/** On the first day of a run nobody of the group has acted. */
const firstDays = new Set(['2017-11-30', '2017-12-01']);

function take(sample: Sample, metric: string, dry: Days, { group, sigma }: { group: number; sigma: number }): void {
  const shift = shifts.get(metric) ?? new Map<string, number>();
  const norm = Math.sqrt([...shift.values()].reduce((sum, by) => sum + by * by, 0));
  for (const [day, cells] of dry.get(metric) ?? []) {
    if (firstDays.has(day)) continue;
    let along = 0;
    for (const [cell, value] of cells) {
      const by = shift.get(cell) ?? 0;
      along += (by * value) / norm;
      sample.residuals.push(value - group * by);
    }
    sample.figures.push(along / sigma);
  }
}

const shifts = shiftsOfMember();
const sigmaOf = (id: string): number => Math.sqrt(toNumber(metricById.get(id)?.sigma2 ?? rational(1n)));

/** mu of one account-day that the declaration allows: sqrt(2 rho). */
const muClaimed = (id: string): number => Math.sqrt(2 * toNumber(metricById.get(id)?.rho ?? rational(0n)));

const epsilonAt = (mu: number): number =>
  mu < 1e-6 ? 0 : epsilonOf(parseRational(((mu * mu) / 2).toFixed(12)), deltaShown);

/** Plays `runs` runs with the group and as many without, 29 days each. `group` accounts differ at once: mu grows with them (group privacy), and so does what the game can see. */
export function playGames({ runs, group, seed }: { runs: number; group: number; seed: string }): GameReport {
  const samples = new Map(
    [...shifts.keys()].map((id) => [
      id,
      [0, 1].map((): Sample => ({ figures: [], residuals: [] })) as [Sample, Sample],
    ]),
  );
  for (let round = 0; round < runs; round += 1) {
    for (const [world, present] of [0, group].entries()) {
      const days = daysOf(runWorld({ group: present, seed: `${seed} ${world} ${round}`, manner: 'EXACT' }));
      for (const [id, pair] of samples) {
        const sample = pair[world];
        if (sample) take(sample, id, days, { group: present, sigma: sigmaOf(id) });
      }
    }
  }
  const faults: string[] = [];
  const played = [...samples].map(([id, [without, withIt]]) => judge(id, { without, withIt, group, faults }));
  return { played, faults, days: samples.get('remixes')?.[0].figures.length ?? 0 };
}

interface Judged {
  readonly without: Sample;
  readonly withIt: Sample;
  readonly group: number;
  readonly faults: string[];
}

function judge(id: string, { without, withIt, group, faults }: Judged): Played {
  const allowed = muClaimed(id);
  const [calm, busy] = [momentsOf(without.figures), momentsOf(withIt.figures)];
  const days = without.figures.length;
  const spread = Math.sqrt((calm.variance + busy.variance) / 2);
  // Figures are in units of the declared noise; the noise that is there is what hides the group.
  const estimated = (busy.mean - calm.mean) / spread / group;
  const error = Math.sqrt(2 / days + (estimated * group) ** 2 / (4 * days)) / group;
  const threshold = (allowed * group) / 2;
  const atLeast = muAtLeast({ without: without.figures, withIt: withIt.figures, threshold }, miss) / group;
  if (atLeast > allowed)
    faults.push(`${id}: the game proves mu >= ${atLeast.toFixed(4)}, and rho allows ${allowed.toFixed(4)}`);
  if (estimated > allowed + errorsMax * error)
    faults.push(`${id}: mu is ${estimated.toFixed(4)} ± ${error.toFixed(4)}, and rho allows ${allowed.toFixed(4)}`);
  if (estimated < leastShare(id) * allowed - errorsMax * error)
    faults.push(
      `${id}: the group hardly shows (mu ${estimated.toFixed(4)} of ${allowed.toFixed(4)}): something that should count does not`,
    );
  for (const sample of [without, withIt]) {
    const fit = goodnessOfFit(sample.residuals, gaussianDistribution(toNumber(claimedSigma2(id))).mass);
    if (fit.p < 1e-6)
      faults.push(
        `${id}: what is left without the true counts is not the declared noise (chi-square p ${fit.p.toExponential(1)})`,
      );
  }
  return { metric: id, claimed: epsilonAt(allowed), atLeast: epsilonAt(atLeast), estimated: epsilonAt(estimated) };
}

/** How much of what is allowed a group must show that acts every day alike. A wait is between two days, which both pay for it: such a group moves a day by 2 of sqrt(20). */
const leastShare = (id: string): number => (metricById.get(id)?.waitDaysMax === undefined ? 0.5 : 0.4);

/** sigma² as the declaration's bounds and rho ask for, computed by the audit itself. */
function claimedSigma2(id: string): ReturnType<typeof rational> {
  const metric = metricById.get(id);
  if (!metric) throw new Error(`${id} is not declared`);
  return divide(claimedSensitivity2(metric), multiply(rational(2n), metric.rho));
}

/**
 * Accounts that do all they can, far beyond the bounds: all of a metric's cells together grow by l0 · linf for each of them at most (by the l0 units that it adds and what is done to it, where there are two
 * principals).
 */
export function greedyFaults({ runs, group, seed }: { runs: number; group: number; seed: string }): readonly string[] {
  const totals = new Map<string, number[]>();
  for (let round = 0; round < runs; round += 1) {
    const days = daysOf(runWorld({ group, seed: `${seed} greedy ${round}`, manner: 'GREEDY' }));
    for (const id of shifts.keys())
      for (const [day, cells] of days.get(id) ?? [])
        if (!firstDays.has(day)) totals.set(id, [...(totals.get(id) ?? []), total(id, cells)]);
  }
  return [...totals].flatMap(([id, sums]) => {
    const metric = metricById.get(id);
    if (!metric || metric.quantiles) return [];
    const { mean, variance } = momentsOf(sums);
    const most = metric.l0 * (metric.principals === 1 ? metric.linf : 1) * group;
    const error = Math.sqrt(variance / sums.length);
    return mean > most + errorsMax * error
      ? [
          `${id}: ${group} greedy accounts add ${mean.toFixed(0)} ± ${error.toFixed(0)} a day, and the bounds allow ${most}`,
        ]
      : [];
  });
}

const total = (id: string, cells: ReadonlyMap<string, number>): number =>
  [...cells].reduce(
    (sum, [cell, value]) => (metricById.get(id)?.keyVisibility === 'PRIVATE' && !isKnown(cell) ? sum : sum + value),
    0,
  );
const isKnown = (cell: string): boolean => /alpha|beta|gamma/.test(cell);
