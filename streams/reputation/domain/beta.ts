/**
 * Quantiles of the Beta distribution, by the continued fraction of the regularised incomplete beta function (Numerical Recipes, 3rd ed., 6.4)
 * and bisection. Accurate to about 1e-12.
 */

const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;
const tiny = 1e-300;
const termsMax = 10_000;
const halvings = 60;

/** Natural logarithm of the gamma function, for x > 0 (Lanczos, g = 7). */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const [first, ...rest] = lanczos;
  const shifted = x - 1;
  const sum = rest.reduce<number>((total, coefficient, index) => total + coefficient / (shifted + index + 1), first);
  const t = shifted + lanczos.length - 1.5;
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(sum);
}

/** P(X <= x) of Beta(a, b), a and b positive. */
export function betaCdf(x: number, a: number, b: number): number {
  return x <= 0 ? 0 : x >= 1 ? 1 : cdfWith(logBeta(a, b), x, a, b);
}

/** The x at which P(X <= x) of Beta(a, b) is `p`. */
export function betaQuantile(p: number, a: number, b: number): number {
  const constant = logBeta(a, b);
  let [low, high] = [0, 1];
  for (let halving = 0; halving < halvings && high - low > 1e-14; halving++) {
    const middle = (low + high) / 2;
    if (cdfWith(constant, middle, a, b) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b);

function cdfWith(constant: number, x: number, a: number, b: number): number {
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - constant);
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
