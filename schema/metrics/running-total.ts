/**
 * Running totals over `horizon` windows. The matrix A of partial sums is written as B·C; C x gets noise, and B turns the noisy values into totals. C is the square root of
 * A (Henzinger, Upadhyay, Upadhyay 2023; Fichtenberger, Henzinger, Upadhyay 2022) with every column brought to the norm of the first (Dvijotham et al. 2024), and
 * rounded to whole numbers, so that C x is one too and takes exact discrete noise. Floating point only chooses the public matrix and works on what is released.
 */

/** A lower triangular matrix of whole numbers, by columns: `columns[j][i - j]` is row i. */
export interface LatticeFactor {
  readonly horizon: number;
  readonly columns: readonly Float64Array[];
  /** Largest squared Euclidean norm of a column, exact: by how much one unit in one window moves C x. */
  readonly squaredSensitivity: bigint;
}

export interface Lattice {
  /** Windows, 1 to {@link horizonMax}. */
  readonly horizon: number;
  /** The diagonal of the first column is 2^scaleBits; 10 loses a thousandth of accuracy to rounding. */
  readonly scaleBits: number;
}

const horizonMax = 4_096;

function checked({ horizon, scaleBits }: Lattice): void {
  if (!Number.isInteger(horizon) || horizon < 1 || horizon > horizonMax)
    throw new RangeError(`the horizon is 1 to ${horizonMax} windows`);
  if (!Number.isInteger(scaleBits) || scaleBits < 1 || scaleBits > 20)
    throw new RangeError('the scale has 1 to 20 bits');
}

/** The coefficients of (1 - x)^(-1/2): those of A's Toeplitz square root. */
function rootCoefficients(count: number): Float64Array {
  const coefficients = new Float64Array(count).fill(1);
  for (let k = 1; k < count; k += 1) coefficients[k] = ((coefficients[k - 1] ?? 0) * (2 * k - 1)) / (2 * k);
  return coefficients;
}

/** The nearest whole number; of two equally near ones the smaller, which never costs privacy. */
const nearest = (value: number): number => Math.ceil(value - 0.5);

function squaredNorm(column: Float64Array): bigint {
  // Whole numbers below 2^20, at most 4,096 of them: the sum stays below 2^53.
  return BigInt(column.reduce((sum, entry) => sum + entry * entry, 0));
}

function factorOf(columns: readonly Float64Array[]): LatticeFactor {
  const squaredSensitivity = columns.map(squaredNorm).reduce((a, b) => (a > b ? a : b));
  return { horizon: columns.length, columns, squaredSensitivity };
}

/** The square root of A as it is: every column is the first one, shifted. */
export function latticeToeplitz(lattice: Lattice): LatticeFactor {
  checked(lattice);
  const { horizon, scaleBits } = lattice;
  const first = rootCoefficients(horizon).map((each) => nearest(each * 2 ** scaleBits));
  return factorOf(Array.from({ length: horizon }, (_, j) => first.subarray(0, horizon - j)));
}

/** The square root with its columns brought to one norm: later windows, which fewer totals see, lose no accuracy to the first. */
export function columnNormalised(lattice: Lattice): LatticeFactor {
  checked(lattice);
  const { horizon, scaleBits } = lattice;
  const root = rootCoefficients(horizon);
  const norms2 = new Float64Array(horizon);
  let sum = 0;
  for (const [k, each] of root.entries()) norms2[k] = sum += each * each;
  const columns = Array.from({ length: horizon }, (_, j) => {
    const gain = 2 ** scaleBits * Math.sqrt((norms2[horizon - 1] ?? 1) / (norms2[horizon - 1 - j] ?? 1));
    return root.subarray(0, horizon - j).map((each) => nearest(each * gain));
  });
  return factorOf(columns);
}

/** Row `t` of C: by how much each window so far enters the value that is released after window `t`. */
export function encode(factor: LatticeFactor, counts: readonly number[]): bigint {
  const t = counts.length - 1;
  if (t < 0 || t >= factor.horizon) throw new RangeError('more windows than the horizon has');
  let sum = 0n;
  for (const [j, count] of counts.entries()) sum += BigInt(count) * BigInt(factor.columns[j]?.[t - j] ?? 0);
  return sum;
}

/** Row `t` of B = A C^-1: the weights with which released values 0 … t add up to the running total after window `t`. */
export function decodingWeights({ columns, horizon }: LatticeFactor, t: number): Float64Array {
  if (!Number.isInteger(t) || t < 0 || t >= horizon) throw new RangeError('the window lies outside the horizon');
  const weights = new Float64Array(t + 1);
  for (let j = t; j >= 0; j -= 1) {
    const column = columns[j] ?? new Float64Array(1);
    let rest = 1;
    for (let i = j + 1; i <= t; i += 1) rest -= (weights[i] ?? 0) * (column[i - j] ?? 0);
    weights[j] = rest / (column[0] ?? 1);
  }
  return weights;
}

const squares = (weights: Float64Array): number => weights.reduce((sum, weight) => sum + weight * weight, 0);

/** Standard error of the running total after window `t`, in units of the standard deviation that one count alone would need. */
export function errorAt(factor: LatticeFactor, t: number): number {
  return Math.sqrt(squares(decodingWeights(factor, t)) * Number(factor.squaredSensitivity));
}

/** Mean over all windows of {@link errorAt}; takes horizon³ / 6 steps. */
export function meanError(factor: LatticeFactor): number {
  let sum = 0;
  for (let t = 0; t < factor.horizon; t += 1) sum += errorAt(factor, t);
  return sum / factor.horizon;
}

/** Mean error of adding up windows that got their noise one by one, in the same units. */
export function tumblingMeanError(horizon: number): number {
  let sum = 0;
  for (let t = 1; t <= horizon; t += 1) sum += Math.sqrt(t);
  return sum / horizon;
}

/** Most windows of the horizon in which one account's unit of privacy may take part. */
const participationsMax = 4;

/**
 * How running totals are released when one unit of privacy takes part in at most `participations` windows: k columns may point the same way, so the square
 * root costs k times the noise, windows one by one only the root of k. Whichever has the smaller computed error.
 */
export function chooseContinual(factor: LatticeFactor, participations: number): 'SQUARE_ROOT' | 'TUMBLING' {
  if (participations > participationsMax) return 'TUMBLING';
  const tumbling = Math.sqrt(participations) * tumblingMeanError(factor.horizon);
  return participations * meanError(factor) < tumbling ? 'SQUARE_ROOT' : 'TUMBLING';
}

/** Bits of the lattice on which running totals are released. */
const scaleBits = 10;
const factors = new Map<number, LatticeFactor>();

/** The factor that running totals over `horizon` windows use, made once. */
export function factorFor(horizon: number): LatticeFactor {
  const known = factors.get(horizon);
  if (known) return known;
  const factor = columnNormalised({ horizon, scaleBits });
  factors.set(horizon, factor);
  return factor;
}

/** Squared sensitivity of {@link factorFor}. */
export const latticeSensitivity2 = (horizon: number): bigint => factorFor(horizon).squaredSensitivity;
