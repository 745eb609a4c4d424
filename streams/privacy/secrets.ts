import type { KeyObject } from 'node:crypto';
import type { LedgerHead } from '../../schema/metrics/ledger-row.ts';
import type { Rational } from '../../schema/metrics/rational.ts';

export interface ReleaseSecrets {
  /** 32 bytes for each epoch (a month); with it and the log every draw of the epoch can be repeated. Throws for an epoch whose key is destroyed. */
  readonly epochKey: (epoch: string) => KeyObject;
  /** Signs the daily roots (Ed25519). */
  readonly rootKey: KeyObject;
  /** How many partitions must have ticked before a window closes. */
  readonly eventPartitions: number;
  /** What all days of one account together may cost; null for no such filter. */
  readonly lifetimeRho: Rational | null;
  /** Where the ledger on the log stood at the start: state that is older than it was lost, and would spend twice. Null where it is broken. */
  readonly ledgerAtStart: () => LedgerHead | null;
}
