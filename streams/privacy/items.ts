import type { KnownEvent } from '../../schema/events/catalogue.ts';
import { isOfCreator } from '../../schema/events/envelope.ts';
import { activeCreatorsDay, activityByKindHour, membersTotal } from '../../schema/metrics/declared/activity.ts';
import { collaborations, endorsementsByDimension, ratings } from '../../schema/metrics/declared/together.ts';
import {
  assistedWork,
  remixes,
  trendingTags,
  worksByKind,
  worksByKindTag,
} from '../../schema/metrics/declared/works.ts';
import { activityOf } from './activity.ts';
import type { ActivityMessage, Item } from './contribution.ts';

type Credits = readonly { readonly creatorId: string }[];
type What = Pick<ActivityMessage, 'account' | 'items' | 'present' | 'pair'>;

const one = (metric: { readonly id: string }, key: string, subject: string | null = null): Item => [
  metric.id,
  key,
  1,
  subject,
];

/**
 * To whom something was done: null for the work of an anonymous member, who has no account that could be bounded; undefined where several are credited, of whom each would be
 * one more principal: such an event counts in no metric of two.
 */
function subjectOf(credits: Credits): string | null | undefined {
  return credits.length > 1 ? undefined : (credits[0]?.creatorId ?? null);
}

function toward(metric: { readonly id: string }, key: string, credits: Credits): readonly Item[] {
  const subject = subjectOf(credits);
  return subject === undefined ? [] : [one(metric, key, subject)];
}

function tagged(tags: readonly string[], kind?: string): readonly Item[] {
  return [...new Set(tags)].flatMap((tag) => [
    one(trendingTags, tag),
    ...(kind === undefined ? [] : [one(worksByKindTag, `${kind} ${tag}`)]),
  ]);
}

function derived({ derivedFrom }: { readonly derivedFrom: readonly { readonly credits: Credits }[] }): readonly Item[] {
  return derivedFrom.slice(0, 1).flatMap(({ credits }) => toward(remixes, 'REMIX', credits));
}

/** What an event adds beside the activity itself. */
function particularItems(event: KnownEvent): readonly Item[] {
  switch (event.type) {
    case 'creator.registered':
      return [one(membersTotal, 'ALL')];
    case 'artifact.published': {
      const { kind, tags } = event.payload;
      return [
        one(worksByKind, kind),
        one(assistedWork, 'UNASSISTED'),
        ...tagged(tags, kind),
        ...derived(event.payload),
      ];
    }
    case 'artifact.revised':
      return [...tagged(event.payload.tags), ...derived(event.payload)];
    case 'artifact.judged':
      return toward(ratings, event.payload.polarity === 1 ? 'POSITIVE' : 'NEGATIVE', event.payload.credits);
    case 'artifact.contributed':
      return event.payload.merged ? toward(collaborations, 'FINISHED', event.payload.credits) : [];
    case 'relationship.collaborated':
      return event.payload.weight === 1 ? [one(collaborations, 'BEGUN', event.payload.toId)] : [];
    case 'relationship.endorsed': {
      const { target, toId } = event.payload;
      return [one(endorsementsByDimension, 'dimension' in target ? target.dimension : 'SKILL', toId)];
    }
    default:
      return [];
  }
}

function pairOf(event: KnownEvent): What['pair'] {
  if (event.type === 'space.invitation-sent') return { phase: 'INVITED', other: event.payload.inviteeId };
  if (event.type === 'relationship.collaborated' && event.payload.weight === 1)
    return { phase: 'JOINED', other: event.payload.toId };
  return null;
}

/** Work of an IMVU is charged to whom it is credited: it acts for them. */
function assisted(event: Extract<KnownEvent, { type: 'artifact.published' }>): What | null {
  const owner = subjectOf(event.payload.credits);
  return owner ? { account: owner, items: [one(assistedWork, 'ASSISTED')], present: false, pair: null } : null;
}

/** Whose account an event is charged to, and what it adds to which metric. Null where it counts in none. */
export function contributionOf(event: KnownEvent): What | null {
  if (event.source === 'IMVU') return event.type === 'artifact.published' ? assisted(event) : null;
  // What another platform attests for an anonymous member has no account whose contribution could be bounded.
  if (!isOfCreator(event.source)) return null;
  const activity = activityOf[event.type];
  const items = [
    ...(activity === null ? [] : [one(activityByKindHour, activity), one(activeCreatorsDay, 'ALL')]),
    ...particularItems(event),
  ];
  const pair = pairOf(event);
  if (items.length === 0 && !pair) return null;
  return { account: event.actor, items, present: activity !== null, pair };
}
