import { decay } from '../../../schema/reputation/formula.ts';
import { type Refusal, refusals } from '../../../schema/reputation/evidence.ts';
import { type Rule, rules } from '../../../schema/reputation/rules.ts';
import { isoFromWarehouse } from '../../../schema/warehouse/tables.ts';

/** A row of the ledger with what a page needs: when it may be said to have happened, and a tag that orders equals. */
export interface LedgerRow {
  readonly event_id: string;
  readonly rule: string;
  readonly source_id: string;
  readonly source_kind: string;
  readonly weight: number;
  readonly trust: number;
  readonly counted: number;
  readonly refusal: string;
  readonly occurred_at: string;
  readonly decay_at: string;
  readonly shown_at: string;
  readonly tag: string;
}

export type TrustBand = 'LOW' | 'MEDIUM' | 'HIGH';

/** A piece of evidence as anybody who may see the score may see it. */
export interface ShownEvidence {
  /** Names the piece to whoever may see it, and tells nothing about its event. */
  readonly id: string;
  readonly rule: string;
  readonly description: string;
  readonly weight: number;
  readonly trust: TrustBand;
  readonly counted: number | null;
  readonly pointsNow: number;
  /** ISO 8601. */
  readonly occurredAt: string;
  readonly source: { readonly id: string } | null;
  readonly attestedBy: string | null;
  readonly eventId: string | null;
  readonly refusal: Refusal | null;
}

/**
 * Leaves out of negative evidence whatever tells who gave it. Its undecayed points go too: beside the points of today they would tell the exact
 * time. `decayAt` is the score's, as the warehouse writes instants.
 */
export function presentEvidence(row: LedgerRow, decayAt: string, scoreId = ''): ShownEvidence {
  const isOpen = row.weight >= 0;
  const isPlatform = row.source_kind === 'EXTERNAL';
  const ageMs = Date.parse(isoFromWarehouse(decayAt)) - Date.parse(isoFromWarehouse(row.decay_at));
  return {
    id: `${scoreId}.${row.tag}`,
    rule: row.rule,
    description: describe(row.rule),
    weight: row.weight,
    trust: trustBand(row.trust),
    counted: isOpen ? row.counted : null,
    pointsNow: row.counted * decay(ageMs, row.counted),
    occurredAt: isoFromWarehouse(row.shown_at),
    source: isOpen && !isPlatform ? { id: row.source_id } : null,
    attestedBy: isPlatform ? row.source_id.replace(/^platform:/, '') : null,
    eventId: isOpen ? row.event_id : null,
    refusal: refusals.find((refusal) => refusal === row.refusal) ?? null,
  };
}

/** A rule that a later formula dropped still stands in old ledgers. */
export function describe(rule: string): string {
  const known: Readonly<Record<string, Rule>> = rules;
  return known[rule]?.description ?? `By the rule ${rule}, which is no longer in use.`;
}

function trustBand(trust: number): TrustBand {
  return trust < 1 / 3 ? 'LOW' : trust < 2 / 3 ? 'MEDIUM' : 'HIGH';
}
