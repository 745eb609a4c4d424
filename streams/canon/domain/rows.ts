import { type CanonEvent, canonicalJson } from '../../../schema/events/envelope.ts';
import { formatHlc } from '../../../schema/hlc.ts';
import {
  type CanonStatus,
  type ContradictionKind,
  type RowOf,
  warehouseInstant,
} from '../../../schema/warehouse/tables.ts';
import { systemDecider } from './resolution/strategy.ts';

/** One entry of an event's status history. One with a contradiction repeats the status that stays. */
export interface StatusMove {
  readonly seq: number;
  readonly status: CanonStatus;
  readonly reason: string;
  readonly contradiction: ContradictionKind | null;
}

/** An event with its newest status. The body is the event's canonical text, from which its hash can be recomputed. */
export function eventRow(
  event: CanonEvent,
  newest: StatusMove,
  at: { readonly partition: number; readonly offset: number; readonly leaf: number | null; readonly body?: string },
): RowOf<'platform.canon_events'> {
  return {
    event_id: event.id,
    entity_type: event.entity.type,
    entity_id: event.entity.id,
    entity_version: event.entityVersion,
    type: event.type,
    type_version: event.typeVersion,
    hlc: formatHlc(event.hlc),
    occurred_at: warehouseInstant(event.hlc.wallUs),
    actor: event.actor,
    source: event.source,
    status: newest.status,
    status_seq: newest.seq,
    caused_by: event.causedBy,
    prev_hash: event.prevHash,
    hash: event.hash,
    log_partition: at.partition,
    log_offset: at.offset,
    leaf_index: at.leaf,
    body: at.body ?? canonicalJson(event),
  };
}

/** A status move. It is dated by the event's own clock, so that a replay gives the same row. */
export function statusRow(event: CanonEvent, move: StatusMove): RowOf<'platform.canon_status'> {
  return {
    event_id: event.id,
    seq: move.seq,
    status: move.status,
    reason: move.reason,
    decider: systemDecider,
    contradiction: move.contradiction,
    moved_at: warehouseInstant(event.hlc.wallUs),
  };
}
