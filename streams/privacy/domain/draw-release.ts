import { errorBarHalfWidth } from '../../../schema/metrics/error-bar.ts';
import type { LedgerHead } from '../../../schema/metrics/ledger-row.ts';
import type { DeclaredMetric } from '../../../schema/metrics/metric.ts';
import { formatRational } from '../../../schema/metrics/rational.ts';
import { Raw, type Release } from '../../../schema/metrics/release.ts';
import type { BitSource } from './samplers/bit-source.ts';
import { discreteGaussian } from './samplers/discrete-gaussian.ts';

/** Names the release of a window for ever: metric and start of the window. */
export const windowIdOf = (metric: string, windowStart: string): string => `${metric}|${windowStart}`;

/** Names one cell of it: no two share a text, as only a key may hold a bar. */
export const releaseIdOf = (metric: string, windowStart: string, key: string): string =>
  `${windowIdOf(metric, windowStart)}|${key}`;

export interface Draw {
  /** ISO 8601 with milliseconds. */
  readonly window: Release['window'];
  readonly key: string;
  /** The sum of bounded contributions. */
  readonly raw: Raw<number>;
  /** The keyed stream of the window: its cells draw from it in the order of their keys. */
  readonly source: BitSource;
  readonly sealedAt: string;
  /** The ledger row that reserved the window. */
  readonly reservation: LedgerHead;
}

/**
 * Adds noise: the only place where a raw value becomes a public one. The interval of level `level` depends on the metric alone.
 * RangeError where the result leaves the safe integers, which needs a count of that size.
 */
export function createDrawer(
  metric: Pick<DeclaredMetric, 'id' | 'schemaHash' | 'sigma2' | 'cellRho'>,
  level: number,
): (draw: Draw) => Release {
  const sampler = discreteGaussian(metric.sigma2);
  const half = errorBarHalfWidth([metric.sigma2], level);
  const releaseOf = createReleaser(metric, level);
  return (draw) => {
    const value = Number(BigInt(Raw.reveal(draw.raw)) + sampler(draw.source));
    return releaseOf(draw, { value, half });
  };
}

/** Makes the release of a noised value and the half-width of its interval. RangeError where they leave the safe integers. */
export function createReleaser(
  metric: Pick<DeclaredMetric, 'id' | 'schemaHash' | 'sigma2' | 'cellRho'>,
  level: number,
): (draw: Omit<Draw, 'raw'>, noised: { readonly value: number; readonly half: number }) => Release {
  const [sigma2, rho] = [formatRational(metric.sigma2), formatRational(metric.cellRho)];
  return ({ window, key, sealedAt, reservation }, { value, half }) => {
    if (!Number.isSafeInteger(value - half) || !Number.isSafeInteger(value + half)) {
      throw new RangeError(`${metric.id}: a release does not fit into 53 bits`);
    }
    return {
      releaseId: releaseIdOf(metric.id, window.start, key),
      metric: metric.id,
      schemaHash: metric.schemaHash,
      window,
      key,
      value,
      interval: { level, low: value - half, high: value + half },
      sigma2,
      rho,
      sealedAt,
      ledgerSeq: reservation.seq,
      ledgerHash: reservation.hash,
    };
  };
}
