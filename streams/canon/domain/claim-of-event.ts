import type { EventType, KnownEvent } from '../../../schema/events/catalogue.ts';
import { chainKey } from './chain.ts';
import type { Claim, Contradiction } from './resolution/claim.ts';
import { standingOf } from './resolution/standing.ts';

/** Events after which their entity exists, and ones after which it does not. The others say nothing about that. */
const begins = new Set<EventType>([
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
const ends = new Set<EventType>([
  'artifact.judgement-withdrawn',
  'relationship.unfollowed',
  'relationship.endorsement-revoked',
  'relationship.mentorship-ended',
  'relationship.unblocked',
  'space.member-left',
]);
/** What only those may do whose the entity is. */
const needsOwner = new Set<EventType>([
  'artifact.revised',
  'creator.profile-updated',
  'creator.skills-changed',
  'creator.visibility-changed',
]);
/** What one does in one's own name. */
const ownName = new Set<EventType>(['relationship.followed', 'relationship.endorsed', 'relationship.blocked']);

/** Rounding of shares that were computed, in percent. */
const shareTolerance = 1e-6;
const platformPrefix = 'platform:';

/** What resolution looks at of an event. */
export function claimOf(event: KnownEvent): Claim {
  const { type } = event;
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
    leavesAlive: begins.has(type) ? true : ends.has(type) || hasLeft(event) ? false : null,
    owners: ownersAfter(event),
    needsOwner: needsOwner.has(type),
    objections: objectionsTo(event),
    isHighValue: 'credits' in event.payload,
    content: event.hash,
    epoch: 0,
  };
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
