import { expect, test } from '@jest/globals';
import { appealLimits, decideOpening } from './appeal.ts';

// Goal: one appeal against what counts against one, in words; who cannot appeal is told why, and what they can wait for.
const text = 'I never published this work.';
const negative = { piece: { counted: -0.3 }, earlier: null, waiting: 0 } as const;

test('against what counts against one, once', () => {
  expect(decideOpening(negative, text).ok).toBe(true);
});

test.each([
  [{ ...negative, earlier: 'OPEN' as const }, 'ALREADY_DONE', 'your appeal against it waits for its decision'],
  [{ ...negative, earlier: 'TAKEN' as const }, 'ALREADY_DONE', 'your appeal against it waits for its decision'],
  [{ ...negative, earlier: 'UPHELD' as const }, 'ALREADY_DONE', 'there was an appeal against it: its decision stands'],
  [
    { ...negative, earlier: 'REJECTED' as const },
    'ALREADY_DONE',
    'there was an appeal against it: its decision stands',
  ],
  [{ ...negative, piece: null }, 'NOT_FOUND', 'there is no such piece of evidence about you'],
  [{ ...negative, piece: { counted: 0 } }, 'INVALID', 'it does not count against you'],
  [
    { ...negative, waiting: appealLimits.waitingMax },
    'LIMIT_EXCEEDED',
    '10 of your appeals wait for a decision already',
  ],
])('%j is refused as %s', (state, code, message) => {
  const decision = decideOpening(state, text);
  expect(decision).toMatchObject({ ok: false, errors: [{ code, message }] });
});
