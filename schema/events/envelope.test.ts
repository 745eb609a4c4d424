import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeEventRecord } from './catalogue.ts';
import { type CanonEvent, GENESIS_HASH, canonicalJson, hashEvent } from './envelope.ts';

const unhashed: Omit<CanonEvent, 'hash'> = {
  id: 'e1',
  type: 'relationship.followed',
  typeVersion: 1,
  hlc: { wallUs: 1, counter: 0, node: 'live:t' },
  region: 'local',
  entity: { type: 'Relationship', id: 'r1' },
  entityVersion: 1,
  actor: 'a',
  source: 'CREATOR',
  causedBy: [],
  handshake: '55-45-17',
  payload: { fromId: 'a', toId: 'b' },
  sealed: [{ subject: 'a', keyId: 'k', nonce: 'bm9uY2U=', ciphertext: 'Y2lwaGVy' }],
  prevHash: GENESIS_HASH,
};
const event: CanonEvent = { ...unhashed, hash: hashEvent(unhashed) };

describe('the event format', () => {
  test('canonical text does not depend on the order of properties (RFC 8785)', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const shuffled = Object.fromEntries(Object.entries(object).reverse());
        expect(canonicalJson(shuffled)).toBe(canonicalJson(object));
      }),
    );
  });

  test('the hash covers everything but itself, ciphertexts included', () => {
    expect(hashEvent(event)).toBe(event.hash);
    const changes: Partial<CanonEvent>[] = [
      { actor: 'b' },
      { payload: { fromId: 'a', toId: 'c' } },
      { prevHash: 'f'.repeat(64) },
      { entityVersion: 2 },
      { sealed: [{ subject: 'a', keyId: 'k', nonce: 'bm9uY2U=', ciphertext: 'Y2lwaGVz' }] },
    ];
    for (const change of changes) expect(hashEvent({ ...event, ...change })).not.toBe(event.hash);
  });

  test('decoding gives the event back, and a reason for whatever does not fit', () => {
    expect(decodeEventRecord(JSON.stringify(event))).toEqual({ kind: 'event', event });
    expect(decodeEventRecord(JSON.stringify({ tick: 'live', wallUs: 5 }))).toEqual({
      kind: 'tick',
      tick: { tick: 'live', wallUs: 5 },
    });
    const reasonOf = (value: unknown): string => {
      const decoded = decodeEventRecord(typeof value === 'string' ? value : JSON.stringify(value));
      return decoded.kind === 'undecodable' ? decoded.reason : decoded.kind;
    };
    expect(reasonOf('{')).toBe('not JSON');
    expect(reasonOf({ ...event, type: 'toString' })).toMatch(/unknown event type/);
    expect(reasonOf({ ...event, typeVersion: 9 })).toMatch(/version 9/);
    expect(reasonOf({ ...event, payload: { fromId: 'a' } })).toMatch(/toId/);
    expect(reasonOf({ ...event, extra: 1 })).toMatch(/extra/i);
  });

  test('no text makes decoding throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => expect(() => decodeEventRecord(text)).not.toThrow()),
    );
  });
});
