/**
 * Quantiles of the Beta distribution, by the continued fraction of the regularised incomplete beta function (Numerical Recipes, 3rd ed., 6.4)
 * and Halley's method. Accurate to about 1e-12.
 */

const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;
const tiny = 1e-300;
const termsMax = 10_000;
/** Quantiles are middles of cells of this width, so that they do not depend on the way by which they are found. */
const cellsPerUnit = 2 ** 47;
const stepsMax = 12;

/** Natural logarithm of the gamma function, for x > 0 (Lanczos, g = 7). */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const shifted = x - 1;
  let sum: number = lanczos[0];
  for (let index = 1; index < lanczos.length; index++) sum += (lanczos[index] as number) / (shifted + index);
  const t = shifted + lanczos.length - 1.5;
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(sum);
}

/** P(X <= x) of Beta(a, b), a and b positive. */
export function betaCdf(x: number, a: number, b: number): number {
  return x <= 0 ? 0 : x >= 1 ? 1 : cdfWith(logBeta(a, b), x, a, b);
}

/** The x at which P(X <= x) of Beta(a, b) is `p`, which is between 0 and 1. */
export function betaQuantile(p: number, a: number, b: number): number {
  const constant = logBeta(a, b);
  const isBelow = (cell: number): boolean => cell > 0 && cdfWith(constant, cell / cellsPerUnit, a, b) >= p;
  let cell = Math.min(cellsPerUnit - 1, Math.floor(near(p, { constant, a, b }) * cellsPerUnit));
  // Rounding may have led into a neighbour.
  while (isBelow(cell)) cell--;
  while (cell + 1 < cellsPerUnit && !isBelow(cell + 1)) cell++;
  return (cell + 0.5) / cellsPerUnit;
}

interface Distribution {
  readonly constant: number;
  readonly a: number;
  readonly b: number;
}

/** A quantile to within rounding: Halley's steps between bounds that close in on it, halves where a step would leave them. */
function near(p: number, { constant, a, b }: Distribution): number {
  let [low, high] = [0, 1];
  let x = guess(p, a, b);
  for (let step = 0; step < stepsMax || high - low > 0.25 / cellsPerUnit; step++) {
    const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - constant);
    const excess = cdfFrom(front, x, a, b) - p;
    if (excess < 0) low = x;
    else high = x;
    const newton = (excess * x * (1 - x)) / front;
    const next = x - newton / Math.max(0.5, 1 - 0.5 * newton * ((a - 1) / x - (b - 1) / (1 - x)));
    const isInside = next > low && next < high;
    if (isInside && Math.abs(next - x) < 0.25 / cellsPerUnit) return next;
    // The other bound may be far and the root next to this one.
    if (next === x) return x;
    x = isInside ? next : (low + high) / 2;
    if (x <= low || x >= high) return x;
  }
  return x;
}

/** Where to begin (Abramowitz and Stegun 26.5.22; below 1 the tails of power laws). */
function guess(p: number, a: number, b: number): number {
  if (a < 1 || b < 1) {
    const [left, right] = [Math.exp(a * Math.log(a / (a + b))) / a, Math.exp(b * Math.log(b / (a + b))) / b];
    const x =
      p < left / (left + right) ? (a * (left + right) * p) ** (1 / a) : 1 - (b * (left + right) * (1 - p)) ** (1 / b);
    return Math.min(1 - 1e-9, Math.max(1e-9, x));
  }
  const t = Math.sqrt(-2 * Math.log(Math.min(p, 1 - p)));
  const tail = (2.30753 + t * 0.27061) / (1 + t * (0.99229 + t * 0.04481)) - t;
  const z = p < 0.5 ? -tail : tail;
  const lambda = (z * z - 3) / 6;
  const h = 2 / (1 / (2 * a - 1) + 1 / (2 * b - 1));
  const w = (z * Math.sqrt(lambda + h)) / h - (1 / (2 * b - 1) - 1 / (2 * a - 1)) * (lambda + 5 / 6 - 2 / (3 * h));
  return Math.min(1 - 1e-9, Math.max(1e-9, a / (a + b * Math.exp(2 * w))));
}

const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b);

function cdfWith(constant: number, x: number, a: number, b: number): number {
  return cdfFrom(Math.exp(a * Math.log(x) + b * Math.log1p(-x) - constant), x, a, b);
}

function cdfFrom(front: number, x: number, a: number, b: number): number {
  return x < (a + 1) / (a + b + 2) ? (front * fraction(x, a, b)) / a : 1 - (front * fraction(1 - x, b, a)) / b;
}

/** Lentz's method. */
function fraction(x: number, a: number, b: number): number {
  const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m <= termsMax; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    const step = d * c;
    result *= step;
    if (Math.abs(step - 1) < 1e-15) break;
  }
  return result;
}
