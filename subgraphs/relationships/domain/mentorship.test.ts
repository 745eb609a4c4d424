import { describe, expect, test } from '@jest/globals';
import { decideMentorship, decideMentorshipEnd } from './mentorship.ts';
import type { PairState } from './pair.ts';

// Goal: nobody makes themselves a mentor: whoever learned says so, or a platform does; either side may end it.
const free: PairState = {
  isSelf: false,
  isFromKnown: true,
  isToKnown: true,
  isGone: false,
  blockedBy: null,
  stands: false,
};

describe('mentorship', () => {
  test.each([
    ['MENTEE', true],
    ['PLATFORM', true],
    ['MENTOR', false],
    ['OTHER', false],
  ] as const)('said by %s: %s', (speaker, ok) => {
    expect(decideMentorship(free, { speaker, topic: 'oil' }).ok).toBe(ok);
  });

  test.each([
    ['MENTEE', true],
    ['PLATFORM', true],
    ['MENTOR', true],
    ['OTHER', false],
  ] as const)('ended by %s: %s', (speaker, ok) => {
    expect(decideMentorshipEnd({ ...free, stands: true }, speaker).ok).toBe(ok);
  });

  test('an unknown mentor is the input’s fault, an unknown mentee the caller’s', () => {
    const command = { speaker: 'MENTEE', topic: '' } as const;
    expect(decideMentorship({ ...free, isFromKnown: false }, command)).toMatchObject({
      errors: [{ code: 'NOT_FOUND', path: ['input', 'mentorId'] }],
    });
    expect(decideMentorship({ ...free, isToKnown: false }, command)).toMatchObject({
      errors: [{ code: 'NOT_FOUND', path: ['input'] }],
    });
  });

  test('the block is told from the mentee’s side; a long topic is refused', () => {
    const command = { speaker: 'MENTEE', topic: '' } as const;
    expect(decideMentorship({ ...free, blockedBy: 'TO' }, command)).toMatchObject({
      errors: [{ code: 'BLOCKED', message: expect.stringMatching(/unblock/) }],
    });
    expect(decideMentorship({ ...free, blockedBy: 'FROM' }, command)).toMatchObject({
      errors: [{ code: 'BLOCKED', message: expect.stringMatching(/does not want/) }],
    });
    expect(decideMentorship(free, { speaker: 'MENTEE', topic: 'x'.repeat(129) })).toMatchObject({
      errors: [{ code: 'INVALID', path: ['input', 'topic'] }],
    });
  });
});
