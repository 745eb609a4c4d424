import type { CanonStatus, ContradictionKind } from '../../../../schema/warehouse/tables.ts';
import { type Case, type Settlement, caseId } from './case.ts';
import { causalOrder } from './causal-order.ts';
import type { Claim, Ruling, Vote } from './claim.ts';
import { type EntityFold, type Finding, type KnownCause, advance, detect, emptyFold } from './detect.ts';
import { type Lane, assignLanes, voicesOf } from './lanes.ts';
import { openStatus } from './status.ts';
import { type Rules, type Voices, settleByPeople, settleByRule, standardRules, systemDecider } from './strategy.ts';

/** Everything that resolution is about. What lies before it is told by `base` and `causeOf`. */
export interface Facts {
  readonly claims: readonly Claim[];
  readonly rulings: readonly Ruling[];
  readonly votes: readonly Vote[];
  /** What canon holds of an entity before the claims; nothing where absent. */
  readonly base?: (entity: string) => { readonly fold: EntityFold; readonly hash: string } | undefined;
  /** Events that are settled and not among the claims. */
  readonly causeOf?: (eventId: string) => KnownCause | undefined;
}

/** What resolution says of one event. */
export interface Standing {
  readonly status: CanonStatus;
  readonly reason: string;
  readonly decider: string;
  readonly contradiction: ContradictionKind | null;
  /** The rival event at the root of the branch that it belongs to; null on the main line. */
  readonly branch: string | null;
}

export interface Resolution {
  readonly standings: ReadonlyMap<string, Standing>;
  readonly cases: readonly Case[];
  /** What the main line of its entity came to after each claim that has a place in it. */
  readonly folds: ReadonlyMap<string, EntityFold>;
}

/**
 * Decides the status of every claim. A pure function of the set: repetitions and the order in which the facts arrived make no difference. Claims are judged
 * cause before effect, and in the clock's order where causes leave a choice.
 */
export function resolve(facts: Facts, rules: Rules = standardRules): Resolution {
  const claims = causalOrder([...new Map(facts.claims.map((claim) => [claim.id, claim])).values()], rules.compare);
  const voices = voicesOf(facts.rulings, facts.votes);
  const { lanes, contests } = assignLanes({ claims, base: facts.base, voices, rules });
  const court = new Court(facts, voices, rules);
  for (const claim of claims) court.judge(claim, lanes.get(claim.id) as Lane);
  return { standings: court.standings, cases: [...contests, ...court.cases], folds: court.mainFolds() };
}

const systemSays = (status: CanonStatus, reason: string, rest: Partial<Standing> = {}): Standing => ({
  status,
  reason,
  decider: systemDecider,
  contradiction: null,
  branch: null,
  ...rest,
});

/** Judges claims one after the other, each in the light of those before it. */
class Court {
  readonly standings = new Map<string, Standing>();
  readonly cases: Case[] = [];
  readonly #facts: Facts;
  readonly #voices: ReadonlyMap<string, Voices>;
  readonly #rules: Rules;
  readonly #judged = new Map<string, KnownCause>();
  readonly #entities = new Map<string, string>();
  /** What each claim left behind of its entity: on the main line ('') and on every branch so far. */
  readonly #after = new Map<string, ReadonlyMap<string, EntityFold>>();

  constructor(facts: Facts, voices: ReadonlyMap<string, Voices>, rules: Rules) {
    this.#facts = facts;
    this.#voices = voices;
    this.#rules = rules;
  }

  mainFolds(): ReadonlyMap<string, EntityFold> {
    return new Map([...this.#after].map(([id, folds]) => [id, folds.get('') ?? emptyFold]));
  }

  judge(claim: Claim, lane: Lane): void {
    const standing = this.#standingOf(claim, lane);
    this.standings.set(claim.id, standing);
    this.#entities.set(claim.id, claim.entity);
    this.#judged.set(claim.id, { status: standing.status, hlc: claim.hlc });
  }

  #standingOf(claim: Claim, lane: Lane): Standing {
    const initial = openStatus(claim.source);
    if (lane.kind === 'orphan') return systemSays(initial, 'its predecessor is not known yet');
    if (lane.kind === 'waiting') return systemSays(initial, lane.reason, { contradiction: 'STATE' });
    if (lane.kind === 'lost')
      return {
        status: 'NON_CANONICAL',
        reason: lane.reason,
        decider: lane.decider,
        contradiction: 'STATE',
        branch: null,
      };
    const own = this.#branchOf(claim, lane.branch);
    const folds = this.#foldsBefore(claim, lane.parent);
    const fold = folds.get(own ?? '') ?? folds.get('') ?? emptyFold;
    const cases = detect(claim, fold, (id) => this.#causeOf(id)).map((finding) => this.#open(claim, finding, fold));
    const standing = conclude(claim, cases, own) ?? this.#uncontested(claim, own);
    const after = new Map([...folds].map(([line, each]) => [line, advance(each, claim, false)]));
    if (standing.status === 'CANONICAL' || standing.branch !== null)
      after.set(standing.branch ?? '', advance(fold, claim, true, cases.some(isByPeople)));
    this.#after.set(claim.id, after);
    return standing;
  }

  #causeOf(id: string): KnownCause | undefined {
    return this.#judged.get(id) ?? this.#facts.causeOf?.(id);
  }

  /** A claim is of a branch by its place in the chain, or because it follows from an event of that branch of its entity. */
  #branchOf(claim: Claim, byPlace: string | null): string | null {
    if (byPlace !== null) return byPlace;
    for (const id of claim.causedBy) {
      const branch = this.standings.get(id)?.branch ?? null;
      if (branch !== null && this.#entities.get(id) === claim.entity) return branch;
    }
    return null;
  }

  #foldsBefore(claim: Claim, parent: string | null): ReadonlyMap<string, EntityFold> {
    const known = parent === null ? undefined : this.#after.get(parent);
    return known ?? new Map([['', this.#facts.base?.(claim.entity)?.fold ?? emptyFold]]);
  }

  /** The actor is a party, and so is whose the entity is. */
  #open(claim: Claim, finding: Finding, { owners }: EntityFold): Case {
    const parties = [...new Set([claim.actor, ...(owners ?? [])])].sort();
    const about = { id: caseId(finding.kind, claim.id), kind: finding.kind, reason: finding.reason, parties };
    return this.#add(claim, about, settleByRule(claim, finding));
  }

  /** Puts a case on record, as people settled it, or else as `otherwise` says. */
  #add(claim: Claim, about: Pick<Case, 'id' | 'kind' | 'reason' | 'parties'>, otherwise: Settlement): Case {
    const voices = this.#voices.get(about.id);
    const byPeople = voices && settleByPeople(voices, (person) => about.parties.includes(person), this.#rules);
    const opened = { ...about, entity: claim.entity, eventIds: [claim.id], settlement: byPeople ?? otherwise };
    this.cases.push(opened);
    return opened;
  }

  /** Without a contradiction an event becomes canonical; what an agent did on its own is reviewed first, and a branch waits for its reconciliation. */
  #uncontested(claim: Claim, branch: string | null): Standing {
    if (branch !== null)
      return systemSays(openStatus(claim.source), 'belongs to a branch that is not reconciled', { branch });
    if (claim.source !== 'IMVU') return systemSays('CANONICAL', 'nothing contradicts it');
    const waits: Settlement = {
      strategy: 'MANUAL',
      verdict: 'OPEN',
      favours: null,
      decider: systemDecider,
      reason: 'a reviewer decides',
    };
    const about = { id: caseId(null, claim.id), kind: null, reason: 'came from an agent’s own behaviour' };
    const review = this.#add(claim, { ...about, parties: [claim.actor] }, waits);
    return (
      conclude(claim, [review], null) ??
      systemSays('CANONICAL', review.settlement.reason, { decider: review.settlement.decider })
    );
  }
}

const isByPeople = ({ settlement: { strategy } }: Case): boolean => strategy === 'MANUAL' || strategy === 'MAJORITY';

/** What the cases of a claim come to: rejected by any, open while any is open, on a branch where one forked; null where all speak for it. */
function conclude(claim: Claim, cases: readonly Case[], branch: string | null): Standing | null {
  for (const verdict of ['REJECT', 'OPEN', 'FORK'] as const) {
    const decisive = cases.find(({ settlement }) => settlement.verdict === verdict);
    if (!decisive) continue;
    const { kind, settlement, reason } = decisive;
    return {
      status: verdict === 'REJECT' ? 'NON_CANONICAL' : openStatus(claim.source),
      reason: `${reason}; ${settlement.reason}`,
      decider: settlement.decider,
      contradiction: kind,
      branch: verdict === 'FORK' ? claim.id : branch,
    };
  }
  const last = cases.at(-1);
  if (!last || branch !== null) return null;
  return {
    status: 'CANONICAL',
    reason: `${last.reason}; ${last.settlement.reason}`,
    decider: last.settlement.decider,
    contradiction: last.kind,
    branch: null,
  };
}
