import { GENESIS_HASH } from '../../../../schema/events/envelope.ts';
import { type Case, type Settlement, contestId } from './case.ts';
import type { Claim, Ruling, Vote } from './claim.ts';
import type { Facts } from './resolve.ts';
import { type Rules, type Voices, settleByPeople, settleRivals } from './strategy.ts';

/** Where a claim stands in its entity's history, as the chain's hashes say. */
export type Lane =
  /** After `parent` (null: the first), on the main line or on a branch. */
  | { readonly kind: 'placed'; readonly parent: string | null; readonly branch: string | null }
  | { readonly kind: 'orphan' }
  | { readonly kind: 'waiting'; readonly reason: string }
  | { readonly kind: 'lost'; readonly reason: string; readonly decider: string };

interface Input {
  /** Cause before effect. */
  readonly claims: readonly Claim[];
  readonly base: Facts['base'];
  readonly voices: ReadonlyMap<string, Voices>;
  readonly rules: Rules;
}

/** Rulings and votes by their case; each once. */
export function voicesOf(rulings: readonly Ruling[], votes: readonly Vote[]): ReadonlyMap<string, Voices> {
  const byCase = new Map<string, { rulings: Ruling[]; votes: Vote[] }>();
  const of = (id: string): { rulings: Ruling[]; votes: Vote[] } => {
    const known = byCase.get(id) ?? { rulings: [], votes: [] };
    byCase.set(id, known);
    return known;
  };
  for (const ruling of new Map(rulings.map((each) => [each.id, each])).values()) of(ruling.caseId).rulings.push(ruling);
  for (const vote of new Map(votes.map((each) => [each.id, each])).values()) of(vote.caseId).votes.push(vote);
  return byCase;
}

/**
 * Places every claim in its entity's history. Where several name the same predecessor (two regions wrote while they could not see each other) they contend;
 * what follows a loser in the chain is lost with it, what follows a branch's root is of that branch.
 */
export function assignLanes(input: Input): {
  readonly lanes: ReadonlyMap<string, Lane>;
  readonly contests: readonly Case[];
} {
  const lanes = new Map<string, Lane>();
  const contests: Case[] = [];
  const children = Map.groupBy(input.claims, ({ entity, prevHash }) => `${entity}|${prevHash}`);
  const events = eventsBehind(input.claims);
  for (const entity of new Set(input.claims.map((claim) => claim.entity))) {
    const start = input.base?.(entity)?.hash ?? GENESIS_HASH;
    const stack: { readonly hash: string; readonly lane: Lane }[] = [
      { hash: start, lane: { kind: 'placed', parent: null, branch: null } },
    ];
    for (let at = stack.pop(); at; at = stack.pop()) {
      const rivals = (children.get(`${entity}|${at.hash}`) ?? []).filter(({ id }) => !lanes.has(id));
      const placed = rivals.length > 1 && at.lane.kind === 'placed' ? contend(rivals, at, events, input) : null;
      if (placed) contests.push(placed.contest);
      for (const rival of rivals) {
        const lane = placed?.laneOf(rival) ?? at.lane;
        lanes.set(rival.id, lane);
        stack.push({ hash: rival.hash, lane: lane.kind === 'placed' ? { ...lane, parent: rival.id } : lane });
      }
    }
  }
  for (const { id } of input.claims) if (!lanes.has(id)) lanes.set(id, { kind: 'orphan' });
  return { lanes, contests };
}

/** How many events each claim's side has, itself among them. */
function eventsBehind(claims: readonly Claim[]): ReadonlyMap<string, number> {
  const byHash = new Map(claims.map((claim) => [`${claim.entity}|${claim.hash}`, claim.id]));
  const counts = new Map<string, number>();
  for (const { id, entity, prevHash } of claims.toReversed()) {
    const own = (counts.get(id) ?? 0) + 1;
    counts.set(id, own);
    const parent = byHash.get(`${entity}|${prevHash}`);
    if (parent !== undefined && parent !== id) counts.set(parent, (counts.get(parent) ?? 0) + own);
  }
  return counts;
}

function contend(
  rivals: readonly Claim[],
  at: { readonly hash: string; readonly lane: Lane },
  events: ReadonlyMap<string, number>,
  { voices, rules }: Input,
): { readonly contest: Case; readonly laneOf: (rival: Claim) => Lane } {
  const ids = rivals.map(({ id }) => id).sort();
  const entity = (rivals[0] as Claim).entity;
  const id = contestId(entity, at.hash);
  const parties = [...new Set(rivals.map(({ actor }) => actor))].sort();
  const isChoice = (choice: { readonly verdict: string; readonly favours: string | null }): boolean =>
    choice.verdict !== 'ACCEPT' || (choice.favours !== null && ids.includes(choice.favours));
  const said = voices.get(id);
  const byPeople =
    said &&
    settleByPeople(
      { rulings: said.rulings.filter(isChoice), votes: said.votes.filter(isChoice) },
      (person) => parties.includes(person),
      rules,
    );
  const settlement =
    byPeople ??
    settleRivals(
      rivals.map((claim) => ({ claim, events: events.get(claim.id) ?? 1 })),
      rules,
    );
  const contest: Case = {
    id,
    entity,
    kind: 'STATE',
    eventIds: ids,
    parties,
    reason: `${ids.length} events claim the same place in their entity’s chain`,
    settlement,
  };
  const main = ids.includes(settlement.favours ?? '')
    ? settlement.favours
    : (rivals.toSorted(rules.compare)[0]?.id ?? null);
  return { contest, laneOf: (rival) => laneOf(rival, { settlement, main, before: at.lane, reason: contest.reason }) };
}

function laneOf(
  { id }: Claim,
  outcome: {
    readonly settlement: Settlement;
    readonly main: string | null;
    readonly before: Lane;
    readonly reason: string;
  },
): Lane {
  const { settlement, main, before } = outcome;
  const { verdict, decider } = settlement;
  const reason = `${outcome.reason}; ${settlement.reason}`;
  if (verdict === 'OPEN') return { kind: 'waiting', reason };
  if (verdict === 'MERGE' || (verdict !== 'REJECT' && id === main)) return before;
  if (verdict !== 'FORK' || before.kind !== 'placed') return { kind: 'lost', reason, decider };
  return { ...before, branch: id };
}
