import type { OutgoingRecord } from '../../../engines/event-log/port.ts';
import type { Evidence } from '../../../schema/reputation/evidence.ts';
import { topics } from '../../../schema/topics.ts';

/** What a platform says of a creator's work, by whom nobody knows. */
const praise = (id: string, target: string): Evidence => ({
  kind: 'GIVEN',
  eventId: id,
  rule: 'WORK_APPROVED',
  target,
  dimension: 'QUALITY',
  source: 'platform:bench',
  sourceKind: 'EXTERNAL',
  weight: 0.3,
  statement: null,
  isAnonymous: true,
  refusal: null,
  clock: 'live',
  atMs: Date.UTC(2024, 0, 1),
});

/** It as a record of the log. */
export function praiseRecord(id: string, target: string): OutgoingRecord {
  return { topic: topics.reputationEvidence.name, key: target, id, value: JSON.stringify(praise(id, target)) };
}
