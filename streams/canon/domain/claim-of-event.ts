import { type EventType, type KnownEvent, upcastClaim } from '../../../schema/events/catalogue.ts';
import { canonicalJson, sha256Hex } from '../../../schema/events/envelope.ts';
import { claimDriftUsMax } from '../../../schema/events/types/claim.ts';
import { chainKey } from './chain.ts';
import type { Claim, Contradiction } from './resolution/claim.ts';
import { standingOf } from './resolution/standing.ts';

/** Events after which their entity exists. Those after which it does not are `ends`; the others say nothing about that. */
const beginnings = new Set<EventType>([
  'creator.registered',
  'creator.badge-awarded',
  'artifact.published',
  'artifact.judged',
  'artifact.accepted',
  'artifact.contributed',
  'relationship.followed',
  'relationship.endorsed',
  'relationship.mentorship-started',
  'relationship.blocked',
  'relationship.collaborated',
  'space.created',
  'space.member-joined',
  'space.invitation-sent',
  'space.posted',
]);
/** What can be told of an entity that has ended, too: whoever left for another platform may be erased later. */
const alsoOfEnded = new Set<EventType>(['creator.erased']);
const ends = new Set<EventType>([
  'artifact.judgement-withdrawn',
  'relationship.unfollowed',
  'relationship.endorsement-revoked',
  'relationship.mentorship-ended',
  'relationship.unblocked',
  'space.member-left',
]);
/** What can be said of an entity once only: who says it again, and otherwise, contradicts. */
const beginsOnce = new Set<EventType>(['creator.registered', 'artifact.published', 'space.created']);
/** What only those may do whose the entity is. */
const needsOwner = new Set<EventType>([
  'artifact.revised',
  'artifact.ai-assistance-stated',
  'creator.profile-updated',
  'creator.skills-changed',
  'creator.visibility-changed',
]);
/** What one does in one's own name. */
const ownName = new Set<EventType>(['relationship.followed', 'relationship.endorsed', 'relationship.blocked']);

/** Rounding of shares that were computed, in percent. */
const shareTolerance = 1e-6;
const platformPrefix = 'platform:';

/** What resolution looks at of an event. A claim of another platform or an agent is judged by what it says, in the light of the other claims about its entity. */
export function claimOf(event: KnownEvent): Claim {
  const said = saidBy(event);
  const { type } = said;
  const begins = event !== said && beginsOnce.has(type);
  return {
    id: event.id,
    entity: chainKey(event.entity),
    version: event.entityVersion,
    hlc: event.hlc,
    prevHash: event.prevHash,
    hash: event.hash,
    actor: event.actor,
    source: event.source,
    standing: standingOf(event),
    causedBy: event.causedBy,
    leavesAlive: beginnings.has(type) || alsoOfEnded.has(type) ? true : ends.has(type) || hasLeft(said) ? false : null,
    // Who claims first how something began may go on with it; others who do are reviewed.
    owners: event === said ? ownersAfter(event) : begins ? [event.actor] : null,
    needsOwner: needsOwner.has(type),
    ...(begins && { begins: sha256Hex(canonicalJson({ type, payload: said.payload })) }),
    objections: [...objectionsTo(said), ...beforeItsCause(event)],
    isHighValue: 'credits' in said.payload,
    content: event.hash,
    epoch: 0,
  };
}

/** The event that a claim tells of, under the claim's own actor; any other event is what it says itself. */
function saidBy(event: KnownEvent): KnownEvent {
  if (event.type !== 'canon.claimed' || !event.payload.isKnown) return event;
  const { type, entity } = event.payload.claim;
  const payload = upcastClaim(event.payload.claim);
  if (payload === null) return event;
  return { ...event, type, entity, payload } as unknown as KnownEvent;
}

function hasLeft(event: KnownEvent): boolean {
  return event.type === 'creator.state-changed' && event.payload.to === 'MIGRATED';
}

function ownersAfter(event: KnownEvent): readonly string[] | null {
  if (event.type === 'creator.registered') return [event.entity.id];
  if (event.type !== 'artifact.published' && event.type !== 'artifact.revised') return null;
  const credited = event.payload.credits.map(({ creatorId }) => creatorId);
  return credited.length === 0 ? null : credited;
}

/** What a claim says of its time, beside the causes that it names. Its event has a reading of our own clock, which is later in any case. */
function beforeItsCause(event: KnownEvent): readonly Contradiction[] {
  if (event.type !== 'canon.claimed') return [];
  const { claim, causedAtUs } = event.payload;
  if (causedAtUs === null || claim.hlc.wallUs + claimDriftUsMax >= causedAtUs) return [];
  return [{ kind: 'TEMPORAL', reason: 'claims to have happened before its cause' }];
}

/** What an event shows by itself: shares beyond the whole, acts upon oneself, acts in another's name. */
function objectionsTo(event: KnownEvent): readonly Contradiction[] {
  const { payload, actor } = event;
  const objections: Contradiction[] = [];
  if ('credits' in payload) {
    const total = payload.credits.reduce((sum, { sharePercent }) => sum + sharePercent, 0);
    if (total > 100 + shareTolerance) {
      const percent = Math.round(total * 100) / 100;
      objections.push({ kind: 'LOGICAL', reason: `credits: shares add up to ${percent} %, more than 100 %` });
    } else if (event.type === 'artifact.judged' && payload.credits.some(({ creatorId }) => creatorId === actor)) {
      objections.push({ kind: 'LOGICAL', reason: 'judges the actor’s own work' });
    }
  }
  if ('fromId' in payload) {
    if (payload.fromId === payload.toId) objections.push({ kind: 'LOGICAL', reason: 'relates somebody to themselves' });
    if (ownName.has(event.type) && payload.fromId !== actor && !actor.startsWith(platformPrefix))
      objections.push({ kind: 'AUTHORITY', reason: 'acts in the name of somebody else' });
  }
  return objections;
}
