import { type CanonEvent, GENESIS_HASH, canonicalJson, hashEvent } from '../../schema/events/envelope.ts';
import { HANDSHAKE } from '../../schema/handshake.ts';
import type { LogRecord } from '../../engines/event-log/port.ts';
import { recordOf } from '../shared/testing.ts';

export interface ChainOptions {
  readonly entityId: string;
  readonly length: number;
  readonly startUs?: number;
  /** Changes an event before it is hashed, so that the chain holds all the same. */
  readonly change?: (event: Omit<CanonEvent, 'hash'>, index: number) => Partial<CanonEvent>;
}

/** A chain of one creator's events that verifies: a registration and changes of skills. */
export function chainOf({ entityId, length, startUs = 1_700_000_000_000_000, change }: ChainOptions): CanonEvent[] {
  const events: CanonEvent[] = [];
  for (let index = 0; index < length; index += 1) {
    const plain: Omit<CanonEvent, 'hash'> = {
      id: `${entityId}-event-${index}`,
      type: index === 0 ? 'creator.registered' : 'creator.skills-changed',
      typeVersion: 1,
      hlc: { wallUs: startUs + index * 1_000, counter: 0, node: 'test' },
      region: 'test',
      entity: { type: 'Creator', id: entityId },
      entityVersion: index + 1,
      actor: entityId,
      source: 'CREATOR',
      causedBy: [],
      handshake: HANDSHAKE,
      payload:
        index === 0 ? { creatorType: 'ARTIST', skills: ['singing'] } : { added: [`skill ${index}`], removed: [] },
      sealed: [],
      prevHash: events.at(-1)?.hash ?? GENESIS_HASH,
    };
    events.push(sealHash({ ...plain, ...change?.(plain, index) }));
  }
  return events;
}

/** Chains of several creators, 30 events each, one creator after the other. */
export function communityOf(creators: number): CanonEvent[] {
  const chains = Array.from({ length: creators }, (_, n) =>
    chainOf({ entityId: `creator-${n}`, length: 30, startUs: 1_700_000_000_000_000 + n }),
  );
  return chains.flat();
}

/** The event with the hash that its content has. */
export function sealHash(event: Omit<CanonEvent, 'hash'>): CanonEvent {
  return { ...event, hash: hashEvent(event) };
}

/** Events as records of one partition. */
export function recordsOf(events: readonly CanonEvent[]): LogRecord[] {
  return events.map((event, offset) =>
    recordOf({ offset, id: event.id, key: event.entity.id, value: canonicalJson(event) }),
  );
}
