import type { LogRecord } from '../../engines/event-log/port.ts';
import { type KnownEvent, decodeEventRecord } from '../../schema/events/catalogue.ts';
import { type CanonEvent, canonicalJson, hashCanonicalText } from '../../schema/events/envelope.ts';
import { type Step, deadLetter, drop, ok } from '../shared/step.ts';
import { chainKey, explainBreak } from './domain/chain.ts';
import type { Claim } from './domain/resolution/claim.ts';
import { chainHeads, takenEvents } from './stores.ts';

/** An event as it goes through the pipeline. */
export interface CanonMessage {
  readonly event: KnownEvent;
  /** The event as its bytes say, before any schema looked at it: what the hash is about; and its canonical text. */
  readonly stored: CanonEvent;
  readonly body: string;
  /** What resolution looks at, where that is not only what the event says: see streams/canon/regions. */
  readonly claim?: Claim;
}

/** A tick of a clock domain: nothing happened but time. */
export interface TickMessage {
  readonly event: null;
}

export const decode: Step<LogRecord, CanonMessage | TickMessage> = (record) => {
  const decoded = decodeEventRecord(record.value);
  if (decoded.kind === 'undecodable') return deadLetter('UNDECODABLE', decoded.reason);
  if (decoded.kind === 'tick') return ok({ event: null });
  const { event, stored } = decoded;
  return ok({ event, stored, body: canonicalJson(stored) });
};

/** The same id and bytes again are a repetition; the same id with other bytes is a lie about history. */
export const verifyBytes: Step<CanonMessage, CanonMessage> = (message, { state }) => {
  const { id, hash } = message.stored;
  const actual = hashCanonicalText(message.body, hash);
  const taken = state.get(takenEvents, id);
  if (taken === undefined) {
    return actual === hash
      ? ok(message)
      : deadLetter('HASH_MISMATCH', 'hash: is not the hash of the event’s canonical bytes');
  }
  if (taken === actual && taken === hash) return drop('DUPLICATE');
  return deadLetter('ID_REUSED', 'id: an event of this id with other content was accepted before');
};

/** An event that does not name the newest link of its entity's chain is no part of it. */
export const verifyLink: Step<CanonMessage, CanonMessage> = (message, { state }) => {
  const { event } = message;
  const broken = explainBreak(state.get(chainHeads, chainKey(event.entity)), event);
  if (broken !== null) return deadLetter('CHAIN_BROKEN', broken);
  state.put(takenEvents, event.id, event.hash);
  return ok(message);
};
