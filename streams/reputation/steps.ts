import type { LogRecord } from '../../engines/event-log/port.ts';
import { type KnownEvent, decodeEventRecord, explainZodError } from '../../schema/events/catalogue.ts';
import type { Tick } from '../../schema/events/tick.ts';
import { clockDomain } from '../../schema/hlc.ts';
import { type Evidence, evidenceSchema, overturnedId, quickGiven } from '../../schema/reputation/evidence.ts';
import type { Replayed } from '../../schema/reputation/replayed.ts';
import { parseJson } from '../shared/parse-json.ts';
import { type Step, deadLetter, done, drop, ok } from '../shared/step.ts';
import { evidenceOf } from './domain/evidence-table.ts';
import { takeEvidence } from './domain/fast-channel.ts';
import { pieceKey } from './domain/memory.ts';
import { ledgerRow, scoreRow } from './domain/rows.ts';
import type { Roots } from './domain/trust-network.ts';
import { memoryOf } from './stores.ts';

/** The clock domain that nobody replays: it has no order but that of arrival, and is told within seconds. */
const live = 'live';
/** How exactly past scores are kept: of several within a minute the last. */
const pastScoreMs = 60_000;

export type Found =
  { readonly kind: 'event'; readonly event: KnownEvent } | { readonly kind: 'tick'; readonly tick: Tick };

/** What cannot be decoded is canon's to put aside: one dead letter is enough. */
export const decodeEvent: Step<LogRecord, Found> = (record) => {
  const decoded = decodeEventRecord(record.value);
  return decoded.kind === 'undecodable' ? drop('UNDECODABLE') : ok(decoded);
};

/** Where `ordersReplays`, evidence of replays and their ticks are emitted for `replay-order.ts` to bring in order; everything else counts in the order in which it arrives. */
export function findEvidence(ordersReplays: boolean): Step<Found, void, 'reputationEvidence' | 'reputationReplayed'> {
  return (found, { emit, record }) => {
    if (found.kind === 'tick') {
      const { tick: domain, wallUs } = found.tick;
      if (!ordersReplays || domain === live) return drop('TICK');
      const { partition } = record;
      const value: Replayed = { kind: 'TICK', domain, partition, wallUs };
      emit('reputationReplayed', { key: domain, id: `TICK|${domain}|${wallUs}|${partition}`, value });
      return done;
    }
    const pieces = evidenceOf(found.event);
    if (pieces.length === 0) return drop('NO_EVIDENCE');
    const { hlc } = found.event;
    const domain = clockDomain(hlc);
    for (const [piece, evidence] of pieces.entries()) {
      const id = evidenceId(evidence);
      if (!ordersReplays || domain === live) emit('reputationEvidence', { key: keyOf(evidence), id, value: evidence });
      else {
        const { wallUs, counter } = hlc;
        const value: Replayed = { kind: 'PIECE', domain, wallUs, counter, piece, evidence };
        emit('reputationReplayed', { key: domain, id, value });
      }
    }
    return done;
  };
}

/** Ordered with what else is about the same creator. */
export function keyOf(evidence: Evidence): string {
  if (evidence.kind === 'OVERTURNED') return evidence.piece.target;
  if (evidence.kind === 'GIVEN') return evidence.target;
  return evidence.kind === 'WITHDRAWN' ? evidence.source : evidence.creatorId;
}

/** Names a piece of evidence for ever. */
export function evidenceId(evidence: Evidence): string {
  if (evidence.kind === 'OVERTURNED') return overturnedId(evidence);
  return evidence.kind === 'GIVEN' ? pieceKey(evidence) : `${evidence.kind}|${evidence.eventId}`;
}

export const decodeEvidence: Step<LogRecord, Evidence> = (record) => {
  const json = parseJson(record.value);
  const given = quickGiven(json);
  if (given !== null) return ok(given);
  const parsed = evidenceSchema.safeParse(json);
  return parsed.success ? ok(parsed.data) : deadLetter('UNDECODABLE', explainZodError(parsed.error));
};

/** Counts evidence. The version of a row is the place of the evidence that made it, so that a replay gives the same rows. */
export function countEvidence(roots: Roots): Step<Evidence, void, 'reputationLedger' | 'reputationScores'> {
  const memoryIn = memoryOf(roots);
  return (evidence, { record, state, emit }) => {
    const version = record.offset + 1;
    const { ledger, changed } = takeEvidence(memoryIn(state), evidence, { nowMs: record.appendedAtMs, version });
    const isAbout = evidence.kind === 'WITHDRAWN' || evidence.kind === 'OVERTURNED';
    if (ledger.length === 0 && isAbout) return drop('NOTHING_TO_WITHDRAW');
    for (const entry of ledger) {
      emit('reputationLedger', {
        key: entry.target,
        id: `${pieceKey(entry)}@${version}`,
        value: ledgerRow(entry, version),
      });
    }
    for (const scored of changed) {
      const key = `${scored.creatorId}.${scored.dimension}`;
      // A past score is found by its time: a batch of years must leave more than its end behind, whatever its size.
      const newestOf = `${key}|${Math.floor(scored.changedMs / pastScoreMs)}`;
      emit('reputationScores', { key, id: `${key}@${version}`, value: scoreRow(scored, version), newestOf });
    }
    return done;
  };
}
