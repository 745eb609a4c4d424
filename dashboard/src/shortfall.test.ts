import { expect, test } from '@jest/globals';
import { shortfall } from './shortfall.ts';

test('goal: what a cap or a damping left a part of is not said to count nothing', () => {
  expect(shortfall({ pointsNow: 0 })).toBe('not counted');
  expect(shortfall({ pointsNow: 0.265 })).toBe('counted in part');
  expect(shortfall({ pointsNow: -0.06 })).toBe('counted in part');
});
