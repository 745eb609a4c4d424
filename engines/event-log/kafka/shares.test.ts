import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Shares, decodeShares, encodeClaims, shareOut } from './shares.ts';

const topic = 't';

interface Group {
  readonly name?: string;
  readonly isStateless?: boolean;
  readonly partitions: number;
  owned: ReadonlyMap<string, readonly number[]>;
}

/** The later in the alphabet, the older. */
const bornMsOf = (memberId: string): number => 1_000_000 - (memberId.codePointAt(0) ?? 0);

/** One rebalance; each member then has what it was given, and has given back the rest. */
function rebalance(group: Group, members: readonly string[]): ReadonlyMap<string, Shares> {
  const texts = members.map((memberId) => ({
    memberId,
    text: encodeClaims({
      topics: [topic],
      owned: { [topic]: [...(group.owned.get(memberId) ?? [])] },
      generation: 1,
      bornMs: bornMsOf(memberId),
    }),
  }));
  const traits = { group: group.name ?? 'g', isStateless: group.isStateless ?? false };
  const shares = new Map(
    shareOut(texts, new Map([[topic, group.partitions]]), traits).map(({ memberId, text }) => [
      memberId,
      decodeShares(text),
    ]),
  );
  group.owned = new Map(members.map((member) => [member, shares.get(member)?.[topic] ?? []]));
  return shares;
}

const members = fc.uniqueArray(fc.constantFrom<string>('a', 'b', 'c', 'd'), { minLength: 1 });

test('goal: nobody is given what another still has, and after the second rebalance everything is shared out evenly', () => {
  fc.assert(
    fc.property(
      fc.array(members, { minLength: 1, maxLength: 6 }),
      fc.nat(9),
      fc.boolean(),
      (comings, partitions, isStateless) => {
        const group: Group = { partitions, isStateless, owned: new Map() };
        for (const present of comings) {
          const before = group.owned;
          for (const [member, shares] of rebalance(group, present)) {
            for (const partition of shares[topic] ?? []) {
              const owner = present.find((each) => before.get(each)?.includes(partition)) ?? member;
              expect(owner).toBe(member);
            }
          }
          rebalance(group, present);
          const settled = group.owned;
          rebalance(group, present);
          expect(group.owned).toEqual(settled);
          const counts = present.map((member) => group.owned.get(member)?.length ?? 0);
          expect([...group.owned.values()].flat().sort((a, b) => a - b)).toEqual(
            Array.from({ length: partitions }, (_, n) => n),
          );
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        }
      },
    ),
  );
});

test('goal: a lone partition of a processor stays with the oldest or with whoever has it; those of sinks go to the others, and stay there', () => {
  const sinks = Array.from({ length: 20 }, (_, n): Group => ({
    name: `sink-${n}`,
    isStateless: true,
    partitions: 1,
    owned: new Map(),
  }));
  const processor: Group = { partitions: 1, owned: new Map() };
  const ownerOf = ({ owned }: Group): string => [...owned].find(([, partitions]) => partitions.length > 0)?.[0] ?? '';
  const settle = (...present: readonly string[]): void => {
    for (const group of [processor, ...sinks]) for (const _ of [1, 2]) rebalance(group, present);
  };
  settle('d');
  expect([processor, ...sinks].map(ownerOf)).toEqual(Array(21).fill('d'));
  settle('d', 'a');
  expect([ownerOf(processor), ...sinks.map(ownerOf)]).toEqual(['d', ...Array<string>(20).fill('a')]);
  const two = sinks.map(ownerOf);
  settle('d', 'a', 'b', 'c');
  const four = sinks.map(ownerOf);
  expect([ownerOf(processor), [...new Set(four)].sort()]).toEqual(['d', ['a', 'b', 'c']]);
  // What moved went to those who came.
  expect(four.every((owner, n) => owner === two[n] || owner !== 'a')).toBe(true);
  settle('a', 'b', 'c');
  expect(ownerOf(processor)).toBe('c');
  settle('a', 'b', 'c', 'd');
  expect([ownerOf(processor), sinks.map(ownerOf)]).toEqual(['c', four]);
});

test('goal: of two that claim a partition the later generation has it', () => {
  const claim = (generation: number) =>
    encodeClaims({ topics: [topic], owned: { [topic]: [0] }, generation, bornMs: 0 });
  const shares = shareOut(
    [
      { memberId: 'zombie', text: claim(1) },
      { memberId: 'owner', text: claim(2) },
    ],
    new Map([[topic, 1]]),
    { group: 'g', isStateless: false },
  );
  expect(shares.map(({ memberId, text }) => [memberId, decodeShares(text)])).toEqual([
    ['owner', { [topic]: [0] }],
    ['zombie', {}],
  ]);
});
