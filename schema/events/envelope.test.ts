import { describe, expect, test } from '@jest/globals';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { decodeEventRecord } from './catalogue.ts';
import {
  type CanonEvent,
  GENESIS_HASH,
  canonicalJson,
  eventSchema,
  hashCanonicalText,
  hashEvent,
  inSchemaOrder,
  isEvent,
} from './envelope.ts';

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

  test('canonical text is that of the reference implementation, for any JSON', () => {
    const anything = fc.anything({ withNullPrototype: true, key: fc.string({ unit: 'binary' }) });
    fc.assert(fc.property(fc.jsonValue(), (value) => expect(canonicalJson(value)).toBe(canonicalize(value))));
    fc.assert(
      fc.property(anything, (value) => {
        const json = JSON.stringify(value) as string | undefined;
        fc.pre(json !== undefined);
        expect(canonicalJson(JSON.parse(json))).toBe(canonicalize(JSON.parse(json)));
      }),
    );
    // Appendix B of RFC 8785.
    for (const [bits, text] of [
      [0x8000000000000000n, '0'],
      [0x0000000000000001n, '5e-324'],
      [0x7fefffffffffffffn, '1.7976931348623157e+308'],
      [0x4340000000000000n, '9007199254740992'],
      [0x44b52d02c7e14af6n, '1e+23'],
      [0x444b1ae4d6e2ef4en, '999999999999999700000'],
      [0x41b3de4355555557n, '333333333.33333343'],
    ] as const)
      expect(canonicalJson(new Float64Array(new BigUint64Array([bits]).buffer)[0])).toBe(text);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, undefined, () => 1])
      expect(() => canonicalJson(bad)).toThrow(TypeError);
  });

  test('the hash is the same from the event and from its canonical text, whatever the payload holds', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), (payload, actor) => {
        const odd = { ...unhashed, actor, payload: { ...payload, hash: event.hash, text: `"hash":"${event.hash}",` } };
        const hash = hashEvent(odd);
        expect(hashCanonicalText(canonicalJson({ ...odd, hash }), hash)).toBe(hash);
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
    expect(decodeEventRecord(JSON.stringify(event))).toEqual({ kind: 'event', event, stored: event });
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

  test('the quick look takes what the schema takes, and nothing else', () => {
    expect(isEvent(event)).toBe(true);
    const odd = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(
        0,
        -1,
        1.5,
        2 ** 53,
        65_535,
        65_536,
        '',
        'x'.repeat(32),
        'x'.repeat(64),
        'x'.repeat(65),
        'x'.repeat(129),
      ),
      fc.constantFrom('A'.repeat(64), 'a'.repeat(63), 'IMVU', 'imvu', GENESIS_HASH),
      fc.array(fc.constantFrom('c', '', 1), { maxLength: 40 }),
      fc.array(fc.constantFrom(...event.sealed, { ...event.sealed[0], more: 1 }, { subject: 'a' }), { maxLength: 10 }),
    );
    const paths = [...Object.keys(event), 'hlc.wallUs', 'hlc.counter', 'hlc.node', 'entity.type', 'entity.id'].map(
      (path) => path.split('.'),
    );
    const more = [['more'], ['hlc', 'more'], ['entity', 'more'], ['payload', '__proto__'], ['sealed', '0', 'nonce']];
    fc.assert(
      fc.property(fc.constantFrom(...paths, ...more), odd, fc.boolean(), (path, value, isMissing) => {
        const changed = JSON.parse(JSON.stringify(event)) as Record<string, unknown>;
        const parent = path.slice(0, -1).reduce((at, key) => at[key] as Record<string, unknown>, changed);
        if (isMissing) Reflect.deleteProperty(parent, path.at(-1) as string);
        else Object.defineProperty(parent, path.at(-1) as string, { value, enumerable: true, configurable: true });
        const json = JSON.parse(JSON.stringify(changed)) as Record<string, unknown>;
        const bySchema = eventSchema.safeParse(json);
        const isOdd = Object.hasOwn(Object(json['payload']) as object, '__proto__');
        expect(isEvent(json)).toBe(bySchema.success && !isOdd);
        // To the letter: states are compared as text.
        if (isEvent(json)) expect(JSON.stringify(inSchemaOrder(json))).toBe(JSON.stringify(bySchema.data));
      }),
      { numRuns: 500 },
    );
  });

  test('no text makes decoding throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => expect(() => decodeEventRecord(text)).not.toThrow()),
    );
  });
});
