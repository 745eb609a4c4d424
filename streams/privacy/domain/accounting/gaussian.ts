/** (epsilon, delta) of Gaussian noise by the exact curve, without the detour over rho. Source: Balle and Wang 2018, theorem 8. */
import { millsRatio, normalDensity, normalUpperTail } from './normal.ts';

export interface GaussianNoise {
  readonly sigma: number;
  /** Euclidean sensitivity. */
  readonly sensitivity: number;
}

/**
 * Smallest delta with which continuous Gaussian noise is (epsilon, delta)-private:
 * P(X > a) - e^epsilon P(X > b), a = epsilon sigma / Delta - Delta / (2 sigma), b = a + Delta / sigma. As e^epsilon density(b) is density(a),
 * that is density(a) times a difference of Mills' ratios. RangeError unless sigma and sensitivity are positive and epsilon >= 0.
 */
export function gaussianDelta({ sigma, sensitivity }: GaussianNoise, epsilon: number): number {
  if (!(sigma > 0 && sensitivity > 0 && epsilon >= 0))
    throw new RangeError('sigma and sensitivity must be positive, epsilon not negative');
  const a = (epsilon * sigma) / sensitivity - sensitivity / (2 * sigma);
  const b = a + sensitivity / sigma;
  // Mills' ratio explodes to the left; b is always positive.
  if (a < -2) return normalUpperTail(a) - normalDensity(a) * millsRatio(b);
  return normalDensity(a) * (millsRatio(a) - millsRatio(b));
}

/** Smallest sigma with which Gaussian noise of `sensitivity` is (epsilon, delta)-private, rounded up by less than 1e-12 of itself. */
export function gaussianSigma(target: { readonly epsilon: number; readonly delta: number }, sensitivity = 1): number {
  const { epsilon, delta } = target;
  if (!(delta > 0 && delta < 1)) throw new RangeError('delta must lie between 0 and 1');
  let [low, high] = [0, sensitivity];
  while (gaussianDelta({ sigma: high, sensitivity }, epsilon) > delta) [low, high] = [high, high * 2];
  for (let step = 0; step < 100; step += 1) {
    const middle = (low + high) / 2;
    if (gaussianDelta({ sigma: middle, sensitivity }, epsilon) > delta) low = middle;
    else high = middle;
  }
  return high * (1 + 1e-12);
}
