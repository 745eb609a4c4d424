import type { KnownEvent, PayloadOf } from '../../../schema/events/catalogue.ts';
import { isOfCreator } from '../../../schema/events/envelope.ts';
import { type Dimension, dimensions } from '../../../schema/graph/catalogue.ts';
import { clockDomain } from '../../../schema/hlc.ts';
import type { Circumstance, GivenEvidence, WithdrawnEvidence } from '../../../schema/reputation/evidence.ts';
import { type RuleName, badgeTierFactors, endorsementWeightMax, rules } from '../../../schema/reputation/rules.ts';

type Credits = readonly { readonly creatorId: string; readonly sharePercent: number }[];
type EventOf<T extends KnownEvent['type']> = Extract<KnownEvent, { type: T }>;
type Finding = Pick<
  GivenEvidence,
  'rule' | 'target' | 'dimension' | 'source' | 'weight' | 'statement' | 'isAnonymous'
> & { readonly isSelf: boolean };

/** An answer is a META work that derives from what it answers. Any other derived work is a remix, judged as a work. */
const isAnswer = (work: { artifactKind: string; isDerived: boolean }): boolean =>
  work.isDerived && work.artifactKind === 'META';

/**
 * What an event says of other creators: the evidence table. Nothing for events of which reputation takes no notice. Whoever gives evidence
 * about work that they are credited for themselves gives it about nobody: the pieces are there, refused as SELF.
 */
export function evidenceOf(event: KnownEvent): readonly (GivenEvidence | WithdrawnEvidence | Circumstance)[] {
  const atMs = Math.floor(event.hlc.wallUs / 1000);
  switch (event.type) {
    case 'artifact.judgement-withdrawn':
    case 'relationship.endorsement-revoked':
      return [{ kind: 'WITHDRAWN', eventId: event.id, source: event.actor, statement: event.entity.id, atMs }];
    case 'reputation.certificate-revoked':
      return [
        { kind: 'WITHDRAWN', eventId: event.id, source: event.payload.issuerId, statement: event.entity.id, atMs },
      ];
    case 'creator.registered':
      return [{ kind: 'REGISTERED', eventId: event.id, creatorId: event.entity.id, atMs }];
    case 'creator.state-changed':
      return moved(event, atMs);
    case 'creator.erased':
      return [{ kind: 'ERASED', eventId: event.id, creatorId: event.entity.id, atMs }];
    case 'relationship.blocked':
      return [{ kind: 'BLOCKED', ...between(event), eventId: event.id, atMs }];
    case 'relationship.unblocked':
      return [{ kind: 'UNBLOCKED', ...between(event), eventId: event.id, atMs }];
    case 'reputation.decay-frozen': {
      const { creatorId, until } = event.payload;
      return [{ kind: 'FROZEN', eventId: event.id, creatorId, atMs, untilMs: Date.parse(until) }];
    }
    case 'reputation.decay-resumed':
      return [{ kind: 'THAWED', eventId: event.id, creatorId: event.payload.creatorId, atMs }];
    default:
      return findings(event)
        .filter(({ weight }) => weight !== 0)
        .map(({ isSelf, ...finding }) => ({
          kind: 'GIVEN',
          eventId: event.id,
          // How far canon trusts a creator is no matter of evidence: the network of who vouches for whom weighs them.
          sourceKind: isOfCreator(event.source) ? 'CREATOR' : event.source,
          ...finding,
          refusal: refusalOf(event, isSelf),
          clock: clockDomain(event.hlc),
          atMs,
        }));
  }
}

const isClosed = (state: string): boolean => state === 'ARCHIVED' || state === 'MIGRATED';

function moved(
  { id: eventId, entity, payload }: EventOf<'creator.state-changed'>,
  atMs: number,
): readonly Circumstance[] {
  if (isClosed(payload.from) === isClosed(payload.to)) return [];
  return [{ kind: isClosed(payload.to) ? 'CLOSED' : 'REOPENED', eventId, creatorId: entity.id, atMs }];
}

function between({ payload }: EventOf<'relationship.blocked' | 'relationship.unblocked'>): {
  creatorId: string;
  otherId: string;
} {
  return { creatorId: payload.fromId, otherId: payload.toId };
}

function refusalOf(event: KnownEvent, isSelf: boolean): 'SELF' | 'AGENT' | null {
  if (event.source === 'IMVU' || event.source === 'SYSTEM') return 'AGENT';
  return isSelf ? 'SELF' : null;
}

function findings(event: KnownEvent): readonly Finding[] {
  switch (event.type) {
    case 'artifact.judged':
      return judged(event);
    case 'artifact.accepted':
      return aboutWork(event, 'ANSWER_ACCEPTED', null);
    case 'artifact.contributed':
      return contributed(event);
    case 'artifact.published':
      return remixed(event);
    case 'relationship.endorsed':
      return endorsed(event);
    case 'relationship.collaborated':
      return aboutCreator(event, 'WORKED_TOGETHER', event.payload.toId);
    case 'relationship.mentorship-started':
      // The mentor's own word is theirs alone; it stands in the ledger as SELF.
      return aboutCreator(event, 'MENTORSHIP_STARTED', event.payload.fromId);
    case 'reputation.certificate-issued':
      return certified(event);
    case 'creator.badge-awarded':
      return badge(event);
    default:
      return [];
  }
}

function judged(event: EventOf<'artifact.judged'>): readonly Finding[] {
  const statement = isPlatform(event) ? null : event.entity.id;
  if (event.payload.polarity < 0) return aboutWork(event, 'WORK_DISAPPROVED', statement);
  return aboutWork(event, isAnswer(event.payload) ? 'ANSWER_APPROVED' : 'WORK_APPROVED', statement);
}

function contributed(event: EventOf<'artifact.contributed'>): readonly Finding[] {
  const { contribution, merged, credits } = event.payload;
  if (contribution === 'COMMENT') return aboutWork(event, 'WORK_DISCUSSED', null);
  // Its owner took the edit in: their act, about the contributor. Of work that nobody is credited for, nobody says so.
  const owner = principal(credits);
  if (!merged || owner === null) return [];
  const isSelf = isCredited(credits, event.actor);
  const base = {
    rule: 'EDIT_MERGED',
    target: event.actor,
    source: owner,
    statement: null,
    isSelf,
    isAnonymous: false,
  } as const;
  return isPlatform(event)
    ? []
    : weightsOf('EDIT_MERGED').map(([dimension, weight]) => ({ ...base, dimension, weight }));
}

/** Only what everybody can see is use by others; a revision's event does not tell the kind of its work. */
function remixed(event: EventOf<'artifact.published'>): readonly Finding[] {
  const { kind, visibility, derivedFrom, credits: own } = event.payload;
  if (kind === 'META' || visibility !== 'PUBLIC') return [];
  const found = derivedFrom.flatMap(({ credits }) =>
    shared(event, 'WORK_REMIXED', credits, 1 / derivedFrom.length).map((finding) => ({
      ...finding,
      isSelf: finding.isSelf || isCredited(own, finding.target),
    })),
  );
  return togetherByTarget(found);
}

/**
 * One piece for all that an event says of a creator in a dimension by one rule: they would have the same name, and the second be taken for a copy of the first. What is
 * refused as SELF takes nothing from the rest.
 */
function togetherByTarget(found: readonly Finding[]): readonly Finding[] {
  return [...Map.groupBy(found, ({ target, dimension }) => `${dimension}|${target}`).values()].flatMap((all) => {
    const counting = all.filter(({ isSelf }) => !isSelf);
    const [first, ...rest] = counting.length > 0 ? counting : all;
    return first === undefined
      ? []
      : [{ ...first, weight: rest.reduce((sum, { weight }) => sum + weight, first.weight) }];
  });
}

function endorsed(event: EventOf<'relationship.endorsed'>): readonly Finding[] {
  const { target, weight, toId } = event.payload;
  const dimension = 'dimension' in target ? target.dimension : 'QUALITY';
  return aboutCreator(event, 'ENDORSED', toId, weight / endorsementWeightMax)
    .filter((finding) => finding.dimension === dimension)
    .map((finding) => ({ ...finding, statement: event.entity.id }));
}

/** It stands until its issuer takes it back. */
function certified(event: EventOf<'reputation.certificate-issued'>): readonly Finding[] {
  return aboutCreator(event, 'CERTIFIED', event.payload.creatorId).map((finding) => ({
    ...finding,
    statement: event.entity.id,
  }));
}

/** A badge is the platform's own word, not an anonymous member's, so that the caps of a source hold for it. */
function badge(event: EventOf<'creator.badge-awarded'>): readonly Finding[] {
  if (!isPlatform(event)) return [];
  const { creatorId, tier, about } = event.payload;
  const rule = about === null ? 'BADGE_OF_COMMUNITY' : 'BADGE_OF_EXPERTISE';
  return aboutCreator(event, rule, creatorId, badgeTierFactors[tier]).map((finding) => ({
    ...finding,
    isAnonymous: false,
  }));
}

function aboutWork(
  event: KnownEvent & { payload: Pick<PayloadOf<'artifact.judged'>, 'credits'> },
  rule: RuleName,
  statement: string | null,
): readonly Finding[] {
  return shared(event, rule, event.payload.credits, 1).map((finding) => ({ ...finding, statement }));
}

function aboutCreator(event: KnownEvent, rule: RuleName, creatorId: string, factor = 1): readonly Finding[] {
  return shared(event, rule, [{ creatorId, sharePercent: 100 }], factor);
}

/** The rule's weights for everybody credited, each by their share. */
function shared(event: KnownEvent, rule: RuleName, credits: Credits, factor: number): readonly Finding[] {
  const isSelf = isCredited(credits, event.actor);
  const base = { rule, source: event.actor, statement: null, isSelf, isAnonymous: isPlatform(event) } as const;
  return credits.flatMap(({ creatorId, sharePercent }) =>
    weightsOf(rule).map(([dimension, weight]) => ({
      ...base,
      target: creatorId,
      dimension,
      weight: (weight * factor * sharePercent) / 100,
    })),
  );
}

function weightsOf(rule: RuleName): readonly (readonly [Dimension, number])[] {
  const weights: Readonly<Partial<Record<Dimension, number>>> = rules[rule].weights;
  return dimensions.flatMap((dimension) =>
    weights[dimension] === undefined ? [] : [[dimension, weights[dimension]] as const],
  );
}

/** Whoever holds the largest share; the smallest id among equals; null where nobody is credited. */
function principal(credits: Credits): string | null {
  const sorted = [...credits].sort((a, b) => b.sharePercent - a.sharePercent || (a.creatorId < b.creatorId ? -1 : 1));
  return sorted[0]?.creatorId ?? null;
}

const isCredited = (credits: Credits, creatorId: string): boolean =>
  credits.some((credit) => credit.creatorId === creatorId);
const isPlatform = (event: KnownEvent): boolean => event.source === 'EXTERNAL' && event.actor.startsWith('platform:');
