import { expect, test } from '@jest/globals';
import { SIGNATURE_AGE_MS_MAX } from '../../runtime/gateway-signature.ts';
import { TakenRequests } from './taken-requests.ts';

// Goal: a request is taken once for as long as its signature is good, wherever in a stretch it came, and is forgotten some time after that.
const goodMs = 2 * SIGNATURE_AGE_MS_MAX;

test.each([0, 1, goodMs / 2, goodMs - 1])('taken %d ms after the first, known while it is good', (afterMs) => {
  const taken = new TakenRequests();
  expect(taken.isNew(1, 0)).toBe(true);
  expect(taken.isNew(2, afterMs)).toBe(true);
  for (const laterMs of [0, 1, goodMs / 2, goodMs]) expect(taken.isNew(2, afterMs + laterMs)).toBe(false);
});

test('forgotten in the end, also where the clock goes back', () => {
  for (const way of [1, -1]) {
    const taken = new TakenRequests();
    for (let n = 0; n < 4; n += 1) expect(taken.isNew(1, way * n * 2 * goodMs)).toBe(n % 2 === 0);
  }
});
