/** Goal: the one door from raw to public adds exactly the keyed noise, and what is raw cannot leave by any other. */
import { describe, expect, test } from '@jest/globals';
import { activityByKindHour } from '../../../schema/metrics/declared/activity.ts';
import { Raw, hashRelease, releaseSchema } from '../../../schema/metrics/release.ts';
import { type Draw, createDrawer, releaseIdOf } from './draw-release.ts';
import { discreteGaussian } from './samplers/discrete-gaussian.ts';
import { seededBits } from './testing.ts';

const draw = (count: number, seed: number): Draw => ({
  window: { start: '2018-03-12T09:00:00.000Z', end: '2018-03-12T10:00:00.000Z' },
  key: 'POST',
  raw: new Raw(count),
  source: seededBits(seed),
  sealedAt: '2018-03-12T10:00:01.000Z',
  reservation: { seq: 4, hash: 'a'.repeat(64) },
});
const drawRelease = createDrawer(activityByKindHour, 0.95);

describe('drawing a release', () => {
  test('adds the noise of its bits to the count, and the bar of its metric around it', () => {
    const release = drawRelease(draw(17, 3));
    const noise = Number(discreteGaussian(activityByKindHour.sigma2)(seededBits(3)));
    expect(release.value).toBe(17 + noise);
    expect(release.interval).toEqual({ level: 0.95, low: release.value - 57, high: release.value + 57 });
    expect([release.sigma2, release.rho]).toEqual(['2500/3', '3/5000']);
    expect(release.releaseId).toBe(releaseIdOf('activity-by-kind-hour', '2018-03-12T09:00:00.000Z', 'POST'));
    expect(releaseSchema.parse(JSON.parse(JSON.stringify(release)))).toEqual(release);
  });

  test('repeats to the byte, and another count gives another hash', () => {
    expect(hashRelease(drawRelease(draw(17, 3)))).toBe(hashRelease(drawRelease(draw(17, 3))));
    expect(hashRelease(drawRelease(draw(18, 3)))).not.toBe(hashRelease(drawRelease(draw(17, 3))));
  });

  test('bars hold the count as often as they say', () => {
    let held = 0;
    for (let seed = 0; seed < 4000; seed += 1) {
      const { low, high } = drawRelease(draw(5, seed)).interval;
      if (low <= 5 && 5 <= high) held += 1;
    }
    expect(held / 4000).toBeGreaterThan(0.94);
    expect(held / 4000).toBeLessThan(0.97);
  });

  test('a count that leaves the safe integers is refused without being told', () => {
    const count = Number.MAX_SAFE_INTEGER - 1;
    const attempt = (): unknown => drawRelease(draw(count, 3));
    expect(attempt).toThrow(RangeError);
    expect(attempt).not.toThrow(String(count));
  });
});

describe('a raw value', () => {
  test('has no text and no JSON', () => {
    const raw = new Raw(424_242);
    expect(() => JSON.stringify({ count: raw })).toThrow('raw');
    expect(() => String(raw)).toThrow('raw');
    expect(Object.values(raw)).toEqual([]);
    expect(Raw.reveal(raw)).toBe(424_242);
  });
});
