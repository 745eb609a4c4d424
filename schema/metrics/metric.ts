import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Rational, compare, divide, formatRational, multiply, parseRational, rational, zero } from './rational.ts';

/** What one account's whole activity on one day may cost over all metrics, in zCDP: epsilon 0.565 at delta 1e-9. */
export const accountDayBudget: Rational = parseRational('0.005');

const positive = z.int().min(1);
/** Names a key that is a person, a login or a piece of somebody's work: such a metric would publish people. */
const personal = /creator|account|user|person|login|email|actor/i;
const tickSeconds = 3_600;

const declarationSchema = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{2,63}$/, 'must be 3 to 64 of a-z 0-9 -'),
  description: z.string().min(10),
  /** Whose privacy the noise protects. */
  protects: z.string().min(3),
  keyKind: z
    .string()
    .refine((name) => !personal.test(name), 'a key must not be a person: whoever exists would be published'),
  /** The public key set: every key is released for every window, zero included. */
  keys: z.array(z.string().min(1).max(64)).min(1).max(256),
  /** (window, key) cells that one account can touch a day; the others are left out. */
  l0: positive.max(1_000),
  /** What one account can add to one cell; more is cut off. */
  linf: positive.max(1_000_000),
  /** Length of the tumbling window in seconds. The clock ticks every hour, and a tick closes whole windows only. */
  windowSeconds: positive
    .max(tickSeconds, 'must be an hour at most: combine released windows for longer periods, it costs nothing')
    .refine((seconds) => tickSeconds % seconds === 0, 'must divide an hour: windows follow the clock, never the data'),
  mechanism: z.literal('DISCRETE_GAUSSIAN'),
  rho: z.string(),
});
export type MetricDeclaration = z.input<typeof declarationSchema>;

export interface DeclaredMetric extends Omit<z.output<typeof declarationSchema>, 'rho'> {
  /** Privacy loss of one account-day. */
  readonly rho: Rational;
  /** Privacy loss of one cell: an account touches at most `l0` of them. */
  readonly cellRho: Rational;
  /** Variance of the noise of one cell: linf² / (2 · cellRho). */
  readonly sigma2: Rational;
  /** SHA-256 of the declaration, hex. */
  readonly schemaHash: string;
}

export class MetricRefusedError extends Error {
  override readonly name = 'MetricRefusedError';
}

/**
 * Declares a metric: checks it, fixes its noise (discrete Gaussian, rho = Delta² / (2 sigma²) with Delta² = l0 · linf²; Canonne, Kamath and
 * Steinke 2020) and hashes it. Throws {@link MetricRefusedError} with the reason.
 */
export function defineMetric(declaration: MetricDeclaration): DeclaredMetric {
  const parsed = declarationSchema.safeParse(declaration);
  if (!parsed.success) {
    throw new MetricRefusedError(
      `metric ${declaration.id}: ${parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')}`,
    );
  }
  const rho = parseRational(parsed.data.rho);
  if (compare(rho, zero) <= 0) throw new MetricRefusedError(`metric ${declaration.id}: rho must be more than 0`);
  if (new Set(parsed.data.keys).size !== parsed.data.keys.length)
    throw new MetricRefusedError(`metric ${declaration.id}: keys: a key stands twice`);
  const cellRho = divide(rho, rational(BigInt(parsed.data.l0)));
  const sigma2 = divide(rational(BigInt(parsed.data.linf) ** 2n), multiply(rational(2n), cellRho));
  const schemaHash = createHash('sha256')
    .update(JSON.stringify({ ...parsed.data, rho: formatRational(rho) }))
    .digest('hex');
  return Object.freeze({ ...parsed.data, rho, cellRho, sigma2, schemaHash });
}

/** Throws {@link MetricRefusedError} where metrics share an id or together cost more than an account-day may. */
export function fitBudget(
  metrics: readonly DeclaredMetric[],
  budget: Rational = accountDayBudget,
): readonly DeclaredMetric[] {
  if (new Set(metrics.map((metric) => metric.id)).size !== metrics.length)
    throw new MetricRefusedError('two metrics have the same id');
  const total = metrics.reduce(
    (sum, metric) => rational(sum.num * metric.rho.den + metric.rho.num * sum.den, sum.den * metric.rho.den),
    zero,
  );
  if (compare(total, budget) > 0) {
    throw new MetricRefusedError(
      `the metrics cost an account-day rho ${formatRational(total)}, and the budget is ${formatRational(budget)}: lower a metric's rho, or leave one out`,
    );
  }
  return metrics;
}
