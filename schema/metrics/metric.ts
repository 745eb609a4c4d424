import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type QuantileShape, depthOf, nodesOf } from './quantile-tree.ts';
import {
  type Rational,
  add,
  compare,
  divide,
  formatRational,
  multiply,
  parseRational,
  rational,
  zero,
} from './rational.ts';
import { latticeSensitivity2 } from './running-total.ts';

/** What one account's whole activity on one day may cost over all metrics, in zCDP: epsilon 0.565 at delta 1e-9. */
export const accountDayBudget: Rational = parseRational('0.005');
/** Over all metrics with private keys, charged apart: with what probability a key that one account alone touched may show. */
const accountDayDelta: Rational = parseRational('1/10000000000');

const positive = z.int().min(1);
/** Names a key that is a person, a login or a piece of somebody's work: such a metric would publish people. */
const personalKind = /creator|account|user|person|login|email|actor/i;
/** A key that is an id or an address names somebody or somebody's work. */
const personalKey = /^[0-9a-f]{8}-[0-9a-f]{4}-|@/i;
const hourSeconds = 3_600;
export const daySeconds = 86_400;

const publicKeys = z.strictObject({
  public: z
    .array(
      z
        .string()
        .min(1)
        .max(64)
        .refine((key) => !personalKey.test(key), 'a key must not be a person: whoever exists would be published'),
    )
    .min(1)
    .max(256),
});
const privateKeys = z.strictObject({ private: z.strictObject({ delta: z.string() }) });
const quantileKeys = z.strictObject({
  quantiles: z.strictObject({
    edges: z.array(z.number()).min(3).max(65),
    unit: z.string().min(1).max(16),
    layout: z.enum(['TREE', 'FLAT']),
  }),
});

const declarationSchema = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{2,63}$/, 'must be 3 to 64 of a-z 0-9 -'),
  description: z.string().min(10),
  /** Whose privacy the noise protects. */
  protects: z.string().min(3),
  /** Why the bounds and the share of the budget are what they are. */
  reason: z.string().min(20),
  keyKind: z
    .string()
    .refine((name) => !personalKind.test(name), 'a key must not be a person: whoever exists would be published'),
  /**
   * `public`: every key is released for every window, zero included. `private`: keys come from what people do, and one is shown only once its noisy value is far above what one
   * account can do. `quantiles`: the nodes over the buckets between public edges.
   */
  keys: z.union([publicKeys, privateKeys, quantileKeys]),
  /** 2 where an event has somebody to whom it is done as well: both are bounded, and both are charged. */
  principals: z.union([z.literal(1), z.literal(2)]).default(1),
  /**
   * For metrics that measure how long one act of two waits for another: days that it waits at most. Such an act counts once a day per account, and its own day pays for what it changes in later windows. Left out
   * otherwise, and then no part of the hash.
   */
  waitDaysMax: positive.max(365).optional(),
  /** (window, key) cells that one account can touch a day; the others are left out. */
  l0: positive.max(1_000),
  /** What one account can add to one cell; more is cut off. */
  linf: positive.max(1_000_000),
  /** Which of an account's cells count where it has more than `l0`: by a keyed rank, or the ones that it added most to. */
  pick: z.enum(['RANK', 'MOST']).default('RANK'),
  /** Length of the tumbling window in seconds. The clock ticks every hour, and a tick closes whole windows only. */
  windowSeconds: positive.refine(
    (seconds) => seconds === hourSeconds || seconds === daySeconds,
    'must be an hour (3600) or a day (86400): windows follow the clock, never the data; combine released windows for longer periods, it costs nothing',
  ),
  /** `SQUARE_ROOT` releases running totals over `horizon` windows, with noise that grows with their logarithm only. */
  mechanism: z.enum(['DISCRETE_GAUSSIAN', 'SQUARE_ROOT']),
  horizon: positive.max(4_096).optional(),
  rho: z.string(),
});
export type MetricDeclaration = z.input<typeof declarationSchema>;
type Declared = z.output<typeof declarationSchema>;

export interface DeclaredMetric extends Omit<Declared, 'rho' | 'keys'> {
  /** Every key that is released for every window; empty where keys are private. */
  readonly keys: readonly string[];
  /** Over all cells of a day, for private keys: charged beside rho. 0 for others. */
  readonly delta: Rational;
  readonly keyVisibility: 'PUBLIC' | 'PRIVATE';
  readonly quantiles: QuantileShape | null;
  /** Privacy loss of one account-day. */
  readonly rho: Rational;
  /** Privacy loss of one cell to which an account adds `linf`. */
  readonly cellRho: Rational;
  /** Squared Euclidean sensitivity of a day's cells to one account-day. */
  readonly sensitivity2: Rational;
  /** Variance of the noise of one cell: sensitivity2 / (2 rho). */
  readonly sigma2: Rational;
  /** SHA-256 of the declaration, hex. */
  readonly schemaHash: string;
}

export class MetricRefusedError extends Error {
  override readonly name = 'MetricRefusedError';
}

/** A fraction just above the root of a whole number: rounded up it only adds noise. */
function rootAbove(value: number): Rational {
  const scale = 1_000_000n;
  let root = BigInt(Math.floor(Math.sqrt(value) * 1_000_000));
  while (root * root < BigInt(value) * scale * scale) root += 1n;
  return rational(root, scale);
}

/**
 * How far one account-day can move all cells of a day, squared.
 * One principal: l0 cells by linf each, over each level of a tree. Two: as the one who acts an account moves at most l0 units, whichever cells they fall
 * in; as the one to whom it is done at most linf in each of the day's keys; the two add up. Waits: 20, over all windows together; the proof stands with the bounding (streams/privacy/domain/waits.ts).
 */
function sensitivityOf(declared: Declared, keys: readonly string[]): Rational {
  const linf2 = BigInt(declared.linf) ** 2n;
  if (declared.waitDaysMax !== undefined) return rational(20n);
  if (declared.principals === 2) {
    const reach = add(rational(BigInt(declared.l0)), multiply(rootAbove(keys.length), rational(BigInt(declared.linf))));
    return multiply(reach, reach);
  }
  const levels = 'quantiles' in declared.keys ? BigInt(depthOf(declared.keys.quantiles)) : 1n;
  const counts = rational(BigInt(declared.l0) * linf2 * levels);
  return declared.horizon === undefined ? counts : multiply(counts, rational(latticeSensitivity2(declared.horizon)));
}

/** What cannot be released as it is declared; null where nothing is wrong. */
function faultOf(declared: Declared, keys: readonly string[]): string | null {
  const { keys: kind, principals, l0, linf, windowSeconds, mechanism, horizon, waitDaysMax } = declared;
  if (compare(parseRational(declared.rho), zero) <= 0) return 'rho must be more than 0';
  if (new Set(keys).size !== keys.length) return 'keys: a key stands twice';
  if ('quantiles' in kind) {
    const { edges, layout } = kind.quantiles;
    if (edges.some((edge, n) => n > 0 && edge <= (edges[n - 1] ?? 0))) return 'keys: the edges must rise';
    if (layout === 'TREE' && !Number.isInteger(Math.log2(edges.length - 1)))
      return 'keys: a tree has a power of two of buckets';
    if (layout === 'TREE' && (l0 !== 1 || linf !== 1 || principals !== 1))
      return 'keys: an account counts in one path of a tree only: l0 and linf must be 1';
  }
  if ('private' in kind) {
    const delta = parseRational(kind.private.delta);
    if (compare(delta, zero) <= 0 || compare(delta, accountDayDelta) > 0)
      return `keys: delta must be more than 0 and at most ${formatRational(accountDayDelta)}`;
    if (windowSeconds !== daySeconds) return 'keys: private keys are selected once a day';
  }
  if (principals === 2 && (windowSeconds !== daySeconds || 'private' in kind))
    return 'principals: two can be bounded only over a whole day and public keys';
  if (waitDaysMax !== undefined && (principals !== 2 || l0 !== 1 || linf !== 1 || !('quantiles' in kind)))
    return 'waitDaysMax: waits are quantiles between two principals, of whom each counts once: l0 and linf must be 1';
  if ((mechanism === 'SQUARE_ROOT') !== (horizon !== undefined)) return 'horizon: running totals have one, others none';
  if (horizon !== undefined && (!('public' in kind) || windowSeconds !== daySeconds || principals !== 1))
    return 'horizon: running totals are of public keys, day by day, for one principal';
  return null;
}

/**
 * Declares a metric: checks it, fixes its noise (discrete Gaussian, rho = Delta² / (2 sigma²); Canonne, Kamath and
 * Steinke 2020) and hashes it. Throws {@link MetricRefusedError} with the reason.
 */
export function defineMetric(declaration: MetricDeclaration): DeclaredMetric {
  const parsed = declarationSchema.safeParse(declaration);
  if (!parsed.success) {
    throw new MetricRefusedError(
      `metric ${declaration.id}: ${parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${explain(issue)}`).join('; ')}`,
    );
  }
  const { data } = parsed;
  const quantiles = 'quantiles' in data.keys ? data.keys.quantiles : null;
  const keys = 'public' in data.keys ? data.keys.public : quantiles ? nodesOf(quantiles) : [];
  const fault = faultOf(data, keys);
  if (fault !== null) throw new MetricRefusedError(`metric ${data.id}: ${fault}`);
  const rho = parseRational(data.rho);
  const sensitivity2 = sensitivityOf(data, keys);
  const twoRho = multiply(rational(2n), rho);
  const sigma2 = divide(sensitivity2, twoRho);
  const cell = multiply(
    rational(BigInt(data.linf) ** 2n),
    data.horizon === undefined ? rational(1n) : rational(latticeSensitivity2(data.horizon)),
  );
  const schemaHash = createHash('sha256')
    .update(JSON.stringify({ ...data, rho: formatRational(rho) }))
    .digest('hex');
  return Object.freeze({
    ...data,
    keys,
    keyVisibility: 'private' in data.keys ? ('PRIVATE' as const) : ('PUBLIC' as const),
    delta: 'private' in data.keys ? parseRational(data.keys.private.delta) : zero,
    quantiles,
    rho,
    cellRho: divide(cell, multiply(rational(2n), sigma2)),
    sensitivity2,
    sigma2,
    schemaHash,
  });
}

/** A union's own message says nothing: its deepest issue does. */
function explain(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_union') return issue.message;
  const nested = issue.errors.flat().filter((inner) => inner.code !== 'unrecognized_keys');
  return nested.map((inner) => `${inner.path.join('.')}: ${inner.message}`).join(' or ') || issue.message;
}

/** Throws {@link MetricRefusedError} where metrics share an id or together cost more than an account-day may. */
export function fitBudget(
  metrics: readonly DeclaredMetric[],
  budget: Rational = accountDayBudget,
): readonly DeclaredMetric[] {
  if (new Set(metrics.map((metric) => metric.id)).size !== metrics.length)
    throw new MetricRefusedError('two metrics have the same id');
  const total = metrics.map((metric) => metric.rho).reduce(add, zero);
  if (compare(total, budget) > 0) {
    throw new MetricRefusedError(
      `the metrics cost an account-day rho ${formatRational(total)}, and the budget is ${formatRational(budget)}: lower a metric's rho, or leave one out`,
    );
  }
  const delta = metrics.map((metric) => metric.delta).reduce(add, zero);
  if (compare(delta, accountDayDelta) > 0) {
    throw new MetricRefusedError(
      `the metrics with private keys cost an account-day delta ${formatRational(delta)}, and the budget is ${formatRational(accountDayDelta)}`,
    );
  }
  return metrics;
}
