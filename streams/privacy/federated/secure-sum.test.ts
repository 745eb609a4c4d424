import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type DropOut, aggregate } from './aggregate.ts';
import { type MaskedMessage, SumClient, type SumPlan, neighboursOf, unmask } from './secure-sum.ts';

const plan: SumPlan = { round: 'test', length: 3, neighbours: 4, threshold: 3 };
const vectorsOf = (clients: number): readonly (readonly number[])[] =>
  Array.from({ length: clients }, (_, n) => [n + 1, -1_000_000 * n, 7]);

/** All clients of a round up to the masked vectors. */
function maskedRound(clients: number) {
  const all = Array.from({ length: clients }, (_, n) => new SumClient(n + 1, plan));
  const roster = all.map((client) => client.keys());
  const shares = all.flatMap((client) => client.shares(roster));
  const masked = all.map((client, n) =>
    client.masked(
      shares.filter(({ to }) => to === n + 1),
      vectorsOf(clients)[n] ?? [],
    ),
  );
  return { all, roster, shares, masked };
}

// Goal: the sum is exact, whoever drops out; no single vector can be had from the messages; too few left is an error, never a wrong sum.
describe('secure aggregation', () => {
  test('the sum over those who sent a vector, whoever drops out and when', () => {
    const anyDropOuts = fc.dictionary(
      fc.integer({ min: 0, max: 8 }).map(String),
      fc.constantFrom<DropOut>('BEFORE_SHARES', 'BEFORE_MASKED', 'BEFORE_REVEAL'),
      { maxKeys: 1 },
    );
    fc.assert(
      fc.property(anyDropOuts, (dropOuts) => {
        const vectors = vectorsOf(9);
        const gone = new Map(Object.entries(dropOuts).map(([n, kind]) => [Number(n), kind]));
        const { sum, counted } = aggregate(plan, vectors, gone);
        const expected = [0, 1, 2].map((at) => counted.reduce((total, n) => total + (vectors[n]?.[at] ?? 0), 0));
        expect(sum).toEqual(expected);
        expect(counted).toEqual(
          vectors.map((_, n) => n).filter((n) => !['BEFORE_SHARES', 'BEFORE_MASKED'].includes(gone.get(n) ?? '')),
        );
      }),
      { numRuns: 12 },
    );
  });

  test('with all pairs as neighbours several may go', () => {
    const gone = new Map<number, DropOut>([
      [0, 'BEFORE_MASKED'],
      [3, 'BEFORE_SHARES'],
      [5, 'BEFORE_REVEAL'],
    ]);
    const vectors = vectorsOf(8);
    const { sum, counted } = aggregate({ ...plan, neighbours: 7, threshold: 4 }, vectors, gone);
    expect(counted).toEqual([1, 2, 4, 5, 6, 7]);
    expect(sum[0]).toBe(counted.reduce((total, n) => total + n + 1, 0));
  });

  test('a vector that comes twice counts once, and two different ones of a client are refused', () => {
    const { all, roster, shares, masked } = maskedRound(6);
    const reveals = all.map((client) => client.reveal(masked.map(({ client: place }) => place)));
    const [first] = masked;
    if (!first) throw new Error('there are six');
    const sumOf = (more: readonly MaskedMessage[]) =>
      unmask(plan, roster, { shares, masked: [...masked, ...more], reveals });
    expect(sumOf([first])).toEqual(sumOf([]));
    expect(sumOf([])).toEqual([21, -15_000_000, 42]);
    expect(() => sumOf([{ ...first, vector: first.vector.toReversed() }])).toThrow('client 1 sent two different');
  });

  test('a client masks one vector a round: a second would tell its difference to the first', () => {
    const { all, shares } = maskedRound(6);
    const again = shares.filter(({ to }) => to === 1);
    expect(() => all[0]?.masked(again, [2, 2, 2])).toThrow('client 1 has masked a vector already');
  });

  test('where too many drop out there is no sum', () => {
    const gone = new Map<number, DropOut>([
      [1, 'BEFORE_MASKED'],
      [2, 'BEFORE_MASKED'],
      [3, 'BEFORE_MASKED'],
    ]);
    expect(() => aggregate(plan, vectorsOf(9), gone)).toThrow(/are needed/);
  });

  test('a masked vector says nothing of its value, and differs from round to round', () => {
    const [first, second] = [maskedRound(5), maskedRound(5)];
    expect(first.masked[0]?.vector).not.toEqual(second.masked[0]?.vector);
    const bits = Array.from({ length: 200 }, () => maskedBit()).reduce((sum, bit) => sum + bit, 0);
    // 200 fair coins: outside 60 to 140 once in 10^8.
    expect(bits > 60 && bits < 140).toBe(true);
  });

  test('a client reveals once, and of each neighbour one secret only', () => {
    const { all, masked } = maskedRound(5);
    const survivors = masked.map(({ client }) => client).filter((client) => client !== 2);
    const reveal = all[0]?.reveal(survivors);
    expect(Object.keys(reveal?.keys ?? {})).toEqual(['2']);
    expect(Object.keys(reveal?.seeds ?? {})).not.toContain('2');
    expect(() => all[0]?.reveal([1, 2, 3, 4, 5])).toThrow('already');
  });

  test('changed, misdirected and repeated messages are refused', () => {
    const all = Array.from({ length: 5 }, (_, n) => new SumClient(n + 1, plan));
    const roster = all.map((client) => client.keys());
    const shares = all.flatMap((client) => client.shares(roster));
    const [mine] = shares.filter(({ to }) => to === 1);
    if (!mine) throw new Error('no share');
    const changed = { ...mine, sealed: `${mine.sealed.slice(0, -8)}AAAAAAA=` };
    expect(() => all[0]?.masked([changed], [1, 2, 3])).toThrow();
    expect(() => all[1]?.masked([mine], [1, 2, 3])).toThrow('not for it');
    expect(() => all[0]?.masked([mine], [1, 2, 3])).toThrow('are needed');
    expect(() => all[0]?.masked([], [1, 2])).toThrow('3 coordinates');
    expect(() => all[0]?.masked([], [1, 2, 0.5])).toThrow('whole numbers');
    const twice = [...roster.slice(0, 4), { ...(roster[0] ?? mine), client: 5 }] as typeof roster;
    expect(() => new SumClient(1, plan).shares(twice)).toThrow('same key');
  });

  test('shares of somebody else’s key are noticed', () => {
    const { all, roster, shares, masked } = maskedRound(5);
    const stayed = masked.filter(({ client }) => client !== 2);
    const reveals = all
      .filter((_, n) => n !== 1)
      .map((client) => client.reveal(stayed.map(({ client: place }) => place)));
    expect(unmask(plan, roster, { shares, masked: stayed, reveals })[0]).toBe(1 + 3 + 4 + 5);
    const forged = reveals.map((reveal) => ({
      ...reveal,
      keys: { 2: reveal.keys[2]?.replace(/.$/, (c) => (c === '0' ? '1' : '0')) ?? '' },
    }));
    expect(() => unmask(plan, roster, { shares, masked: stayed, reveals: forged })).toThrow(
      /do not give its key|bytes|length/i,
    );
  });

  test('plans that protect nobody are refused', () => {
    const roster = (n: number) => Array.from({ length: n }, (_, at) => new SumClient(at + 1, plan).keys());
    expect(() => new SumClient(1, plan).shares(roster(2))).toThrow('at least 3');
    expect(() => new SumClient(1, { ...plan, threshold: 2 }).shares(roster(9))).toThrow('more than half');
    expect(() => new SumClient(1, { ...plan, neighbours: 3 }).shares(roster(9))).toThrow('even');
  });

  test('neighbours are mutual', () => {
    fc.assert(
      fc.property(fc.integer({ min: 6, max: 60 }), fc.constantFrom(2, 4), (clients, neighbours) => {
        for (let client = 1; client <= clients; client += 1) {
          const near = neighboursOf(client, clients, { neighbours });
          expect(new Set(near).size).toBe(neighbours);
          for (const peer of near) expect(neighboursOf(peer, clients, { neighbours })).toContain(client);
        }
      }),
    );
  });
});

/** The lowest bit of a masked coordinate whose value is even. */
function maskedBit(): number {
  const small: SumPlan = { round: 'bit', length: 1, neighbours: 2, threshold: 2 };
  const all = [1, 2, 3].map((place) => new SumClient(place, small));
  const roster = all.map((client) => client.keys());
  const shares = all.flatMap((client) => client.shares(roster));
  const [first] = all;
  return (
    (first?.masked(
      shares.filter(({ to }) => to === 1),
      [0],
    ).vector[0] ?? 0) & 1
  );
}
