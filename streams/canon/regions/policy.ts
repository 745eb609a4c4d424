import type { HlcClock } from '../../../runtime/hlc-clock.ts';
import type { HlcTimestamp } from '../../../schema/hlc.ts';
import type { Checkpoint } from '../../../schema/merkle/checkpoint.ts';
import type { NoteSigner, NoteVerifier } from '../../../schema/merkle/signed-note.ts';
import { type Entry, stubOf } from './entry.ts';
import type { FederationView } from './federation-view.ts';
import { type RegionDisk, unframe } from './region-disk.ts';
import type { Batch, RegionLog } from './region-log.ts';
import { type Tenure, compareTerms } from './tenure.ts';

/** The rules on which the safety of regions rests, one function each. The simulator breaks one at a time to show that it would notice. */
export interface RegionPolicy {
  /** Which of two terms is the later. */
  readonly compareTerms: typeof compareTerms;
  /** Whether a region may write as the home: only in its own open term, while it knows of none later. */
  mayDecide(region: string, newest: Tenure | undefined, ownOpen: Tenure | undefined): boolean;
  /** Whether an event still waits for its home's confirmation. */
  isWaiting(view: FederationView, eventId: string): boolean;
  /** Takes a remote reading into account; throws a ClockDriftError where it is too far ahead. */
  observe(clock: HlcClock, hlc: HlcTimestamp): void;
  /** Makes what was appended to a file survive a crash. */
  flush(disk: RegionDisk, file: string): void;
  /** The form in which an entry may be sent to others. */
  outward(entry: Entry, signer: NoteSigner): Entry;
  /** The entries of a batch that this copy of a log does not hold yet. Throws a BatchRefused where it holds others in their place. */
  fresh(log: RegionLog, batch: Batch, entries: readonly Entry[]): readonly Entry[];
  /** Whether the log with these entries is what its region signed. Throws a BatchRefused. */
  verify(log: RegionLog, batch: Batch, entries: readonly Entry[], verifier: NoteVerifier): Checkpoint;
  /** Whether everything that an entry rests on is held. */
  hasCauses(entry: Entry, isHeld: (eventId: string) => boolean): boolean;
  /** The whole entries of a file after a crash, and how long they are. */
  recover(bytes: Buffer): { readonly texts: readonly string[]; readonly length: number };
  /** Readings after a restart come after everything that is on disk. */
  restoreClock(clock: HlcClock, hlc: HlcTimestamp): void;
}

export const standardPolicy: RegionPolicy = {
  compareTerms,
  mayDecide: (region, newest, ownOpen) =>
    ownOpen !== undefined && newest?.region === region && newest.epoch === ownOpen.epoch,
  isWaiting: (view, eventId) => view.standingOf(eventId).home === null,
  observe: (clock, hlc) => clock.observe(hlc),
  flush: (disk, file) => disk.sync(file),
  outward: stubOf,
  fresh: (log, batch, entries) => log.fresh(batch, entries),
  verify: (log, batch, entries, verifier) => log.verify(batch, entries, verifier),
  hasCauses: ({ stored }, isHeld) => stored.causedBy.every(isHeld),
  recover: unframe,
  restoreClock: (clock, hlc) => clock.restore(hlc),
};
