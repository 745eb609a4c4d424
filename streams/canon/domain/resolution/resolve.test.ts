import { describe, expect, test } from '@jest/globals';
import type { CanonStatus } from '../../../../schema/warehouse/tables.ts';
import { diceOf } from '../dice.ts';
import { caseId, contestId } from './case.ts';
import type { Claim, Ruling, Vote } from './claim.ts';
import { arrivalRules } from './mutants.ts';
import { resolve } from './resolve.ts';
import { mayMove, openStatus } from './status.ts';
import { claimOf, isOrderIndependent, randomHistory, rearranged, textOf } from './testing.ts';

const at = (wallUs: number): Claim['hlc'] => ({ wallUs, counter: 0, node: 'a' });
const first = claimOf({ id: 'first', owners: ['ada'] });
const second = (change: Partial<Claim> = {}): Claim =>
  claimOf({ id: 'second', version: 2, hlc: at(2), prevHash: first.hash, ...change });
const ruling = (caseOf: string, change: Partial<Ruling> = {}): Ruling => ({
  id: `ruling-${caseOf}-${change.verdict ?? ''}`,
  hlc: at(100),
  caseId: caseOf,
  verdict: 'ACCEPT',
  favours: null,
  decider: 'guardian',
  reason: 'looked into it',
  ...change,
});
const vote = (caseOf: string, voter: string, verdict: Vote['verdict'], wallUs = 50): Vote => ({
  id: `vote-${voter}`,
  hlc: at(wallUs),
  caseId: caseOf,
  verdict,
  favours: null,
  voter,
});

function statusesOf(claims: readonly Claim[], rulings: readonly Ruling[] = [], votes: readonly Vote[] = []): object {
  const { standings } = resolve({ claims, rulings, votes });
  return Object.fromEntries([...standings].map(([id, { status }]) => [id, status]));
}

describe('the five kinds of contradiction', () => {
  test.each([
    ['TEMPORAL', second({ hlc: at(1) }), 'NON_CANONICAL', 'TEMPORAL_PRIORITY'],
    ['TEMPORAL', second({ causedBy: ['first'], hlc: at(0) }), 'NON_CANONICAL', 'TEMPORAL_PRIORITY'],
    ['STATE', second({ version: 5 }), 'NON_CANONICAL', 'TEMPORAL_PRIORITY'],
    ['CAUSAL', second({ causedBy: ['never heard of'] }), 'PROVISIONAL', 'MANUAL'],
    ['AUTHORITY', second({ needsOwner: true, actor: 'eve' }), 'PROVISIONAL', 'MANUAL'],
    ['LOGICAL', second({ objections: [{ kind: 'LOGICAL', reason: 'r' }] }), 'NON_CANONICAL', 'TRUST'],
    ['LOGICAL', second({ objections: [{ kind: 'LOGICAL', reason: 'r' }], isHighValue: true }), 'PROVISIONAL', 'MANUAL'],
  ] as const)('%s', (kind, claim, status, strategy) => {
    const { standings, cases } = resolve({ claims: [first, claim], rulings: [], votes: [] });
    expect(standings.get('second')).toMatchObject({ status, contradiction: kind });
    expect(cases).toMatchObject([
      {
        id: caseId(kind, 'second'),
        kind,
        parties: [...new Set(['ada', claim.actor])].sort(),
        settlement: { strategy },
      },
    ]);
  });

  test('goal: acting on what has ended contradicts; beginning it anew does not', () => {
    const end = second({ leavesAlive: false });
    const after = (leavesAlive: boolean | null): Claim =>
      claimOf({ id: 'third', version: 3, hlc: at(3), prevHash: end.hash, leavesAlive });
    expect(statusesOf([first, end, after(null)])).toMatchObject({ third: 'NON_CANONICAL' });
    expect(statusesOf([first, end, after(true)])).toMatchObject({ third: 'CANONICAL' });
  });

  test('goal: what rests on a rejected event falls with it, on other entities too', () => {
    const bad = second({ hlc: at(0) });
    const effect = claimOf({ id: 'effect', entity: 'Post|p', hlc: at(9), causedBy: ['second'] });
    expect(statusesOf([effect, bad, first])).toEqual({
      first: 'CANONICAL',
      second: 'NON_CANONICAL',
      effect: 'NON_CANONICAL',
    });
  });

  test('goal: an event waits for its cause, and is canonical once that is there', () => {
    const effect = claimOf({ id: 'effect', entity: 'Post|p', hlc: at(9), causedBy: ['first'] });
    expect(statusesOf([effect])).toEqual({ effect: 'PROVISIONAL' });
    expect(statusesOf([effect, first])).toEqual({ effect: 'CANONICAL', first: 'CANONICAL' });
  });

  test('goal: events that cause one another are never canonical', () => {
    const a = claimOf({ id: 'a', entity: 'Post|a', causedBy: ['b'] });
    const b = claimOf({ id: 'b', entity: 'Post|b', causedBy: ['a'] });
    expect(Object.values(statusesOf([a, b]))).not.toContain('CANONICAL');
  });
});

describe('the five strategies', () => {
  const left = second({ id: 'left', hlc: at(5) });
  const right = second({ id: 'right', hlc: at(4), actor: 'bob' });
  const contest = contestId(first.entity, first.hash);

  test('trust: the better trusted source wins, whoever was first', () => {
    expect(statusesOf([first, { ...left, standing: 'VERIFIED_CREATOR' }, right])).toMatchObject({
      left: 'CANONICAL',
      right: 'NON_CANONICAL',
    });
  });

  test('trust: who is trusted more says how something began, until people decide it', () => {
    const says = (id: string, version: number, standing: Claim['standing'], begins: string): Claim =>
      claimOf({
        ...{ id, version, standing, begins, hlc: at(version) },
        ...{ actor: id, prevHash: version === 1 ? first.prevHash : `hash of e${version - 1}` },
      });
    const claims = [
      says('e1', 1, 'EXTERNAL', 'p'),
      says('e2', 2, 'OPERATOR', 'q'),
      says('e3', 3, 'CREATOR', 'p'),
      says('e4', 4, 'OPERATOR', 'r'),
    ];
    const { standings, cases } = resolve({ claims, rulings: [], votes: [] });
    expect([...standings.values()].map(({ status }) => status)).toEqual([
      ...['CANONICAL', 'CANONICAL', 'NON_CANONICAL', 'NON_CANONICAL'],
    ]);
    expect(cases.map(({ settlement: { strategy, verdict } }) => `${strategy} ${verdict}`)).toEqual([
      ...['TRUST ACCEPT', 'TRUST REJECT', 'TEMPORAL_PRIORITY REJECT'],
    ]);
    expect(cases[0]?.settlement.reason).toContain('(OPERATOR) is trusted more than what canon followed (EXTERNAL)');
    // A reviewer's word holds against whoever comes later.
    expect(statusesOf(claims, [ruling(caseId('STATE', 'e3'))])).toMatchObject({ e3: 'CANONICAL', e4: 'NON_CANONICAL' });
    // An agent that contradicts canon is reviewed, however far it is trusted.
    const agent = { ...says('e2', 2, 'GUARDIAN_IMVU', 'q'), source: 'IMVU' } as const;
    expect(statusesOf([...claims.slice(0, 1), agent])).toMatchObject({ e2: 'EMERGENT' });
  });

  test('temporal priority: among equals the first wins', () => {
    expect(statusesOf([first, left, right])).toMatchObject({ left: 'NON_CANONICAL', right: 'CANONICAL' });
  });

  test('majority: three independent sources that say the same outweigh one that was first', () => {
    const more = ['cy', 'dee'].map((actor, n) => second({ id: actor, actor, hlc: at(6 + n), content: left.content }));
    expect(statusesOf([first, left, right, ...more])).toMatchObject({ left: 'CANONICAL', right: 'NON_CANONICAL' });
    expect(statusesOf([first, left, right, more[0] as Claim])).toMatchObject({
      left: 'NON_CANONICAL',
      right: 'CANONICAL',
    });
  });

  test('majority: electors decide with a quorum of three and more than half, each once, and nobody on their own case', () => {
    const disputed = second({ needsOwner: true, actor: 'eve' });
    const id = caseId('AUTHORITY', 'second');
    const by = (...votes: Vote[]): object => statusesOf([first, disputed], [], votes);
    const status = (value: CanonStatus): object => ({ first: 'CANONICAL', second: value });
    expect(by(vote(id, 'a', 'ACCEPT'), vote(id, 'b', 'ACCEPT'))).toEqual(status('PROVISIONAL'));
    expect(by(vote(id, 'a', 'ACCEPT'), vote(id, 'b', 'ACCEPT'), vote(id, 'c', 'REJECT'))).toEqual(status('CANONICAL'));
    expect(by(vote(id, 'a', 'REJECT'), vote(id, 'b', 'REJECT'), vote(id, 'c', 'ACCEPT'))).toEqual(
      status('NON_CANONICAL'),
    );
    expect(by(vote(id, 'a', 'ACCEPT'), vote(id, 'b', 'ACCEPT'), vote(id, 'eve', 'ACCEPT'))).toEqual(
      status('PROVISIONAL'),
    );
    const twice = { ...vote(id, 'a', 'ACCEPT'), id: 'again' };
    expect(by(vote(id, 'a', 'ACCEPT'), twice, vote(id, 'b', 'ACCEPT'))).toEqual(status('PROVISIONAL'));
  });

  test('manual review: a reviewer decides, but not on their own case', () => {
    const disputed = second({ needsOwner: true, actor: 'eve' });
    const id = caseId('AUTHORITY', 'second');
    const by = (...rulings: Ruling[]): object => statusesOf([first, disputed], rulings);
    expect(by(ruling(id))).toMatchObject({ second: 'CANONICAL' });
    expect(by(ruling(id, { verdict: 'REJECT' }))).toMatchObject({ second: 'NON_CANONICAL' });
    expect(by(ruling(id, { decider: 'eve' }))).toMatchObject({ second: 'PROVISIONAL' });
    const imvu = second({ source: 'IMVU', standing: 'CREATIVE_IMVU' });
    expect(statusesOf([first, imvu])).toMatchObject({ second: 'EMERGENT' });
    expect(statusesOf([first, imvu], [ruling(caseId(null, 'second'))])).toMatchObject({ second: 'CANONICAL' });
  });

  test('fork: branches keep their events apart until they are reconciled', () => {
    const onLeft = claimOf({ id: 'onLeft', version: 3, hlc: at(6), prevHash: left.hash });
    const onRight = claimOf({ id: 'onRight', version: 3, hlc: at(7), prevHash: right.hash });
    const all = [first, left, right, onLeft, onRight];
    const { standings, cases } = resolve({ claims: all, rulings: [], votes: [] });
    expect(cases).toMatchObject([
      { id: contest, eventIds: ['left', 'right'], settlement: { verdict: 'FORK', favours: 'right' } },
    ]);
    expect([...standings].map(([id, { status, branch }]) => [id, status, branch]).sort()).toEqual([
      ['first', 'CANONICAL', null],
      ['left', 'PROVISIONAL', 'left'],
      ['onLeft', 'PROVISIONAL', 'left'],
      ['onRight', 'CANONICAL', null],
      ['right', 'CANONICAL', null],
    ]);
    const adopt = ruling(contest, { favours: 'left' });
    expect(statusesOf(all, [adopt])).toMatchObject({
      onLeft: 'CANONICAL',
      right: 'NON_CANONICAL',
      onRight: 'NON_CANONICAL',
    });
    const merge = ruling(contest, { verdict: 'MERGE' });
    expect(Object.values(statusesOf(all, [merge]))).toEqual(Array(5).fill('CANONICAL'));
    const forkThenAdopt = [ruling(contest, { verdict: 'FORK', hlc: at(90) }), adopt];
    expect(statusesOf(all, forkThenAdopt)).toEqual(statusesOf(all, [adopt]));
  });

  test('fork: one disputed event can be put on a branch; what follows from it goes there, the chain goes on without it', () => {
    const disputed = second({ needsOwner: true, actor: 'eve', owners: ['eve'] });
    const id = caseId('AUTHORITY', 'second');
    const main = claimOf({ id: 'main', version: 3, hlc: at(3), prevHash: disputed.hash, needsOwner: true });
    const follower = claimOf({
      id: 'follower',
      version: 4,
      hlc: at(4),
      prevHash: main.hash,
      actor: 'eve',
      needsOwner: true,
      causedBy: ['second'],
    });
    const { standings } = resolve({
      claims: [first, disputed, main, follower],
      rulings: [ruling(id, { verdict: 'FORK' })],
      votes: [],
    });
    expect([...standings].map(([event, { status, branch }]) => [event, status, branch])).toEqual([
      ['first', 'CANONICAL', null],
      ['second', 'PROVISIONAL', 'second'],
      ['main', 'CANONICAL', null],
      ['follower', 'PROVISIONAL', 'second'],
    ]);
  });
});

describe('resolution is a function of the set', () => {
  const seeds = 3_000;
  /** Seeds among the first ones with which a rearrangement resolves to something else. */
  const failures = (rulesOf: Parameters<typeof isOrderIndependent>[1], until = seeds): number => {
    let count = 0;
    for (let seed = 0; seed < until; seed += 1) if (!isOrderIndependent(diceOf(seed), rulesOf)) count += 1;
    return count;
  };

  test('goal: any order of arrival, and any repetition, gives the same statuses and cases', () => {
    expect(failures(() => undefined)).toBe(0);
  });

  test.each(Object.entries(arrivalRules))('goal: a mistake is found out: %s', (_name, rulesOf) => {
    expect(failures(rulesOf, 1_500)).toBeGreaterThan(0);
  });

  test('goal: whatever arrives next, statuses move along declared edges, and every event has one', () => {
    for (let seed = 0; seed < 500; seed += 1) {
      const dice = diceOf(seed);
      const history = randomHistory(dice);
      const { claims, rulings, votes } = rearranged(dice, history);
      let known = new Map<string, CanonStatus>();
      for (let n = 1; n <= claims.length; n += 1) {
        const { standings } = resolve({ claims: claims.slice(0, n), rulings: n % 2 ? rulings : [], votes });
        for (const claim of claims.slice(0, n)) {
          const status = standings.get(claim.id)?.status as CanonStatus;
          const before = known.get(claim.id) ?? openStatus(claim.source);
          expect(status === before || mayMove(before, status, claim.source)).toBe(true);
        }
        known = new Map([...standings].map(([id, { status }]) => [id, status]));
      }
    }
  });

  test('goal: the same history gives the same text', () => {
    const history = randomHistory(diceOf(1));
    expect(textOf(resolve(history))).toBe(textOf(resolve(structuredClone(history))));
  });
});
