import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { type EventTypeSpec, decodeEventRecord, upcastClaim } from './catalogue.ts';
import { type CanonEvent, GENESIS_HASH, canonicalJson, hashEvent } from './envelope.ts';
import { HANDSHAKE } from '../handshake.ts';

// Goal: events of older versions are read in the newest shape, and stay as they are; what this build does not know says so.
const claim = {
  ...{ id: 'c', type: 'museum.restored', typeVersion: 3, causedBy: [], payload: { by: 'hand' } },
  ...{ hlc: { wallUs: 1, counter: 0, node: 'museum' }, entity: { type: 'Artifact', id: 'vase' } },
};

function claimed(typeVersion: number, source: CanonEvent['source'], more: object = {}): string {
  const event = {
    ...{ id: 'e', type: 'canon.claimed', typeVersion, region: 'test', entity: { type: 'Claim', id: 'vase' } },
    ...{
      hlc: claim.hlc,
      entityVersion: 1,
      actor: 'imvu:guardian.x',
      source,
      causedBy: [],
      handshake: HANDSHAKE,
      sealed: [],
    },
    payload: { claim, isKnown: false, signature: '', publicKey: '', ...more },
    prevHash: GENESIS_HASH,
  };
  return canonicalJson({ ...event, hash: hashEvent(event) });
}

describe('an event of an older version', () => {
  test.each([
    ['IMVU', 'CREATIVE_IMVU'],
    ['EXTERNAL', 'PLATFORM'],
  ] as const)('is read in the newest shape and kept as it was: a claim of an %s', (source, role) => {
    const decoded = decodeEventRecord(claimed(1, source));
    expect(decoded).toMatchObject({ kind: 'event', event: { typeVersion: 1, payload: { role, causedAtUs: null } } });
    expect(decoded.kind === 'event' && 'role' in decoded.stored.payload).toBe(false);
  });

  test('does not show what newer ones seal: the topic of a mentorship', () => {
    const started = JSON.parse(claimed(1, 'CREATOR')) as CanonEvent;
    const event = {
      ...started,
      type: 'relationship.mentorship-started',
      entity: { type: 'Relationship', id: 'r' },
      payload: { fromId: 'a', toId: 'b', topic: 'sonnets' },
    };
    const decoded = decodeEventRecord(canonicalJson({ ...event, hash: hashEvent(event) }));
    expect(decoded).toMatchObject({ kind: 'event', event: { payload: { fromId: 'a', toId: 'b' } } });
    expect(decoded.kind === 'event' && decoded.event.payload).not.toHaveProperty('topic');
  });

  test('is refused where it claims what only a newer one has, or comes from the future', () => {
    expect(decodeEventRecord(claimed(1, 'IMVU', { more: 1 })).kind).toBe('undecodable');
    expect(decodeEventRecord(claimed(2, 'IMVU')).kind).toBe('undecodable');
    expect(decodeEventRecord(claimed(2, 'IMVU', { role: 'GUARDIAN_IMVU' })).kind).toBe('event');
    expect(decodeEventRecord(claimed(4, 'IMVU', { role: 'GUARDIAN_IMVU' }))).toMatchObject({
      reason: 'canon.claimed has version 4, this build knows 3',
    });
  });
});

test('a claim that was kept unknown is read in the newest shape once the way is known, step by step', () => {
  const spec: EventTypeSpec = {
    ...{ version: 5, entity: 'Artifact', key: () => '' },
    payload: z.strictObject({ method: z.string(), isReversible: z.boolean() }),
    upcasts: { 3: ({ by }) => ({ method: by }), 4: (payload) => ({ ...payload, isReversible: false }) },
  };
  expect(upcastClaim(claim, {})).toBeNull();
  expect(upcastClaim(claim, { 'museum.restored': { ...spec, upcasts: { 4: (payload) => payload } } })).toBeNull();
  expect(upcastClaim(claim, { 'museum.restored': spec })).toEqual({ method: 'hand', isReversible: false });
  expect(upcastClaim({ ...claim, typeVersion: 6 }, { 'museum.restored': spec })).toBeNull();
  expect(upcastClaim({ ...claim, payload: { by: 7 } }, { 'museum.restored': spec })).toBeNull();
});

// Goal: a partition goes on whatever stands in a record, and each record is what it is.
describe('a record', () => {
  test('is a tick where it has the form of one', () => {
    const tick = { tick: 'live', wallUs: 7 };
    expect(decodeEventRecord(JSON.stringify(tick))).toEqual({ kind: 'tick', tick });
    expect(decodeEventRecord(JSON.stringify({ ...tick, wallUs: 'now' })).kind).toBe('undecodable');
  });

  test.each([
    ['not JSON', null],
    ['not JSON', ''],
    ['not JSON', '{'],
    ['(whole): Invalid input', 'null'],
    ['(whole): Invalid input', '5'],
    ['(whole): Invalid input', '"tick"'],
    ['(whole): Invalid input', '["tick"]'],
  ])('is undecodable, for the reason %s: %j', (reason, value) => {
    expect(decodeEventRecord(value)).toEqual({ kind: 'undecodable', reason: expect.stringContaining(reason) });
  });

  test.each(['museum.restored', 'constructor', 'toString', '__proto__'])('of the type %s is of none', (type) => {
    const event = { ...(JSON.parse(claimed(3, 'IMVU')) as CanonEvent), type };
    expect(decodeEventRecord(JSON.stringify(event))).toEqual({
      kind: 'undecodable',
      reason: `unknown event type ${type}`,
    });
    expect(upcastClaim({ ...claim, type })).toBeNull();
  });
});
