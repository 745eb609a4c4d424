import { z } from 'zod';
import type { LogRecord } from '../../engines/event-log/port.ts';
import { type KnownEvent, decodeEventRecord } from '../../schema/events/catalogue.ts';
import { type CanonEvent, canonicalJson, hashCanonicalText } from '../../schema/events/envelope.ts';
import { hlcSchema } from '../../schema/hlc.ts';
import { defineStore } from '../shared/state.ts';
import { type Step, deadLetter, done, drop, ok } from '../shared/step.ts';
import { type ChainHead, type Contradiction, chainKey, judgeLink } from './domain/chain.ts';
import { type StatusMove, logicalContradictions, resolve } from './domain/resolution.ts';
import { eventRow, statusRow } from './domain/rows.ts';

/** Hash of every event taken up, by its id: exact and for ever. */
export const takenEvents = defineStore('events', z.string());
/** The newest link of every entity's chain. */
export const chainHeads = defineStore<ChainHead>(
  'heads',
  z.strictObject({ version: z.int().min(1), hash: z.string(), hlc: hlcSchema }),
);
/** How many leaves the partition's Merkle tree has, under the key ''. */
export const leafCount = defineStore('leaves', z.int().min(0));

/** An event as it goes through the pipeline. */
export interface CanonMessage {
  readonly event: KnownEvent;
  /** The event as its bytes say, before any schema looked at it: what the hash is about; and its canonical text. */
  readonly stored: CanonEvent;
  readonly body: string;
}

interface Judged extends CanonMessage {
  readonly contradictions: readonly Contradiction[];
}

interface Resolved extends CanonMessage {
  readonly moves: readonly [StatusMove, ...StatusMove[]];
}

export const decode: Step<LogRecord, CanonMessage> = (record) => {
  const decoded = decodeEventRecord(record.value);
  if (decoded.kind === 'undecodable') return deadLetter('UNDECODABLE', decoded.reason);
  if (decoded.kind === 'tick') return drop('TICK');
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

export const extendChain: Step<CanonMessage, Judged> = (message, { state }) => {
  const key = chainKey(message.event.entity);
  const verdict = judgeLink(state.get(chainHeads, key), message.event);
  if (verdict.kind === 'broken') return deadLetter('CHAIN_BROKEN', verdict.message);
  state.put(chainHeads, key, verdict.head);
  state.put(takenEvents, message.event.id, message.event.hash);
  return ok({ ...message, contradictions: verdict.contradictions });
};

export const decideStatus: Step<Judged, Resolved> = ({ event, stored, body, contradictions }) =>
  ok({ event, stored, body, moves: resolve(event.source, [...contradictions, ...logicalContradictions(event)]) });

export const writeRecords: Step<Resolved, void, 'canonRecords' | 'canonStatus'> = (
  { event, stored, body, moves },
  { record, state, emit },
) => {
  const newest = moves.at(-1) ?? moves[0];
  const leaf = state.get(leafCount, '') ?? 0;
  state.put(leafCount, '', leaf + 1);
  const { partition, offset } = record;
  emit('canonRecords', {
    key: event.entity.id,
    id: `${event.id}:${newest.seq}`,
    value: eventRow(stored, newest, { partition, offset, leaf, body }),
    // The tree of a partition grows in the order of its records.
    partition,
  });
  for (const move of moves)
    emit('canonStatus', { key: event.id, id: `${event.id}:${move.seq}`, value: statusRow(event, move) });
  return done;
};
