import { describe, expect, test } from '@jest/globals';
import { type KnownEvent, eventTypes } from '../../../schema/events/catalogue.ts';
import { isShownTo, liveEventOf } from './live-event.ts';

function event(type: string, payload: object): KnownEvent {
  return {
    id: 'e',
    type,
    hlc: { wallUs: 1, counter: 0, node: 'n' },
    actor: 'ada',
    entity: { type: 'Post', id: 'p' },
    payload,
  } as unknown as KnownEvent;
}

const samples: Readonly<Record<string, object>> = {
  'space.created': { spaceId: 's', kind: 'SOCIAL', capacity: 1, parentId: null },
  'space.member-joined': { spaceId: 's', creatorId: 'bob', role: 'MEMBER' },
  'space.member-role-changed': { spaceId: 's', creatorId: 'bob', from: 'MEMBER', to: 'OWNER' },
  'space.member-left': { spaceId: 's', creatorId: 'bob', removed: true },
  'space.invitation-sent': { spaceId: 's', inviteeId: 'bob', role: 'MEMBER' },
  'space.invitation-answered': { spaceId: 's', inviteeId: 'bob', state: 'DECLINED' },
  'space.posted': { spaceId: 's', inReplyTo: null },
};

describe('live events', () => {
  test('every event of a space has a live form, no other has', () => {
    for (const type of Object.keys(eventTypes)) {
      const live = liveEventOf(event(type, samples[type] ?? {}));
      expect(live !== null).toBe(type.startsWith('space.'));
      expect(live?.spaceId).toBe(type.startsWith('space.') ? 's' : undefined);
    }
    expect(liveEventOf(event('space.posted', samples['space.posted'] ?? {}))).toMatchObject({
      postId: 'p',
      actorId: 'ada',
      subjectId: null,
    });
    expect(liveEventOf(event('space.member-role-changed', samples['space.member-role-changed'] ?? {}))).toMatchObject({
      role: 'OWNER',
      subjectId: 'bob',
    });
  });

  test('invitations are for members and the two of them', () => {
    const sent = liveEventOf(event('space.invitation-sent', samples['space.invitation-sent'] ?? {}));
    if (sent === null) throw new Error('an invitation has a live form');
    expect(isShownTo(sent, { id: 'eve', role: null })).toBe(false);
    expect(isShownTo(sent, { id: 'bob', role: null })).toBe(true);
    expect(isShownTo(sent, { id: 'ada', role: null })).toBe(true);
    expect(isShownTo(sent, { id: 'eve', role: 'OBSERVER' })).toBe(true);
    const posted = liveEventOf(event('space.posted', samples['space.posted'] ?? {}));
    expect(posted !== null && isShownTo(posted, { id: 'eve', role: null })).toBe(true);
  });
});
