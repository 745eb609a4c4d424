import { formulaVersion } from '../../../schema/reputation/formula.ts';
import { type RowOf, warehouseInstant } from '../../../schema/warehouse/tables.ts';
import type { Effects, LedgerEntry } from './fast-channel.ts';
import { scoreOf } from './score.ts';

const instantOf = (atMs: number): string => warehouseInstant(atMs * 1000);

/** The ledger's row of a piece. `version` grows with every change. */
export function ledgerRow(entry: LedgerEntry, version: number): RowOf<'platform.reputation_evidence'> {
  return {
    creator_id: entry.target,
    dimension: entry.dimension,
    event_id: entry.eventId,
    rule: entry.rule,
    source_id: entry.source,
    source_kind: entry.sourceKind,
    weight: entry.weight,
    trust: entry.trust,
    counted: entry.counted,
    refusal: entry.refusal ?? '',
    occurred_at: instantOf(entry.atMs),
    decay_at: instantOf(entry.decayMs),
    version,
  };
}

/** The row of a score. `version` grows with every change. */
export function scoreRow(scored: Effects['changed'][number], version: number): RowOf<'platform.reputation_scores'> {
  const { creatorId, dimension, state, changedMs } = scored;
  return {
    creator_id: creatorId,
    dimension,
    formula_version: formulaVersion,
    ...scoreOf(state),
    evidence_count: state.count,
    as_of: instantOf(state.asOfMs),
    decay_at: instantOf(state.atMs),
    changed_at: instantOf(changedMs),
    ledger_version: state.version ?? version,
    version,
  };
}
