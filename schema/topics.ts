import type { TableName } from './warehouse/tables.ts';

/**
 * Every topic of the platform. `partitions` counts for the distributed engines; the embedded log, which has one process
 * to share work between, keeps one partition unless told otherwise. Compacted topics keep the newest record per key.
 */
export const topics = {
  /** Canon events and clock ticks, keyed as `schema/events/catalogue.ts` says. Everything starts here. */
  events: { name: 'vcos.events', partitions: 8, cleanup: 'keep' },
  /** Accepted events with their status, as rows of `platform.canon_events`; also what live clients see. */
  canonRecords: {
    name: 'vcos.canon.records',
    partitions: 8,
    cleanup: 'keep',
    derived: true,
    rowsOf: 'platform.canon_events',
  },
  /** Moves of an event's canon status, as rows of `platform.canon_status`. */
  canonStatus: {
    name: 'vcos.canon.status',
    partitions: 8,
    cleanup: 'keep',
    derived: true,
    rowsOf: 'platform.canon_status',
  },
  /** What stands against events, as rows of `platform.canon_cases`, one for each move of a case. */
  canonCases: {
    name: 'vcos.canon.cases',
    partitions: 8,
    cleanup: 'keep',
    derived: true,
    rowsOf: 'platform.canon_cases',
  },
  /** Which events are on which branch of canon, as rows of `platform.canon_branches`. */
  canonBranches: {
    name: 'vcos.canon.branches',
    partitions: 8,
    cleanup: 'keep',
    derived: true,
    rowsOf: 'platform.canon_branches',
  },
  /** What creators did that may become a pattern (schema/canon/behaviours.ts). One partition: a pattern is of all creators. */
  canonSightings: { name: 'vcos.canon.sightings', partitions: 1, cleanup: 'keep', derived: true },
  /** Evidence of replays before it is in the order of their clocks, and those clocks' ticks. One partition: an order is of all. Nothing comes here where `events` has one order. */
  reputationReplayed: { name: 'vcos.reputation.replayed', partitions: 1, cleanup: 'keep', derived: true },
  /** Weighted evidence for one creator's dimension. One partition: trust in a source needs the source's own record. */
  reputationEvidence: { name: 'vcos.reputation.evidence', partitions: 1, cleanup: 'keep', derived: true },
  /** Evidence as it was counted, as rows of `platform.reputation_evidence`. */
  reputationLedger: {
    name: 'vcos.reputation.ledger',
    partitions: 1,
    cleanup: 'keep',
    derived: true,
    rowsOf: 'platform.reputation_evidence',
  },
  /** New scores, as rows of `platform.reputation_scores`; also what live clients see. */
  reputationScores: {
    name: 'vcos.reputation.scores',
    partitions: 1,
    cleanup: 'keep',
    derived: true,
    rowsOf: 'platform.reputation_scores',
  },
  /** What callers of the API met, by pseudonym: never leaves the log. */
  apiUse: { name: 'vcos.api.use', partitions: 1, cleanup: 'keep' },
  /** Account, cell and clamped value of raw activity: never leaves the log, never reaches the warehouse. */
  privacyContributions: { name: 'vcos.privacy.contributions', partitions: 1, cleanup: 'keep', derived: true },
  /** The write-once budget and release ledger, as rows of `analytics.ledger`. */
  privacyLedger: { name: 'vcos.privacy.ledger', partitions: 1, cleanup: 'keep' },
  /** Sealed releases, as rows of `analytics.releases`. */
  privacyReleases: { name: 'vcos.privacy.releases', partitions: 1, cleanup: 'keep' },
  /** Signed heads of the ledger, day by day, as rows of `analytics.ledger_roots`. */
  privacyRoots: { name: 'vcos.privacy.roots', partitions: 1, cleanup: 'keep' },
  /** Anonymous reports of clients, randomised by them under local differential privacy. */
  telemetryReports: { name: 'vcos.telemetry.reports', partitions: 1, cleanup: 'keep' },
  /** What the reports of a day add up to, as rows of `analytics.client_answers`. */
  telemetryTallies: { name: 'vcos.telemetry.tallies', partitions: 1, cleanup: 'keep' },
  /** Tokens and subjects whose tokens are refused before they expire (`schema/revocations.ts`); every gateway reads all of it. */
  revocations: { name: 'vcos.revocations', partitions: 1, cleanup: 'compact' },
  /** What could not be decoded or was refused by rule, with its reason and position. May quote what people did: operators alone read it (`npm run deadletters`), and it expires. */
  deadLetters: { name: 'vcos.dead-letters', partitions: 1, cleanup: 'keep', keptDays: 30 },
} as const satisfies Record<string, TopicSpec>;

export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  readonly cleanup: 'keep' | 'compact';
  /**
   * Only processors write it, in one commit with the offsets that its records follow from, so that none comes twice: the embedded log keeps no index of ids for
   * it, and what is committed together as few rows. Never with `keptDays`.
   */
  readonly derived?: true;
  /** The table that its records are rows of: processors check them when they write them, and say so to sinks in the same process. */
  readonly rowsOf?: TableName;
  /** Records are gone for good so many days after they were appended, or some hours later; without it nothing expires. */
  readonly keptDays?: number;
}

export type TopicName = keyof typeof topics;

/** The compacted topic that holds a processor's state, partitioned as its input. */
export function changelogTopic(processor: string, partitions: number): TopicSpec {
  return { name: `vcos.${processor}.changelog`, partitions, cleanup: 'compact' };
}
