import type { Settlement } from './case.ts';
import { type Claim, type Ruling, type Vote, comparePriority } from './claim.ts';
import type { Finding } from './detect.ts';
import { ranks } from './standing.ts';

/** The rules that decide whenever people do not. Tests put other rules in their place. */
export interface Rules {
  /** Which of two comes first: negative for the first. */
  readonly compare: typeof comparePriority;
}

export const standardRules: Rules = { compare: comparePriority };

/** The fewest voices that make a majority. */
const quorum = 3;
/** Events, the rival itself among them, that both sides of a contest must have for it to become a fork by rule. */
const forkEventsMin = 2;
export const systemDecider = 'system:canon';

/** What people have said of one case. */
export interface Voices {
  readonly rulings: readonly Ruling[];
  readonly votes: readonly Vote[];
}

const byRule = (settlement: Pick<Settlement, 'strategy' | 'verdict' | 'reason'> & Partial<Settlement>): Settlement => ({
  favours: null,
  decider: systemDecider,
  ...settlement,
});

/** The reviewer's decision, or the majority's; null while neither is there. Voices of parties do not count. */
export function settleByPeople(
  { rulings, votes }: Voices,
  isParty: (id: string) => boolean,
  rules: Rules,
): Settlement | null {
  const valid = rulings.filter(({ decider }) => !isParty(decider)).sort(rules.compare);
  // A fork is not the end: the first decision after it reconciles.
  const decisive =
    valid[0]?.verdict === 'FORK' ? (valid.find(({ verdict }) => verdict !== 'FORK') ?? valid[0]) : valid[0];
  if (decisive) {
    const { verdict, favours, decider, reason } = decisive;
    return { strategy: verdict === 'FORK' ? 'FORK' : 'MANUAL', verdict, favours, decider, reason };
  }
  return majorityOf(votes.filter(({ voter }) => !isParty(voter)).sort(rules.compare));
}

/** The first moment, by clock, at which at least {@link quorum} electors have voted and more than half agree. An elector's first vote counts. */
function majorityOf(votes: readonly Vote[]): Settlement | null {
  const heard = new Set<string>();
  const tally = new Map<string, number>();
  for (const { voter, verdict, favours } of votes) {
    if (heard.has(voter)) continue;
    heard.add(voter);
    const choice = `${verdict}|${favours ?? ''}`;
    tally.set(choice, (tally.get(choice) ?? 0) + 1);
    if (heard.size < quorum) continue;
    const winner = [...tally].find(([, count]) => count * 2 > heard.size);
    if (!winner) continue;
    const [won, count] = winner;
    const verdictOf = won.startsWith('ACCEPT') ? 'ACCEPT' : 'REJECT';
    const chosen = won.slice(won.indexOf('|') + 1);
    const reason = `${count} of ${heard.size} electors agreed`;
    return byRule({ strategy: 'MAJORITY', verdict: verdictOf, favours: chosen === '' ? null : chosen, reason });
  }
  return null;
}

/** What the rules say of a claim that contradicts what canon holds. */
export function settleByRule(claim: Claim, finding: Finding): Settlement {
  if (ranks[claim.standing] >= ranks.SYSTEM)
    return byRule({ strategy: 'TRUST', verdict: 'ACCEPT', reason: 'the platform itself is its source' });
  if (finding.waits)
    return byRule({ strategy: 'MANUAL', verdict: 'OPEN', reason: 'waits for its cause, or for a reviewer' });
  if (finding.kind === 'AUTHORITY' || (['LOGICAL', 'STATE'].includes(finding.kind) && claim.isHighValue))
    return byRule({ strategy: 'MANUAL', verdict: 'OPEN', reason: 'rights or value hang on it: a reviewer decides' });
  if (finding.kind === 'CAUSAL')
    return byRule({
      strategy: 'TRUST',
      verdict: 'REJECT',
      reason: 'what rests on a rejected event is trusted no more than it',
    });
  if (finding.kind === 'LOGICAL')
    return byRule({
      strategy: 'TRUST',
      verdict: 'REJECT',
      reason: 'the domain’s rules are trusted more than its source',
    });
  const { against } = finding;
  if (against !== undefined && against !== claim.standing) {
    const isBetter = ranks[claim.standing] > ranks[against];
    if (isBetter && claim.source === 'IMVU')
      return byRule({ strategy: 'MANUAL', verdict: 'OPEN', reason: 'an agent contradicts canon: a reviewer decides' });
    const reason = `its source (${claim.standing}) is trusted ${isBetter ? 'more' : 'less'} than what canon followed (${against})`;
    return byRule({ strategy: 'TRUST', verdict: isBetter ? 'ACCEPT' : 'REJECT', reason });
  }
  return byRule({ strategy: 'TEMPORAL_PRIORITY', verdict: 'REJECT', reason: 'what canon already held came first' });
}

/**
 * What the rules say of claims that contend for one place in a chain: the newest term of the home region, then trust, then what most of them say, then
 * the first. Where two sides of equal standing have grown on, neither is thrown away: they become branches.
 */
export function settleRivals(
  rivals: readonly { readonly claim: Claim; readonly events: number }[],
  rules: Rules,
): Settlement {
  const sorted = rivals.toSorted((a, b) => rules.compare(a.claim, b.claim));
  const bestRank = Math.max(...sorted.map(({ claim }) => ranks[claim.standing]));
  const trusted = sorted.filter(({ claim }) => ranks[claim.standing] === bestRank);
  const first = trusted[0] as (typeof rivals)[number];
  if (trusted.length === 1)
    return byRule({
      strategy: 'TRUST',
      verdict: 'ACCEPT',
      favours: first.claim.id,
      reason: `its source is trusted most: ${first.claim.standing}`,
    });
  if (trusted.some(({ claim }) => claim.isHighValue))
    return byRule({ strategy: 'MANUAL', verdict: 'OPEN', reason: 'rights or value hang on it: a reviewer decides' });
  const agreed = agreedBy(trusted.map(({ claim }) => claim));
  if (agreed)
    return byRule({
      strategy: 'MAJORITY',
      verdict: 'ACCEPT',
      favours: agreed.claim.id,
      reason: `${agreed.count} of ${agreed.of} independent sources say the same`,
    });
  const epoch = Math.max(...trusted.map(({ claim }) => claim.epoch));
  const main = trusted.find(({ claim }) => claim.epoch === epoch) as (typeof rivals)[number];
  if (trusted.filter(({ events }) => events >= forkEventsMin).length > 1)
    return byRule({
      strategy: 'FORK',
      verdict: 'FORK',
      favours: main.claim.id,
      reason: 'both sides have grown on: they are kept as branches',
    });
  const reason =
    main === first ? 'the first of equally trusted claims' : 'written in the newest term of the home region';
  return byRule({ strategy: 'TEMPORAL_PRIORITY', verdict: 'ACCEPT', favours: main.claim.id, reason });
}

/** The first claim of a content that a quorum of different actors, more than half of all, put forward. */
function agreedBy(claims: readonly Claim[]): { claim: Claim; count: number; of: number } | null {
  const of = new Set(claims.map(({ actor }) => actor)).size;
  for (const claim of claims) {
    const count = new Set(claims.filter(({ content }) => content === claim.content).map(({ actor }) => actor)).size;
    if (count >= quorum && count * 2 > of) return { claim, count, of };
  }
  return null;
}
