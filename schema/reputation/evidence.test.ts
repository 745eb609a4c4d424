import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type GivenEvidence, givenSchema, quickGiven } from './evidence.ts';

const evidence: GivenEvidence = {
  kind: 'GIVEN',
  eventId: 'e',
  rule: 'WORK_APPROVED',
  target: 'alice',
  dimension: 'QUALITY',
  source: 'bob',
  sourceKind: 'CREATOR',
  weight: 0.3,
  statement: 's',
  isAnonymous: false,
  refusal: null,
  clock: 'live',
  atMs: 1,
};

test('goal: the quick look gives what the schema gives, to the letter, or nothing', () => {
  expect(quickGiven(evidence)).toEqual(evidence);
  const odd = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(0, -1, 1.5, 2 ** 53, -0, 1e300, true, null, '', 'SELF', 'GIVEN', 'EXTERNAL', 'GROWTH'),
    fc.constantFrom('x'.repeat(160), 'x'.repeat(161), 'x'.repeat(400), 'x'.repeat(401)),
  );
  const names = fc.constantFrom(...Object.keys(evidence), 'more', '__proto__');
  fc.assert(
    fc.property(names, odd, fc.boolean(), fc.boolean(), (name, value, isMissing, isTurned) => {
      const fields: [string, unknown][] = Object.entries(evidence).filter(([each]) => each !== name);
      if (!isMissing) fields.push([name, value]);
      const text = `{${(isTurned ? fields.toReversed() : fields).map(([key, each]) => `${JSON.stringify(key)}:${JSON.stringify(each)}`).join()}}`;
      const json: unknown = JSON.parse(text);
      const bySchema = givenSchema.safeParse(json);
      const quick = quickGiven(json);
      // A clock that is left out is the schema's to fill in.
      if (quick === null) expect(bySchema.success && Object.hasOwn(json as object, 'clock')).toBe(false);
      else expect(JSON.stringify(quick)).toBe(JSON.stringify(bySchema.data));
    }),
    { numRuns: 400 },
  );
});

test('goal: an instant for which neither ledger nor calendar has a place is no evidence', () => {
  const last = { ...evidence, atMs: Date.UTC(2290, 0, 1) - 1 };
  expect([quickGiven(last), givenSchema.parse(last)]).toEqual([last, last]);
  for (const atMs of [last.atMs + 1, Date.UTC(9999, 11, 31), Number.MAX_SAFE_INTEGER]) {
    expect(quickGiven({ ...evidence, atMs })).toBeNull();
    expect(givenSchema.safeParse({ ...evidence, atMs }).success).toBe(false);
  }
});
