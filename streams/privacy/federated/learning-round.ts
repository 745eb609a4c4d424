import { createHash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { LedgerHead, LedgerRow } from '../../../schema/metrics/ledger-row.ts';
import { type Rational, divide, formatRational, multiply, rational } from '../../../schema/metrics/rational.ts';
import { Raw, type Release, type Released } from '../../../schema/metrics/release.ts';
import { keyedBits } from '../crypto/bit-sources.ts';
import { commitToInput } from '../crypto/keyed-hash.ts';
import { createDrawer, windowIdOf } from '../domain/draw-release.ts';
import { type FixedPoint, sensitivity2 } from '../domain/federated/fixed-point.ts';
import { decideReserve, decideSeal } from '../domain/ledger/decide.ts';
import { type DayAccount, dayAfter, headAfter, releaseAfter } from '../domain/ledger/state.ts';

/** A model that clients train together. One client takes part in every round with one bounded vector: the unit of privacy is the client, with all that it has. */
export interface LearningTask {
  readonly id: string;
  readonly fixedPoint: FixedPoint;
  /** What one round costs a client, in zCDP. */
  readonly rhoPerRound: Rational;
  /** What all rounds together may cost: a round that does not fit is refused. */
  readonly rhoMax: Rational;
}

/** Where a task stands: its part of the ledger. */
export interface TaskLedger {
  readonly rows: readonly LedgerRow[];
  readonly head: LedgerHead | undefined;
  readonly account: DayAccount | undefined;
}

export const emptyTaskLedger: TaskLedger = { rows: [], head: undefined, account: undefined };

export class RoundRefusedError extends Error {
  override readonly name = 'RoundRefusedError';
}

/** Variance of the noise of each coordinate, in squared units: Delta² / (2 rho). */
export const noiseOf = ({ fixedPoint, rhoPerRound }: LearningTask): Rational =>
  divide(rational(BigInt(sensitivity2(fixedPoint))), multiply(rational(2n), rhoPerRound));

/**
 * Releases the sum of one round: reserves its cost in the ledger, adds one discrete Gaussian to each coordinate, seals. The noise is a function of key, round and sum, so that a round that is
 * repeated after a crash gives the same bytes and reveals nothing more. Throws {@link RoundRefusedError} where the task's budget is spent or the ledger holds the round already: nothing is drawn then.
 */
export function releaseRound(
  task: LearningTask,
  ledger: TaskLedger,
  round: { readonly at: string; readonly number: number; readonly sum: readonly number[]; readonly key: KeyObject },
): {
  readonly values: readonly number[];
  readonly releases: readonly Released<Release>[];
  readonly ledger: TaskLedger;
} {
  const { at, number, sum, key } = round;
  const schemaHash = createHash('sha256')
    .update(JSON.stringify([task.id, task.fixedPoint, formatRational(task.rhoPerRound), number]))
    .digest('hex');
  // A round is charged once; drawn again for another sum, or at another time, it would be noise that nobody has paid for.
  if (ledger.account?.charged.includes(schemaHash))
    throw new RoundRefusedError(`${task.id}, round ${number}: it was released before`);
  const sigma2 = noiseOf(task);
  const window = { start: `${at}#${number}`, end: `${at}#${number + 1}` };
  const releaseId = windowIdOf(task.id, window.start);
  const commitment = commitToInput(key, { releaseId, input: JSON.stringify(sum) });
  const reserved = decideReserve(
    { head: ledger.head, release: undefined, day: ledger.account, limit: { rho: task.rhoMax, delta: rational(0n) } },
    { releaseId, day: at.slice(0, 10), schemaHash, commitment, cost: { rho: task.rhoPerRound, delta: rational(0n) } },
  );
  if (reserved.kind !== 'append')
    throw new RoundRefusedError(
      `${task.id}, round ${number}: ${reserved.kind === 'refuse' ? reserved.reason : 'it was released before'}`,
    );
  const reservation = headAfter(reserved.row);
  const source = keyedBits(key, { releaseId, commitment });
  const draw = createDrawer({ id: task.id, schemaHash, sigma2, cellRho: task.rhoPerRound }, 0.95);
  const drawn = sum.map((value, n) =>
    draw({ window, key: `w${n}`, raw: new Raw(value), source, sealedAt: at, reservation }),
  );
  const sealing = decideSeal({ head: reservation, release: releaseAfter(undefined, reserved.row) }, drawn);
  if (sealing.kind !== 'append') throw new Error(`${task.id}: a round that was just reserved cannot be sealed`);
  return {
    values: sealing.released.map(({ value }) => value),
    releases: sealing.released,
    ledger: {
      rows: [...ledger.rows, reserved.row, sealing.row],
      head: headAfter(sealing.row),
      account: dayAfter(ledger.account, reserved.row),
    },
  };
}
