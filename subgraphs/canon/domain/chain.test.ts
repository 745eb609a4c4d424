import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type CanonEvent, GENESIS_HASH, hashEvent } from '../../../schema/events/envelope.ts';
import { HANDSHAKE } from '../../../schema/handshake.ts';
import { type ChainLink, type ChainState, emptyChain, extendChain, judgeChain, linkVerifies } from './chain.ts';

function chainOf(length: number): CanonEvent[] {
  const events: CanonEvent[] = [];
  for (let version = 1; version <= length; version++) {
    const unhashed = {
      id: `event-${version}`,
      type: 'artifact.revised',
      typeVersion: 1,
      hlc: { wallUs: version, counter: 0, node: 'n' },
      region: 'local',
      entity: { type: 'Artifact', id: 'work' },
      entityVersion: version,
      actor: 'ada',
      source: 'CREATOR' as const,
      causedBy: [],
      handshake: HANDSHAKE,
      payload: { revision: version },
      sealed: [{ subject: 'ada', keyId: 'k', nonce: 'bm9uY2U=', ciphertext: 'Y2lwaGVy' }],
      prevHash: events.at(-1)?.hash ?? GENESIS_HASH,
    };
    events.push({ ...unhashed, hash: hashEvent(unhashed) });
  }
  return events;
}

function link(event: CanonEvent): ChainLink {
  return { eventId: event.id, hash: event.hash, event };
}

function run(links: readonly ChainLink[]): ChainState {
  return links.reduce((state, next) => extendChain(state, 'work', next), emptyChain);
}

/** A change of one event that is none of renaming: some field has another value. */
const mutation = fc.constantFrom<(event: CanonEvent) => CanonEvent>(
  (event) => ({ ...event, payload: { ...event.payload, revision: 99 } }),
  (event) => ({ ...event, actor: 'eve' }),
  (event) => ({ ...event, sealed: event.sealed.map((sealed) => ({ ...sealed, ciphertext: 'Y2lwaGVz' })) }),
  (event) => ({ ...event, hlc: { ...event.hlc, counter: 1 } }),
  (event) => ({ ...event, prevHash: 'f'.repeat(64) }),
  (event) => ({ ...event, causedBy: ['other'] }),
);

describe('a hash chain', () => {
  const events = chainOf(12);
  const head = { entityVersion: 12, hash: events.at(-1)?.hash ?? '' };

  test('verifies when it is whole', () => {
    const state = run(events.map(link));
    expect(state).toEqual({ events: 12, headHash: head.hash, firstBroken: null });
    expect(judgeChain(state, head)).toEqual({ verifies: true, pending: 0 });
    expect(judgeChain(emptyChain, null)).toEqual({ verifies: true, pending: 0 });
  });

  test('a changed, dropped, repeated or swapped event breaks it there', () => {
    const index = fc.integer({ min: 0, max: 10 });
    const property = fc.property(
      index,
      mutation,
      fc.constantFrom('change', 'rehash', 'drop', 'repeat', 'swap'),
      (at, change, kind) => {
        const links = events.map(link);
        const changed = change(events[at] as CanonEvent);
        if (kind === 'change') links[at] = link(changed);
        // A forger computes the event's own hash anew, and cannot do so for those that follow it.
        if (kind === 'rehash') links[at] = link({ ...changed, hash: hashEvent(changed) });
        if (kind === 'drop') links.splice(at, 1);
        if (kind === 'repeat') links.splice(at, 0, links[at] as ChainLink);
        if (kind === 'swap') [links[at], links[at + 1]] = [links[at + 1] as ChainLink, links[at] as ChainLink];
        const state = run(links);
        expect(state.firstBroken).not.toBeNull();
        expect(judgeChain(state, head).verifies).toBe(false);
      },
    );
    fc.assert(property, { numRuns: 500 });
  });

  test('a tail that was cut off shows against the store’s head, as does a forged last event', () => {
    expect(judgeChain(run(events.slice(0, 9).map(link)), head)).toEqual({ verifies: true, pending: 3 });
    const forged = { ...(events.at(-1) as CanonEvent), actor: 'eve' };
    const links = [...events.slice(0, -1), { ...forged, hash: hashEvent(forged) }].map(link);
    expect(run(links).firstBroken).toBeNull();
    expect(judgeChain(run(links), head).verifies).toBe(false);
    expect(judgeChain(run(events.map(link)), null).verifies).toBe(false);
  });

  test('text that is no event, or another one, does not verify', () => {
    const [first] = events.map(link) as [ChainLink];
    expect(linkVerifies(first)).toBe(true);
    expect(linkVerifies({ ...first, event: null })).toBe(false);
    expect(linkVerifies({ ...first, eventId: 'other' })).toBe(false);
    expect(linkVerifies({ ...first, hash: 'f'.repeat(64) })).toBe(false);
  });
});
