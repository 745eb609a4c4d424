import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type JudgeFacts, type Polarity, decideJudge, decideWithdraw } from './judge.ts';
import { ada, bob, codes, known, platform, work } from './testing.ts';

const facts: JudgeFacts = { actor: bob, artifactId: 'work', artifact: known(), standing: null };

describe('judging', () => {
  test('a judgement counts and tells whose work it is about', () => {
    const decision = decideJudge(facts, -1);
    expect(decision).toMatchObject({
      ok: true,
      value: {
        counts: { positiveJudgements: 0, negativeJudgements: 1 },
        payload: { artifactId: 'work', polarity: -1, isDerived: false },
      },
    });
  });

  test('nobody judges their own work, twice, or what they cannot see', () => {
    expect(codes(decideJudge({ ...facts, actor: ada }, 1))).toEqual(['SELF_REFERENCE']);
    expect(codes(decideJudge({ ...facts, standing: 1 }, -1))).toEqual(['ALREADY_DONE']);
    expect(codes(decideJudge({ ...facts, artifact: known({ visibility: 'RESTRICTED' }) }, 1))).toEqual(['NOT_FOUND']);
    expect(codes(decideJudge({ ...facts, artifact: null }, 1))).toEqual(['NOT_FOUND']);
    expect(codes(decideJudge({ ...facts, actor: platform }, 1))).toEqual([]);
  });

  test('only a judgement that stands is withdrawn', () => {
    expect(codes(decideWithdraw(facts))).toEqual(['NOT_FOUND']);
    expect(decideWithdraw({ ...facts, standing: 1, artifact: known({ positiveJudgements: 4 }) })).toMatchObject({
      ok: true,
      value: { counts: { positiveJudgements: 3 }, payload: { polarity: 1 } },
    });
  });

  test('whatever people do, the counts are those of the judgements that stand', () => {
    const step = fc.record({
      who: fc.integer({ min: 0, max: 4 }),
      does: fc.constantFrom<Polarity | 'withdraw'>(1, -1, 'withdraw'),
    });
    const property = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const standing = new Map<string, Polarity>();
      let props = work();
      for (const { who, does } of steps) {
        const id = `c${who}`;
        const now: JudgeFacts = {
          actor: { id, isPlatform: false },
          artifactId: 'work',
          artifact: { ...known(), props },
          standing: standing.get(id) ?? null,
        };
        const decision = does === 'withdraw' ? decideWithdraw(now) : decideJudge(now, does);
        if (!decision.ok) continue;
        props = { ...props, ...decision.value.counts };
        if (does === 'withdraw') standing.delete(id);
        else standing.set(id, does);
      }
      const given = [...standing.values()];
      expect(props.positiveJudgements).toBe(given.filter((polarity) => polarity === 1).length);
      expect(props.negativeJudgements).toBe(given.filter((polarity) => polarity === -1).length);
    });
    fc.assert(property, { numRuns: 500 });
  });
});
