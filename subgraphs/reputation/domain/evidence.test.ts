import { describe, expect, test } from '@jest/globals';
import { decay } from '../../../schema/reputation/formula.ts';
import { type LedgerRow, presentEvidence } from './evidence.ts';

const asOf = '2024-02-01 12:00:00.000';
const row: LedgerRow = {
  event_id: 'secret-event',
  rule: 'WORK_APPROVED',
  source_id: 'secret-source',
  source_kind: 'CREATOR',
  weight: 0.3,
  trust: 0.5,
  counted: 0.15,
  refusal: '',
  occurred_at: '2024-01-12 12:34:56.789',
  decay_at: '2024-01-12 12:34:56.789',
  shown_at: '2024-01-12 12:34:56.789',
  tag: 'ab',
};
const negative: LedgerRow = {
  ...row,
  rule: 'WORK_DISAPPROVED',
  weight: -0.3,
  counted: -0.15,
  shown_at: '2024-01-12 00:00:00.000',
};

describe('what a piece of evidence shows', () => {
  test('goal: positive evidence tells who, what and how much of it is left', () => {
    expect(presentEvidence(row, asOf)).toEqual({
      id: '.ab',
      rule: 'WORK_APPROVED',
      description: 'Somebody judged a work of yours to be good.',
      weight: 0.3,
      trust: 'MEDIUM',
      counted: 0.15,
      pointsNow: 0.15 * decay(Date.parse('2024-02-01T12:00:00.000Z') - Date.parse('2024-01-12T12:34:56.789Z'), 1),
      occurredAt: '2024-01-12T12:34:56.789Z',
      source: { id: 'secret-source' },
      attestedBy: null,
      eventId: 'secret-event',
      refusal: null,
    });
  });

  test('goal: nothing of negative evidence tells who gave it', () => {
    const shown = presentEvidence(negative, asOf);
    expect(shown).toMatchObject({
      weight: -0.3,
      counted: null,
      source: null,
      eventId: null,
      occurredAt: '2024-01-12T00:00:00.000Z',
    });
    expect(JSON.stringify(shown)).not.toMatch(/secret|12:34/);
    expect(shown.pointsNow).toBeLessThan(0);
  });

  test('goal: a platform is named, the member for whom it speaks is not', () => {
    expect(presentEvidence({ ...row, source_id: 'platform:forum', source_kind: 'EXTERNAL' }, asOf)).toMatchObject({
      source: null,
      attestedBy: 'forum',
    });
  });

  test('goal: refusals and trust in words, and a sentence for rules of other days', () => {
    expect(presentEvidence({ ...row, refusal: 'UNTRUSTED', trust: 0, counted: 0 }, asOf)).toMatchObject({
      refusal: 'UNTRUSTED',
      trust: 'LOW',
      pointsNow: 0,
    });
    expect(presentEvidence({ ...row, trust: 1 }, asOf).trust).toBe('HIGH');
    expect(presentEvidence({ ...row, rule: 'OLD_RULE' }, asOf).description).toContain('OLD_RULE');
  });
});
