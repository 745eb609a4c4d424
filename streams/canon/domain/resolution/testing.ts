import { GENESIS_HASH, sources } from '../../../../schema/events/envelope.ts';
import type { Dice } from '../dice.ts';
import { caseId, contestId } from './case.ts';
import type { Claim, Ruling, Vote } from './claim.ts';
import { type Facts, type Resolution, resolve } from './resolve.ts';
import { type Standing, ranks } from './standing.ts';
import type { Rules } from './strategy.ts';

export type History = Required<Pick<Facts, 'claims' | 'rulings' | 'votes'>>;

const people = ['ada', 'bob', 'cy', 'dee', 'eve', 'fay'] as const;
const standings = Object.keys(ranks) as readonly Standing[];
const kinds = ['TEMPORAL', 'STATE', 'CAUSAL', 'AUTHORITY', 'LOGICAL', null] as const;

const hlcOf = (dice: Dice): Claim['hlc'] => ({
  wallUs: dice.below(40),
  counter: dice.below(2),
  node: dice.pick(['a', 'b']),
});

/** A claim that contradicts nothing, but for what the test changes. */
export function claimOf(given: Partial<Claim> & { readonly id: string }): Claim {
  return {
    entity: 'Artifact|work',
    version: 1,
    hlc: { wallUs: 1, counter: 0, node: 'a' },
    prevHash: GENESIS_HASH,
    hash: `hash of ${given.id}`,
    actor: 'ada',
    source: 'CREATOR',
    standing: 'CREATOR',
    causedBy: [],
    leavesAlive: null,
    owners: null,
    needsOwner: false,
    objections: [],
    isHighValue: false,
    content: given.id,
    epoch: 0,
    ...given,
  };
}

/** A history of some entities in which everything happens that should not: rivals, orphans, circles of causes, wrong clocks and versions. */
export function randomHistory(dice: Dice, claimsMax = 14): History {
  const claims: Claim[] = [];
  for (let n = dice.below(claimsMax) + 2; n > 0; n -= 1) claims.push(randomClaim(dice, claims));
  const linked = claims.map((claim) =>
    dice.chance(0.3) ? { ...claim, causedBy: [dice.chance(0.9) ? dice.pick(claims).id : 'unheard of'] } : claim,
  );
  const voices = Array.from({ length: dice.below(14) }, (_, index) => randomVoice(dice, linked, `voice-${index}`));
  const rulings: Ruling[] = voices
    .filter(() => dice.chance(0.4))
    .map((voice) => ({
      ...voice,
      verdict: dice.pick(['ACCEPT', 'REJECT', 'FORK', 'MERGE'] as const),
      decider: dice.pick(people),
      reason: 'ruled',
    }));
  const votes: Vote[] = voices
    .filter(({ id }) => !rulings.some((ruling) => ruling.id === id))
    .map((voice) => ({ ...voice, verdict: dice.pick(['ACCEPT', 'REJECT'] as const), voter: dice.pick(people) }));
  return { claims: linked, rulings, votes };
}

function randomClaim(dice: Dice, before: readonly Claim[]): Claim {
  const entity = `Artifact|${dice.below(3)}`;
  const own = before.filter((claim) => claim.entity === entity);
  const parent = own.length === 0 || dice.chance(0.1) ? undefined : dice.chance(0.6) ? own.at(-1) : dice.pick(own);
  const isOrphan = dice.chance(0.05);
  return claimOf({
    id: `e${before.length}`,
    entity,
    version: (parent?.version ?? 0) + (dice.chance(0.9) ? 1 : 3),
    hlc: dice.chance(0.8) ? { wallUs: before.length * 3 + dice.below(3), counter: 0, node: 'a' } : hlcOf(dice),
    prevHash: isOrphan ? 'a predecessor that nobody has seen' : (parent?.hash ?? GENESIS_HASH),
    actor: dice.pick(people),
    source: dice.pick(sources),
    standing: dice.chance(0.6) ? 'CREATOR' : dice.pick(standings),
    leavesAlive: dice.chance(0.1) ? dice.chance(0.4) : null,
    owners: dice.chance(0.2) ? [dice.pick(people)] : null,
    needsOwner: dice.chance(0.3),
    objections: dice.chance(0.1) ? [{ kind: 'LOGICAL', reason: 'over 100 %' }] : [],
    isHighValue: dice.chance(0.15),
    content: dice.pick(['x', 'y']),
    epoch: dice.below(2),
    ...(dice.chance(0.15) && { begins: dice.pick(['p', 'q']) }),
  });
}

type Voice = Pick<Vote, 'id' | 'hlc' | 'caseId' | 'favours'>;

function randomVoice(dice: Dice, claims: readonly Claim[], id: string): Voice {
  const claim = dice.pick(claims);
  const isContest = dice.chance(0.5);
  return {
    id,
    hlc: hlcOf(dice),
    caseId: isContest ? contestId(claim.entity, claim.prevHash) : caseId(dice.pick(kinds), claim.id),
    favours: isContest || dice.chance(0.3) ? claim.id : null,
  };
}

/** The same facts in another order, some of them repeated. */
export function rearranged(dice: Dice, { claims, rulings, votes }: History): History {
  const again = <T>(facts: readonly T[]): T[] => dice.shuffle([...facts, ...facts.filter(() => dice.chance(0.2))]);
  return { claims: again(claims), rulings: again(rulings), votes: again(votes) };
}

/** A resolution as text, without the order in which its parts were found. */
export function textOf({ standings: decided, cases }: Resolution): string {
  const sorted = <T>(items: readonly (readonly [string, T])[]): unknown =>
    items.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return JSON.stringify([sorted([...decided]), sorted(cases.map((each) => [each.id, each] as const))]);
}

/** Whether a random history and its rearrangement resolve to the same. */
export function isOrderIndependent(dice: Dice, rulesOf: (history: History) => Rules | undefined): boolean {
  const history = randomHistory(dice);
  const other = rearranged(dice, history);
  return textOf(resolve(history, rulesOf(history))) === textOf(resolve(other, rulesOf(other)));
}
