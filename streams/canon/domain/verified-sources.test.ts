import { describe, expect, test } from '@jest/globals';
import { VerifiedSources } from './verified-sources.ts';

// Goal: an event that says that its creator was verified is found out where no decision about their level says so.
const minuteUs = 60_000_000;
const at = (minute: number): { wallUs: number; counter: number; node: string } => ({
  ...{ wallUs: minute * minuteUs, counter: 0, node: 'n' },
});
const decided = (minute: number, to: number, source: 'SYSTEM' | 'CREATOR' = 'SYSTEM') =>
  ({
    ...{ id: `decided ${minute}`, type: 'reputation.level-decided', source, actor: 'system:trust-levels' },
    ...{ entity: { type: 'TrustStanding', id: 'ada' }, hlc: at(minute), payload: { to } },
  }) as const;
const done = (minute: number, source: 'VERIFIED_CREATOR' | 'CREATOR' = 'VERIFIED_CREATOR') =>
  ({
    ...{ id: `done ${minute}`, type: 'artifact.revised', source, actor: 'ada' },
    ...{ entity: { type: 'Artifact', id: 'work' }, hlc: at(minute), payload: {} },
  }) as const;

describe('that a creator was verified', () => {
  test.each([
    ['is founded on a decision before it', [decided(1, 2), done(2)], null],
    ['is founded on any level from VERIFIED on', [decided(1, 4), done(2)], null],
    ['is not founded on a lower level', [decided(1, 1), done(2)], 'done 2'],
    ['is not founded on a later decision', [done(2), decided(3, 2)], 'done 2'],
    ['is not founded on a decision that was not the platform’s', [decided(1, 2, 'CREATOR'), done(2)], 'done 2'],
    ['ends with the level', [decided(1, 2), done(2), decided(3, 1), done(5)], 'done 5'],
    ['may go on for as long as clocks may differ', [decided(1, 2), decided(3, 1), done(4)], null],
    ['needs no foundation where it is not said', [done(1, 'CREATOR')], null],
  ])('%s', (_what, events, unfounded) => {
    for (const order of [events, events.toReversed()]) {
      const sources = new VerifiedSources();
      for (const [leaf, event] of order.entries()) sources.take(event, { partition: leaf % 2, leaf });
      expect(sources.firstUnfounded()?.eventId ?? null).toBe(unfounded);
    }
  });
});
