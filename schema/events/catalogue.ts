import { type z } from 'zod';
import { artifactEvents } from './types/artifact.ts';
import { claimEvents } from './types/claim.ts';
import { canonEvents } from './types/canon.ts';
import { creatorEvents } from './types/creator.ts';
import { regionEvents } from './types/region.ts';
import { relationshipEvents } from './types/relationship.ts';
import { reputationEvents } from './types/reputation.ts';
import { spaceEvents } from './types/space.ts';
import { type CanonEvent, eventSchema, inSchemaOrder, isEvent } from './envelope.ts';
import { parseExactly } from './exact-json.ts';
import { type Tick, tickSchema } from './tick.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What can be brought to the newest version of its type: an event, or what a claim says. */
export interface Upcastable {
  readonly type: string;
  readonly typeVersion: number;
  readonly payload: Fields;
}

/**
 * One event type: its version, the kind of entity whose chain it extends, the schema of its public payload, the names of its personal
 * fields (which are sealed under a subject's key) and the key that orders it in the log.
 */
export interface EventTypeSpec<P extends z.ZodType = z.ZodType> {
  readonly version: number;
  readonly entity: string;
  readonly payload: P;
  /** By older version: that version's payload as this one has it. Events stay as they were recorded; only what reads them sees the new shape. */
  readonly upcasts?: Readonly<Record<number, (payload: Fields, event: Upcastable) => Fields>>;
  /**
   * Records of one key share a partition and keep their order. All events of one entity have the same key, whoever acts: a chain that was spread over
   * partitions could not be followed.
   */
  key(event: { readonly entity: { readonly id: string }; readonly payload: z.output<P> }): string;
}

export const eventTypes = {
  ...creatorEvents,
  ...relationshipEvents,
  ...artifactEvents,
  ...spaceEvents,
  ...reputationEvents,
  ...claimEvents,
  ...canonEvents,
  ...regionEvents,
} as const;
export type EventType = keyof typeof eventTypes;
export type PayloadOf<T extends EventType> = z.output<(typeof eventTypes)[T]['payload']>;

/** A decoded event of a known type. Narrow with `event.type === '…'`. */
export type KnownEvent = {
  [T in EventType]: Omit<CanonEvent, 'type' | 'payload'> & { readonly type: T; readonly payload: PayloadOf<T> };
}[EventType];

export type Decoded =
  /** `stored` is the event as its bytes say, before any schema looked at it: what its hash is about. */
  | { readonly kind: 'event'; readonly event: KnownEvent; readonly stored: CanonEvent }
  | { readonly kind: 'tick'; readonly tick: Tick }
  | { readonly kind: 'undecodable'; readonly reason: string };

function parseJson(text: string | null): unknown {
  if (text === null) return undefined;
  try {
    return parseExactly(text);
  } catch {
    return undefined;
  }
}

/** The names of the fields that do not fit and what is expected there, without their values. */
export function explainZodError(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.join('.') || '(whole)'}: ${issue.message}`)
    .join('; ');
}

/** The payload as the newest version of its type has it, step by step; null where a step is missing. */
export function upcastPayload(
  { version, upcasts }: Pick<EventTypeSpec, 'version' | 'upcasts'>,
  event: Upcastable,
): Fields | null {
  let payload = event.payload;
  for (let from = event.typeVersion; from !== version; from += 1) {
    const step = upcasts?.[from];
    if (step === undefined) return null;
    payload = step(payload, event);
  }
  return payload;
}

/** The payload of what a claim says, in the newest shape of its type; null where this build does not know the type or the way to it. */
export function upcastClaim(
  said: Upcastable,
  types: Readonly<Record<string, EventTypeSpec>> = eventTypes as unknown as Readonly<Record<string, EventTypeSpec>>,
): Fields | null {
  const spec = Object.hasOwn(types, said.type) ? types[said.type] : undefined;
  const payload = spec && upcastPayload(spec, said);
  return payload && spec.payload.safeParse(payload).success ? payload : null;
}

/** Reads a record of the `events` topic. Never throws: whatever does not fit comes back as undecodable with its reason. */
export function decodeEventRecord(value: string | null): Decoded {
  const json = parseJson(value);
  if (json === undefined) return { kind: 'undecodable', reason: 'not JSON' };
  if (typeof json === 'object' && json !== null && 'tick' in json) {
    const tick = tickSchema.safeParse(json);
    if (tick.success) return { kind: 'tick', tick: tick.data };
  }
  const envelope = isEvent(json) ? { success: true as const, data: inSchemaOrder(json) } : eventSchema.safeParse(json);
  if (!envelope.success) return { kind: 'undecodable', reason: explainZodError(envelope.error) };
  const event = envelope.data;
  const spec: EventTypeSpec | undefined = Object.hasOwn(eventTypes, event.type)
    ? (eventTypes[event.type as EventType] as unknown as EventTypeSpec)
    : undefined;
  if (!spec) return { kind: 'undecodable', reason: `unknown event type ${event.type.slice(0, 64)}` };
  const upcast = upcastPayload(spec, event);
  if (upcast === null)
    return {
      kind: 'undecodable',
      reason: `${event.type} has version ${event.typeVersion}, this build knows ${spec.version}`,
    };
  const payload = spec.payload.safeParse(upcast);
  if (!payload.success)
    return { kind: 'undecodable', reason: `${event.type} payload: ${explainZodError(payload.error)}` };
  return { kind: 'event', event: { ...event, payload: payload.data } as KnownEvent, stored: json as CanonEvent };
}
