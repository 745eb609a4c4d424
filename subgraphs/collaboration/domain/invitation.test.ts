import { describe, expect, test } from '@jest/globals';
import { type AnswerFacts, type InviteFacts, decideAnswer, decideInvite, decideRevoke } from './invitation.ts';
import type { InvitationProps } from './space.ts';
import { codes, knownSpace, noSpace } from './testing.ts';

const invite: InviteFacts = {
  actor: { id: 'ada', role: 'MODERATOR' },
  space: knownSpace(),
  invitee: { id: 'bob', role: null, exists: true },
  isBlocked: false,
  isPending: false,
};
const invitation: InvitationProps = {
  spaceId: 'lab',
  inviterId: 'ada',
  inviteeId: 'bob',
  role: 'MEMBER',
  state: 'PENDING',
  sentAt: '',
};
const answer: AnswerFacts = {
  actor: { id: 'bob', role: null },
  invitationId: 'i',
  invitation,
  space: knownSpace(),
  inviterRole: 'MODERATOR',
  isBlocked: false,
};

describe('inviting', () => {
  test('is for those who may give the role', () => {
    expect(decideInvite(invite, 'MEMBER')).toMatchObject({ ok: true, value: { inviteeId: 'bob', role: 'MEMBER' } });
    expect(codes(decideInvite(invite, 'MODERATOR'))).toEqual(['FORBIDDEN']);
    expect(codes(decideInvite({ ...invite, actor: { id: 'ada', role: 'OWNER' } }, 'OWNER'))).toEqual([]);
    expect(codes(decideInvite({ ...invite, actor: { id: 'ada', role: null } }, 'MEMBER'))).toEqual(['NOT_FOUND']);
    expect(
      codes(
        decideInvite({ ...invite, actor: { id: 'ada', role: null }, space: knownSpace({ kind: 'SOCIAL' }) }, 'MEMBER'),
      ),
    ).toEqual(['FORBIDDEN']);
  });

  test('reaches somebody who exists, is no member, not invited already and no block away', () => {
    expect(codes(decideInvite({ ...invite, invitee: { id: 'bob', role: null, exists: false } }, 'MEMBER'))).toEqual([
      'NOT_FOUND',
    ]);
    expect(codes(decideInvite({ ...invite, invitee: { id: 'bob', role: 'MEMBER', exists: true } }, 'MEMBER'))).toEqual([
      'ALREADY_DONE',
    ]);
    expect(
      codes(decideInvite({ ...invite, invitee: { id: 'ada', role: 'MODERATOR', exists: true } }, 'MEMBER')),
    ).toEqual(['SELF_REFERENCE']);
    expect(codes(decideInvite({ ...invite, isPending: true }, 'MEMBER'))).toEqual(['ALREADY_DONE']);
    expect(codes(decideInvite({ ...invite, isBlocked: true }, 'MEMBER'))).toEqual(['BLOCKED']);
  });
});

describe('answering', () => {
  test('acceptance is a membership in the role offered; refusal is none', () => {
    expect(decideAnswer(answer, true)).toMatchObject({
      ok: true,
      value: { answer: { state: 'ACCEPTED' }, joined: { creatorId: 'bob', role: 'MEMBER' } },
    });
    expect(decideAnswer(answer, false)).toMatchObject({
      ok: true,
      value: { answer: { state: 'DECLINED' }, joined: null },
    });
  });

  test('is for the invited, once', () => {
    expect(codes(decideAnswer({ ...answer, actor: { id: 'eve', role: null } }, true))).toEqual(['NOT_FOUND']);
    expect(codes(decideAnswer({ ...answer, invitation: null }, true))).toEqual(['NOT_FOUND']);
    expect(codes(decideAnswer({ ...answer, space: noSpace }, true))).toEqual(['NOT_FOUND']);
    for (const state of ['ACCEPTED', 'DECLINED', 'REVOKED'] as const) {
      expect(codes(decideAnswer({ ...answer, invitation: { ...invitation, state } }, true))).toEqual(['ALREADY_DONE']);
    }
  });

  test('an invitation holds while its sender could send it, and there is room', () => {
    expect(codes(decideAnswer({ ...answer, inviterRole: 'MEMBER' }, true))).toEqual(['FORBIDDEN']);
    expect(codes(decideAnswer({ ...answer, inviterRole: null }, true))).toEqual(['FORBIDDEN']);
    expect(codes(decideAnswer({ ...answer, isBlocked: true }, true))).toEqual(['BLOCKED']);
    expect(codes(decideAnswer({ ...answer, space: knownSpace({}, 5) }, true))).toEqual(['LIMIT_EXCEEDED']);
    expect(codes(decideAnswer({ ...answer, actor: { id: 'bob', role: 'OBSERVER' } }, true))).toEqual(['ALREADY_DONE']);
    expect(
      codes(decideAnswer({ ...answer, inviterRole: null, isBlocked: true, space: knownSpace({}, 5) }, false)),
    ).toEqual([]);
  });
});

describe('revoking', () => {
  test('is for the sender and those who look after the space, before there is an answer', () => {
    const revoke = (
      id: string,
      role: AnswerFacts['actor']['role'],
      state: InvitationProps['state'] = 'PENDING',
    ): string[] =>
      codes(decideRevoke({ actor: { id, role }, invitationId: 'i', invitation: { ...invitation, state } }));
    expect(revoke('ada', null)).toEqual([]);
    expect(revoke('eve', 'OWNER')).toEqual([]);
    expect(revoke('eve', 'MEMBER')).toEqual(['NOT_FOUND']);
    expect(revoke('bob', null)).toEqual(['NOT_FOUND']);
    expect(revoke('ada', 'OWNER', 'ACCEPTED')).toEqual(['ALREADY_DONE']);
  });
});
