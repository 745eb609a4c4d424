/** The exact mass functions of the noise: what draws are tested against. Source: Canonne, Kamath, Steinke 2020, definitions 1 and 17. */
import { gaussianNormaliser } from '../../../schema/metrics/error-bar.ts';

export interface NoiseDistribution {
  /** P(X = x) for a whole x. */
  readonly mass: (x: number) => number;
  readonly variance: number;
}

/** The discrete Gaussian of variance parameter `sigma2` > 0. Its variance is smaller than that, by less than 1e-6 from sigma 1 on. */
export function gaussianDistribution(sigma2: number): NoiseDistribution {
  const normaliser = gaussianNormaliser(sigma2);
  const mass = (x: number): number => Math.exp(-(x * x) / (2 * sigma2)) / normaliser;
  let variance = 0;
  // 40 sigma: what lies beyond is below the smallest double.
  for (let x = Math.ceil(40 * Math.sqrt(sigma2)); x > 0; x -= 1) variance += 2 * x * x * mass(x);
  return { mass, variance };
}

/** The discrete Laplace of scale `scale` > 0; 1 / scale is its epsilon on one count. */
export function laplaceDistribution(scale: number): NoiseDistribution {
  const decay = Math.exp(-1 / scale);
  const atZero = -Math.expm1(-1 / scale) / (1 + decay);
  return { mass: (x) => atZero * Math.exp(-Math.abs(x) / scale), variance: (2 * decay) / Math.expm1(-1 / scale) ** 2 };
}
