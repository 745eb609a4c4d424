import {
  type EventType,
  type EventTypeSpec,
  type PayloadOf,
  eventTypes,
  explainZodError,
} from '../../../schema/events/catalogue.ts';
import {
  type CanonEvent,
  type EventSource,
  GENESIS_HASH,
  type SealedFields,
  canonicalJson,
  eventLimits,
  hashEvent,
} from '../../../schema/events/envelope.ts';
import { HANDSHAKE } from '../../../schema/handshake.ts';
import type { HlcTimestamp } from '../../../schema/hlc.ts';
import { chainHeads } from '../stores.ts';
import type { FederationView } from './federation-view.ts';

/** What somebody wants to record in a region. */
export interface Draft<T extends EventType = EventType> {
  readonly type: T;
  readonly entityId: string;
  readonly payload: PayloadOf<T>;
  readonly actor: string;
  readonly source: EventSource;
  readonly causedBy?: readonly string[];
  /** Personal fields, sealed already under the event's id. */
  readonly sealed?: (eventId: string) => readonly SealedFields[];
}

/** Why a draft is not recorded; the message names the field. */
export class WriteRefused extends Error {
  override readonly name = 'WriteRefused';
  readonly code: 'PAYLOAD' | 'TOO_LARGE' | 'CAUSE_UNKNOWN' | 'NOTHING_STANDS';

  constructor(code: WriteRefused['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** The entity of a chain's key. */
export function entityOfKey(key: string): CanonEvent['entity'] {
  const bar = key.indexOf('|');
  return { type: key.slice(0, bar), id: key.slice(bar + 1) };
}

interface Place {
  readonly region: string;
  readonly view: FederationView;
  readonly hlc: () => HlcTimestamp;
  readonly newId: () => string;
}

/** The canonical text of the event that a draft becomes in its region. Throws {@link WriteRefused}. */
export function completeEvent<T extends EventType>(draft: Draft<T>, place: Place): string {
  const spec = eventTypes[draft.type] as unknown as EventTypeSpec;
  const payload = spec.payload.safeParse(draft.payload);
  if (!payload.success) throw new WriteRefused('PAYLOAD', `payload: ${explainZodError(payload.error)}`);
  const causedBy = [...(draft.causedBy ?? [])];
  if (causedBy.some((id) => !place.view.find(id)))
    throw new WriteRefused('CAUSE_UNKNOWN', 'causedBy: names an event that this region does not hold');
  const entity = { type: spec.entity, id: draft.entityId };
  const id = place.newId();
  const unhashed: Omit<CanonEvent, 'hash'> = {
    id,
    type: draft.type,
    typeVersion: spec.version,
    region: place.region,
    entity,
    actor: draft.actor,
    source: draft.source,
    causedBy,
    handshake: HANDSHAKE,
    payload: payload.data as Record<string, unknown>,
    sealed: [...(draft.sealed?.(id) ?? [])],
    ...linkOf(`${entity.type}|${entity.id}`, place),
    hlc: place.hlc(),
  };
  const text = canonicalJson({ ...unhashed, hash: hashEvent(unhashed) });
  if (Buffer.byteLength(text) > eventLimits.payloadBytesMax)
    throw new WriteRefused('TOO_LARGE', `(whole): the event is larger than ${eventLimits.payloadBytesMax} bytes`);
  return text;
}

/**
 * What an event follows: the newest that this region itself wrote about the entity and that waits for its home, or else the head of the home's chain as it is
 * known here.
 */
function linkOf(entity: string, { view, region }: Place): Pick<CanonEvent, 'entityVersion' | 'prevHash'> {
  const own = view.eventsAbout(entity).findLast((id) => view.find(id)?.entry.stored.region === region);
  const waiting = own === undefined || view.standingOf(own).home !== null ? undefined : view.find(own)?.entry.stored;
  if (waiting) return { entityVersion: waiting.entityVersion + 1, prevHash: waiting.hash };
  const newest = view.tenureOf(entity);
  const home = entity.startsWith('Home|') ? region : newest?.region;
  const head = home === undefined ? undefined : view.of(home).court.state.get(chainHeads, entity);
  if (!head && newest && newest.region !== region)
    throw new WriteRefused('NOTHING_STANDS', 'entityId: its home holds nothing of this entity that could be followed');
  return { entityVersion: (head?.version ?? 0) + 1, prevHash: head?.hash ?? GENESIS_HASH };
}
