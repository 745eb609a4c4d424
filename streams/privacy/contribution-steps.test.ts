/** Goal: a tick that passes over a month closes it day by day, with every window of it. */
import { expect, test } from '@jest/globals';
import { metrics } from '../../schema/metrics/catalogue.ts';
import { topics } from '../../schema/topics.ts';
import { type DryRun, dryRun, recordOf } from '../shared/testing.ts';
import { dayUs } from './clock.ts';
import { contributionSchema } from './contribution.ts';
import { daysOfTickMax, decodeActivity, findContributions } from './contribution-steps.ts';
import { ticks } from './stores.ts';
import { released, run } from './testing.ts';

/** 2018-03-01. */
const startUs = Date.UTC(2018, 2, 1) * 1_000;

function found(...wallUs: readonly number[]): DryRun {
  const records = wallUs.map((each, offset) =>
    recordOf({ topic: topics.events.name, offset, value: JSON.stringify({ tick: 'live', wallUs: each }) }),
  );
  const processor = {
    name: 'privacy-contributions',
    input: 'events',
    outputs: ['privacyContributions'],
    stores: [ticks],
    decode: decodeActivity,
    handle: findContributions,
  } as const;
  return dryRun(processor, records);
}

test('a tick that passes over a month releases every window of it', () => {
  const messages = found(startUs, startUs + 31 * dayUs + 5).emitted('privacyContributions');
  expect(messages).toHaveLength(1 + 31 + 1);
  const dry = run(messages.map((message) => contributionSchema.parse(message)));
  expect(new Set(dry.outcomes)).toEqual(new Set(['ok']));
  for (const { id, keyVisibility, keys, windowSeconds } of metrics)
    if (keyVisibility === 'PUBLIC') {
      const windows = (31 * 86_400) / windowSeconds;
      expect(released(dry, id)).toHaveLength(windows * keys.length);
    }
  expect(dry.emitted('privacyRoots').at(-1)).toMatchObject({ day: '2018-03-31', closesEpoch: '2018-03' });
});

test('ticks within a day stay one each, and a tick beyond all reason is put aside', () => {
  expect(found(startUs, startUs + 1, startUs + 2).emitted('privacyContributions')).toHaveLength(3);
  const far = found(startUs, startUs + (daysOfTickMax + 2) * dayUs);
  expect(far.outcomes).toEqual(['ok', 'deadLetter TICK_TOO_FAR']);
});

test('a tick that reached the release processor whole closes two days, and the next one goes on', () => {
  const [first, last] = [startUs, startUs + 9 * dayUs].map(
    (wallUs) => ({ kind: 'tick', domain: 'live', wallUs, partition: 0 }) as const,
  );
  if (!first || !last) throw new Error('there are two ticks');
  const dry = run([first, last]);
  expect(released(dry, 'active-creators-day')).toHaveLength(2);
  expect(released(run([{ ...last, wallUs: last.wallUs + 1 }], { after: dry }), 'active-creators-day')).toHaveLength(2);
});
