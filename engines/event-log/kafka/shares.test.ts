import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Shares, decodeShares, encodeClaims, shareOut } from './shares.ts';

const topic = 't';

interface Group {
  readonly partitions: number;
  owned: ReadonlyMap<string, readonly number[]>;
}

/** One rebalance; each member then has what it was given, and has given back the rest. */
function rebalance(group: Group, members: readonly string[]): ReadonlyMap<string, Shares> {
  const texts = members.map((memberId) => ({
    memberId,
    text: encodeClaims({ topics: [topic], owned: { [topic]: [...(group.owned.get(memberId) ?? [])] }, generation: 1 }),
  }));
  const shares = new Map(
    shareOut(texts, new Map([[topic, group.partitions]])).map(({ memberId, text }) => [memberId, decodeShares(text)]),
  );
  group.owned = new Map(members.map((member) => [member, shares.get(member)?.[topic] ?? []]));
  return shares;
}

const members = fc.uniqueArray(fc.constantFrom<string>('a', 'b', 'c', 'd'), { minLength: 1 });

test('goal: nobody is given what another still has, and after the second rebalance everything is shared out evenly', () => {
  fc.assert(
    fc.property(fc.array(members, { minLength: 1, maxLength: 6 }), fc.nat(9), (comings, partitions) => {
      const group: Group = { partitions, owned: new Map() };
      for (const present of comings) {
        const before = group.owned;
        for (const [member, shares] of rebalance(group, present)) {
          for (const partition of shares[topic] ?? []) {
            const owner = present.find((each) => before.get(each)?.includes(partition)) ?? member;
            expect(owner).toBe(member);
          }
        }
        rebalance(group, present);
        const counts = present.map((member) => group.owned.get(member)?.length ?? 0);
        expect([...group.owned.values()].flat().sort((a, b) => a - b)).toEqual(
          Array.from({ length: partitions }, (_, n) => n),
        );
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test('goal: of two that claim a partition the later generation has it', () => {
  const claim = (generation: number) => encodeClaims({ topics: [topic], owned: { [topic]: [0] }, generation });
  const shares = shareOut(
    [
      { memberId: 'zombie', text: claim(1) },
      { memberId: 'owner', text: claim(2) },
    ],
    new Map([[topic, 1]]),
  );
  expect(shares.map(({ memberId, text }) => [memberId, decodeShares(text)])).toEqual([
    ['owner', { [topic]: [0] }],
    ['zombie', {}],
  ]);
});
