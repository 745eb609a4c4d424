import type { EventSource } from '../../../schema/events/envelope.ts';
import type { Dimension } from '../../../schema/graph/catalogue.ts';
import type { GivenEvidence } from '../../../schema/reputation/evidence.ts';
import type { Freeze } from '../../../schema/reputation/freeze.ts';
import type { RuleName } from '../../../schema/reputation/rules.ts';
import type { AgingQueue } from './aging.ts';
import type { Change } from './score.ts';
import type { NetworkEdge, TrustNetwork } from './trust-network.ts';

/** The counted evidence of one creator in one dimension. */
export interface DimensionState {
  /** Sums per half-life, decayed to `atMs`. */
  readonly positive: readonly number[];
  readonly negative: readonly number[];
  /** Pieces that count. */
  readonly count: number;
  /** Where its creator's clock of decay stood at `asOfMs`. */
  readonly atMs: number;
  /** Time of the newest piece that counted, or when it was last made anew without one. */
  readonly asOfMs: number;
  /** The clock domain of the newest piece, which time passes by; absent in states of before formula 2.3.0. */
  readonly clock?: string | undefined;
  /** The version of the ledger that it was made from; absent in states of before formula 2.3.0. */
  readonly version?: number | undefined;
}

export interface CreatorState {
  /** The highest step of trust at which waiting evidence was counted anew. */
  readonly step: number;
  /** Units given on the newest day (days since the Unix epoch). */
  readonly day: number;
  readonly dayUnits: number;
}

/** What one source has given one target. */
export interface PairState {
  /** Units within the window: time, dimension, amount. */
  readonly given: readonly (readonly [atMs: number, dimension: Dimension, units: number])[];
  /** When negative evidence that counted was last given; null for never. */
  readonly negativeAtMs: number | null;
}

/** A piece of evidence that can still change: it waits for trust, or stands until it is withdrawn. */
export interface Piece {
  readonly eventId: string;
  readonly rule: RuleName;
  readonly target: string;
  readonly dimension: Dimension;
  readonly source: string;
  readonly sourceKind: EventSource;
  readonly statement: string | null;
  readonly atMs: number;
  /** Where its target's clock of decay stood then. */
  readonly decayMs: number;
  /** Signed weight of the rule, and what caps and damping left of it. */
  readonly weight: number;
  readonly allowed: number;
  /** The clock domain that its time is of; absent in pieces of before formula 2.3.0. */
  readonly clock?: string | undefined;
  /** Trust at which it is counted. */
  readonly trust: number;
  /** Why `allowed` is less than `weight`. */
  readonly reduction: 'PAIR_CAP' | 'DAY_CAP' | 'RETALIATION' | null;
  readonly isWaiting: boolean;
  /** Whether an appeal against it was upheld: it counts no more, and is remembered so that its source cannot say it again. */
  readonly isOverturned?: true | undefined;
}

/** What is known of an account. */
export interface AccountState {
  readonly state: 'OPEN' | 'CLOSED' | 'ERASED';
  /** When its evidence did not decay. */
  readonly freezes: readonly Freeze[];
}

/** On one person how much of a creator's support rested, when it was looked at. */
export interface RelianceState {
  readonly share: number;
  /** Their hits then. */
  readonly hits: number;
}

export interface Kinds {
  /** By creator. */
  readonly creator: CreatorState;
  /** By source and target. */
  readonly pair: PairState;
  /** By piece. */
  readonly piece: Piece;
  /** By statement: its pieces. */
  readonly statement: readonly string[];
  /** By source: its waiting pieces, oldest first. */
  readonly waiting: readonly string[];
  /** By number of the chunk: the network's edges in their order. */
  readonly edges: readonly NetworkEdge[];
  /** By creator. */
  readonly reliance: RelianceState;
  /** By creator: who registered. */
  readonly account: AccountState;
  /** By who blocks and who is blocked. */
  readonly block: 1;
  /** By creator who has not registered: the evidence that waits for that, oldest first. */
  readonly early: readonly GivenEvidence[];
  /** By clock domain: the newest time of what creators gave. */
  readonly clock: number;
  /** By clock domain: the hour of the newest evidence that was not refused, whoever gave it. */
  readonly hour: number;
  /** By dimension and creator, where that is later than all evidence that counts: when the score last became what it was. */
  readonly told: number;
}
export type Kind = keyof Kinds;

/** What the fast channel remembers. Values are never changed in place. */
export interface Memory {
  /** What the kept edges make of the seeds. */
  readonly network: TrustNetwork;
  /** Which scores are to be made anew next. */
  readonly aging: AgingQueue;
  readonly get: <K extends Kind>(kind: K, key: string) => Kinds[K] | undefined;
  readonly put: <K extends Kind>(kind: K, key: string, value: Kinds[K]) => void;
  readonly remove: (kind: Kind, key: string) => void;
  /** The counted evidence of a creator in a dimension, and how to take a change into it. */
  readonly sums: (creatorId: string, dimension: Dimension) => DimensionState | undefined;
  readonly accumulate: (creatorId: string, dimension: Dimension, change: Change) => void;
  readonly forgetSums: (creatorId: string) => void;
}

const newcomer: CreatorState = { step: 0, day: 0, dayUnits: 0 };

export function creatorOf(memory: Memory, id: string): CreatorState {
  return memory.get('creator', id) ?? newcomer;
}

/** Ids have no `|` of their own where they are a creator's or a platform's. */
export const pairKey = (source: string, target: string): string => `${source}|${target}`;

export function pieceKey(piece: Pick<Piece, 'eventId' | 'rule' | 'target' | 'dimension'>): string {
  return `${piece.rule}|${piece.dimension}|${piece.target}|${piece.eventId}`;
}

/** Names a creator's score in a dimension. */
export const placeKey = (creatorId: string, dimension: Dimension): string => `${dimension}|${creatorId}`;

/** What {@link placeKey} names. */
export function placeOf(key: string): { readonly creatorId: string; readonly dimension: Dimension } {
  const bar = key.indexOf('|');
  return { creatorId: key.slice(bar + 1), dimension: key.slice(0, bar) as Dimension };
}
