import type { KnownEvent } from '../../schema/events/catalogue.ts';
import { type CanonEvent, GENESIS_HASH, isOfCreator } from '../../schema/events/envelope.ts';
import { dryRun } from '../shared/testing.ts';
import { canonProcessor } from './canon-pipeline.ts';
import { claimOf } from './domain/claim-of-event.ts';
import type { Dice } from './domain/dice.ts';
import type { Case } from './domain/resolution/case.ts';
import type { Claim, Ruling, Vote } from './domain/resolution/claim.ts';
import { resolve } from './domain/resolution/resolve.ts';
import { recordsOf, sealHash } from './testing.ts';
import { HANDSHAKE } from '../../schema/handshake.ts';

/**
 * The processor beside the pure function that it carries out piece by piece. A random history arrives in a random order, reviewers and electors speak about what is
 * in dispute at that moment; in the end every status must be what `resolve` says of the whole.
 *
 * Two things are left out, since the processor is final about them where the pure function is not: cases that wait for a cause which is still to come are not decided
 * by people, and nobody speaks about what is settled.
 */

const people = ['ada', 'bob', 'cy'] as const;
const reviewers = ['rev-1', 'rev-2', 'rev-3', 'rev-4', 'rev-5'] as const;
const stepUs = 1_000;

/** Which causes an event's source has read before it wrote: its own commands' always, what others say never. */
const knowsItsCauses = ({ source }: CanonEvent): boolean => isOfCreator(source) || source === 'SYSTEM';

interface Happening {
  readonly claims: readonly Claim[];
  readonly rulings: readonly Ruling[];
  readonly votes: readonly Vote[];
  /** In the order of arrival. */
  readonly events: readonly CanonEvent[];
}

/** Where the processor and the pure function disagree about a random history; empty where they agree. */
export function disagreements(dice: Dice): readonly string[] {
  const happening = happen(dice, randomEvents(dice));
  const { claims, rulings, votes, events } = happening;
  const expected = resolve({ claims, rulings, votes }).standings;
  const done = dryRun(canonProcessor, recordsOf(events));
  const told = done.emitted('canonStatus') as readonly {
    event_id: string;
    status: string;
    contradiction: string | null;
  }[];
  const branches = done.emitted('canonBranches') as readonly {
    event_id: string;
    branch_id: string;
    is_member: boolean;
  }[];
  const faults = done.outcomes.filter((outcome) => outcome !== 'ok');
  for (const { id } of claims) {
    const status = told.findLast(({ event_id }) => event_id === id);
    const last = branches.findLast(({ event_id }) => event_id === id);
    const branch = last?.is_member === true ? last.branch_id : null;
    const actual = `${status?.status ?? 'untold'} ${status?.contradiction ?? '-'} ${branch ?? 'main'}`;
    const standing = expected.get(id);
    const wanted = `${standing?.status ?? ''} ${standing?.contradiction ?? '-'} ${standing?.branch ?? 'main'}`;
    if (actual !== wanted) faults.push(`${id}: the processor says ${actual}, the whole says ${wanted}`);
  }
  return faults;
}

/** How many events of random histories came to each status: whether the histories have something to tell at all. */
export function statusCounts(dice: Dice): Readonly<Record<string, number>> {
  const { claims, rulings, votes } = happen(dice, randomEvents(dice));
  const counts: Record<string, number> = {};
  for (const { status, contradiction, branch } of resolve({ claims, rulings, votes }).standings.values()) {
    const name = `${status} ${contradiction ?? '-'}${branch === null ? '' : ' on a branch'}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** Chains of some entities in which everything happens that one writer per chain allows. */
function randomEvents(dice: Dice): readonly CanonEvent[] {
  const events: CanonEvent[] = [];
  for (let n = dice.below(12) + 3; n > 0; n -= 1) events.push(randomEvent(dice, events));
  return events;
}

function randomEvent(dice: Dice, before: readonly CanonEvent[]): CanonEvent {
  const [type, id] = dice.pick([
    ['Artifact', 'w0'],
    ['Artifact', 'w1'],
    ['Creator', 'ada'],
  ] as const);
  const previous = before.findLast(({ entity }) => entity.id === id);
  const isLate = previous !== undefined && dice.chance(0.08);
  const source = dice.pick(['CREATOR', 'CREATOR', 'VERIFIED_CREATOR', 'IMVU', 'EXTERNAL', 'SYSTEM'] as const);
  const actor = source === 'IMVU' ? 'imvu:helper' : source === 'EXTERNAL' ? 'elsewhere' : dice.pick(people);
  return sealHash({
    id: `e${before.length}`,
    ...randomDeed(dice, type, previous === undefined),
    typeVersion: 1,
    hlc: { wallUs: isLate ? previous.hlc.wallUs - 1 : (before.length + 1) * stepUs, counter: 0, node: 'test' },
    region: 'test',
    entity: { type, id },
    entityVersion: (previous?.entityVersion ?? 0) + (dice.chance(0.92) ? 1 : 2),
    actor,
    source,
    // Of what is dated wrongly only the predecessor is known.
    causedBy: isLate ? [] : randomCauses(dice, before, source === 'IMVU' || source === 'EXTERNAL'),
    handshake: HANDSHAKE,
    sealed: [],
    prevHash: previous?.hash ?? GENESIS_HASH,
  });
}

function randomCauses(dice: Dice, before: readonly CanonEvent[], mayBeUnknown: boolean): string[] {
  if (before.length === 0 || dice.chance(0.55)) return [];
  return [mayBeUnknown && dice.chance(0.15) ? 'unheard-of' : dice.pick(before).id];
}

function randomDeed(
  dice: Dice,
  entity: 'Artifact' | 'Creator',
  isFirst: boolean,
): Pick<CanonEvent, 'type' | 'payload'> {
  if (entity === 'Creator') {
    if (isFirst) return { type: 'creator.registered', payload: { creatorType: 'ARTIST', skills: [] } };
    return dice.chance(0.25)
      ? { type: 'creator.state-changed', payload: { from: 'ACTIVE', to: 'MIGRATED' } }
      : { type: 'creator.skills-changed', payload: { added: [dice.pick(['x', 'y'])], removed: [] } };
  }
  const shares = dice.chance(0.15) ? [80, 80] : [50, 50];
  const credits = shares.map((sharePercent) => ({ creatorId: dice.pick(people), sharePercent }));
  const rest = { contentHash: '', tags: [], credits, derivedFrom: [] };
  return isFirst
    ? { type: 'artifact.published', payload: { ...rest, kind: 'MEDIA', visibility: 'PUBLIC' } }
    : { type: 'artifact.revised', payload: { ...rest, revision: 2 } };
}

/** Lets the events arrive, and people speak in between. */
function happen(dice: Dice, events: readonly CanonEvent[]): Happening {
  const voices = new Voices(dice);
  const waiting = [...events];
  const arrived: CanonEvent[] = [];
  const claims: Claim[] = [];
  while (waiting.length > 0) {
    const next = dice.pick(waiting.filter((event) => mayArrive(event, waiting)));
    waiting.splice(waiting.indexOf(next), 1);
    arrived.push(next);
    claims.push(claimOf(next as KnownEvent));
    for (let n = dice.below(3); n > 0; n -= 1) arrived.push(...voices.speak(claims, waiting));
  }
  for (let n = 6; n > 0; n -= 1) arrived.push(...voices.speak(claims, waiting));
  return { claims, rulings: voices.rulings, votes: voices.votes, events: arrived };
}

function mayArrive(event: CanonEvent, waiting: readonly CanonEvent[]): boolean {
  const isNext = !waiting.some((other) => other.hash === event.prevHash);
  return isNext && !(knowsItsCauses(event) && waiting.some(({ id }) => event.causedBy.includes(id)));
}

class Voices {
  readonly rulings: Ruling[] = [];
  readonly votes: Vote[] = [];
  readonly #dice: Dice;
  readonly #newest = new Map<string, CanonEvent>();
  #count = 0;

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  /** Somebody who is no party says something about a case that is not settled at that moment. */
  speak(claims: readonly Claim[], waiting: readonly CanonEvent[]): readonly CanonEvent[] {
    const { cases } = resolve({ claims, rulings: this.rulings, votes: this.votes });
    const open = cases.filter(({ settlement, ...about }) => {
      const isOpen = settlement.verdict === 'OPEN' || settlement.verdict === 'FORK';
      return isOpen && !waitsForArrival(about, claims, waiting);
    });
    if (open.length === 0) return [];
    const about = this.#dice.pick(open);
    return about.settlement.verdict === 'OPEN' && about.id.length % 2 === 0 ? [this.#vote(about)] : [this.#rule(about)];
  }

  #rule(about: Case): CanonEvent {
    const verdicts = about.settlement.verdict === 'FORK' ? ['ACCEPT', 'REJECT'] : ['ACCEPT', 'REJECT', 'FORK'];
    const verdict = this.#dice.pick(verdicts) as Ruling['verdict'];
    const payload = { verdict, favours: null, ground: 'EVIDENCE' };
    const event = this.#say('canon.review-decided', about, payload);
    const { id, hlc, actor } = event;
    this.rulings.push({ id, hlc, caseId: about.id, verdict, favours: null, decider: actor, reason: 'ruled' });
    return event;
  }

  #vote(about: Case): CanonEvent {
    const verdict = this.#dice.pick(['ACCEPT', 'REJECT'] as const);
    const event = this.#say('canon.vote-cast', about, { verdict, favours: null });
    this.votes.push({ id: event.id, hlc: event.hlc, caseId: about.id, verdict, favours: null, voter: event.actor });
    return event;
  }

  #say(type: string, { id: caseId, entity }: Case, payload: object): CanonEvent {
    this.#count += 1;
    const before = this.#newest.get(caseId);
    const event = sealHash({
      id: `v${this.#count}`,
      type,
      typeVersion: 1,
      hlc: { wallUs: 1_000_000 + this.#count, counter: 0, node: 'test' },
      region: 'test',
      entity: { type: 'CanonCase', id: caseId },
      entityVersion: (before?.entityVersion ?? 0) + 1,
      actor: this.#dice.pick(reviewers),
      source: 'CREATOR',
      causedBy: [],
      handshake: HANDSHAKE,
      payload: { caseId, logKey: entity.slice(entity.indexOf('|') + 1), ...payload },
      sealed: [],
      prevHash: before?.hash ?? GENESIS_HASH,
    });
    this.#newest.set(caseId, event);
    return event;
  }
}

function waitsForArrival(
  { kind, eventIds }: Pick<Case, 'kind' | 'eventIds'>,
  claims: readonly Claim[],
  waiting: readonly CanonEvent[],
): boolean {
  if (kind !== 'CAUSAL') return false;
  const causes = claims.filter(({ id }) => eventIds.includes(id)).flatMap(({ causedBy }) => causedBy);
  return waiting.some(({ id }) => causes.includes(id));
}
