import type { GraphTransaction } from '../../engines/graph-store/port.ts';
import {
  type EventType,
  type EventTypeSpec,
  type PayloadOf,
  eventTypes,
  explainZodError,
} from '../../schema/events/catalogue.ts';
import {
  type CanonEvent,
  type EventSource,
  GENESIS_HASH,
  completeEvent,
  eventLimits,
} from '../../schema/events/envelope.ts';
import { HANDSHAKE } from '../../schema/handshake.ts';
import { type HlcTimestamp, compareHlc, formatHlc, hlcToIso, parseHlc } from '../../schema/hlc.ts';
import { topics } from '../../schema/topics.ts';
import { type Acceptance, acceptanceOf } from './acceptance.ts';
import type { UserError } from './errors.ts';
import { sealFields } from './sealing.ts';

/**
 * What a command works with. Commands are the only code that changes anything: resolvers run them for a viewer, imports run the same ones for the people
 * of another community, on that community's clock. A command reads through `tx`, lets a pure `decide` judge, and writes nothing when there are errors.
 */
export interface CommandContext {
  readonly tx: GraphTransaction;
  /** A creator's id, or `platform:<name>` for what another platform attests. */
  readonly actor: { readonly id: string; readonly source: EventSource };
  readonly masterKey: Buffer;
  readonly region: string;
  /** Whether the deed is done now, so that a creator acts under the trust level that they have now; what an import tells was done under one that nobody knows. */
  readonly actsNow?: true;
  /** A new reading of the clock under which the command runs, later than `stored` where that is given. */
  hlc(stored?: HlcTimestamp): HlcTimestamp;
  /** The command's own time, ISO 8601: the same for everything it writes. */
  readonly nowIso: string;
  /** A fresh id for a new entity or event: random for a live command, derived from the line for an import. */
  newId(): string;
}

export type CommandResult<T> =
  | { readonly ok: true; readonly value: T; readonly eventIds: readonly string[] }
  | { readonly ok: false; readonly errors: readonly UserError[] };

export function accepted<T>(value: T, events: readonly CanonEvent[]): CommandResult<T> {
  return { ok: true, value, eventIds: events.map((event) => event.id) };
}

export function refused(...errors: readonly UserError[]): {
  readonly ok: false;
  readonly errors: readonly UserError[];
} {
  return { ok: false, errors };
}

export interface EventDraft<T extends EventType> {
  readonly type: T;
  readonly entityId: string;
  readonly payload: PayloadOf<T>;
  /** Personal fields by subject; they are sealed. */
  readonly personal?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly causedBy?: readonly string[];
}

/**
 * Completes an event (id, clock, sealed fields, its entity's next version, the hash of its predecessor, its own hash), appends
 * it to the log with the transaction and moves the entity's chain on. Throws a TypeError for a payload that does not fit its type: that is a bug of the command.
 */
export async function record<T extends EventType>(context: CommandContext, draft: EventDraft<T>): Promise<CanonEvent> {
  const spec = eventTypes[draft.type] as unknown as EventTypeSpec;
  const payload = spec.payload.safeParse(draft.payload);
  if (!payload.success) throw new TypeError(`${draft.type}: ${explainZodError(payload.error)}`);
  const chainId = `chain|${spec.entity}|${draft.entityId}`;
  const [[head], acceptance] = await Promise.all([context.tx.get('ChainHead', [chainId]), acceptanceOf(context)]);
  const id = context.newId();
  const unhashed: Omit<CanonEvent, 'hash'> = {
    id,
    type: draft.type,
    typeVersion: spec.version,
    hlc: context.hlc(latestOf(head?.props.hlc, acceptance)),
    region: context.region,
    entity: { type: spec.entity, id: draft.entityId },
    entityVersion: (head?.props.entityVersion ?? 0) + 1,
    actor: context.actor.id,
    source: acceptance.source,
    causedBy: [...(draft.causedBy ?? [])],
    handshake: HANDSHAKE,
    payload: payload.data as Record<string, unknown>,
    sealed: await sealFields(context.tx, {
      masterKey: context.masterKey,
      eventId: id,
      nowIso: context.nowIso,
      personal: draft.personal ?? {},
    }),
    prevHash: head?.props.hash ?? GENESIS_HASH,
  };
  const { event, text: value } = completeEvent(unhashed);
  if (Buffer.byteLength(value) > eventLimits.payloadBytesMax)
    throw new TypeError(`${draft.type}: the event is larger than ${eventLimits.payloadBytesMax} bytes`);
  await context.tx.put({
    type: 'ChainHead',
    id: chainId,
    props: { entityVersion: event.entityVersion, hash: event.hash, eventId: id, hlc: formatHlc(event.hlc) },
  });
  await context.tx.append([
    { topic: topics.events.name, key: spec.key({ entity: event.entity, payload: payload.data }), id, value },
  ]);
  if (context.actor.source === 'CREATOR')
    await context.tx.patch('Creator', context.actor.id, { lastActiveAt: hlcToIso(event.hlc) });
  return event;
}

/** What an event must be later than: the link before it, and the decision under which its actor is trusted. */
function latestOf(link: string | undefined, { since }: Acceptance): HlcTimestamp | undefined {
  const before = link === undefined ? null : parseHlc(link);
  if (before === null || since === null) return before ?? since ?? undefined;
  return compareHlc(before, since) > 0 ? before : since;
}
