import type { LogRecord } from '../../engines/event-log/port.ts';
import { type KnownEvent, decodeEventRecord, explainZodError } from '../../schema/events/catalogue.ts';
import { type Evidence, evidenceSchema, overturnedId } from '../../schema/reputation/evidence.ts';
import { parseJson } from '../shared/parse-json.ts';
import { type Step, deadLetter, done, drop, ok } from '../shared/step.ts';
import { evidenceOf } from './domain/evidence-table.ts';
import { takeEvidence } from './domain/fast-channel.ts';
import { pieceKey } from './domain/memory.ts';
import { ledgerRow, scoreRow } from './domain/rows.ts';
import type { Roots } from './domain/trust-network.ts';
import { memoryOf } from './stores.ts';

/** What cannot be decoded is canon's to put aside: one dead letter is enough. */
export const decodeEvent: Step<LogRecord, KnownEvent> = (record) => {
  const decoded = decodeEventRecord(record.value);
  if (decoded.kind === 'undecodable') return drop('UNDECODABLE');
  return decoded.kind === 'tick' ? drop('TICK') : ok(decoded.event);
};

export const findEvidence: Step<KnownEvent, void, 'reputationEvidence'> = (event, { emit }) => {
  const found = evidenceOf(event);
  if (found.length === 0) return drop('NO_EVIDENCE');
  for (const evidence of found) {
    const key = keyOf(evidence);
    emit('reputationEvidence', { key, id: evidenceId(evidence), value: evidence });
  }
  return done;
};

/** Ordered with what else is about the same creator. */
function keyOf(evidence: Evidence): string {
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
  const parsed = evidenceSchema.safeParse(parseJson(record.value));
  return parsed.success ? ok(parsed.data) : deadLetter('UNDECODABLE', explainZodError(parsed.error));
};

/** Counts evidence. The version of a row is the place of the evidence that made it, so that a replay gives the same rows. */
export function countEvidence(roots: Roots): Step<Evidence, void, 'reputationLedger' | 'reputationScores'> {
  const memoryIn = memoryOf(roots);
  return (evidence, { record, state, emit }) => {
    const version = record.offset + 1;
    const { ledger, changed } = takeEvidence(memoryIn(state), evidence, record.appendedAtMs);
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
      emit('reputationScores', { key, id: `${key}@${version}`, value: scoreRow(scored, version) });
    }
    return done;
  };
}
