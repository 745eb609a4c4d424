import type { EventType } from '../../schema/events/catalogue.ts';
import type { ActivityKind } from '../../schema/metrics/declared/activity.ts';

/**
 * The kind of activity that an event is. Null where nobody acted on purpose (a state that moves by itself), or where the event only repeats
 * what another one tells already (a collaboration follows from a contribution).
 */
export const activityOf: Readonly<Record<EventType, ActivityKind | null>> = {
  'creator.registered': 'REGISTRATION',
  'creator.profile-updated': 'PROFILE',
  'creator.skills-changed': 'PROFILE',
  'creator.visibility-changed': 'PROFILE',
  'creator.state-changed': null,
  'creator.erased': null,
  'canon.claimed': null,
  'canon.submission-refused': null,
  'creator.badge-awarded': null,
  'relationship.followed': 'RELATIONSHIP',
  'relationship.unfollowed': 'RELATIONSHIP',
  'relationship.endorsed': 'ENDORSEMENT',
  'relationship.endorsement-revoked': 'ENDORSEMENT',
  'relationship.mentorship-started': 'RELATIONSHIP',
  'relationship.mentorship-ended': 'RELATIONSHIP',
  'relationship.blocked': 'RELATIONSHIP',
  'relationship.unblocked': 'RELATIONSHIP',
  'relationship.collaborated': null,
  'artifact.published': 'PUBLICATION',
  'artifact.revised': 'REVISION',
  'artifact.judged': 'ENDORSEMENT',
  'artifact.judgement-withdrawn': 'ENDORSEMENT',
  'artifact.accepted': 'ENDORSEMENT',
  'artifact.contributed': 'CONTRIBUTION',
  'space.created': 'SPACE',
  'space.member-joined': 'SPACE',
  'space.member-role-changed': 'SPACE',
  'space.member-left': 'SPACE',
  'space.invitation-sent': 'SPACE',
  'space.invitation-answered': 'SPACE',
  'space.posted': 'POST',
  'reputation.leaderboards-chosen': 'PROFILE',
  'reputation.points-attested': null,
  'reputation.appeal-opened': null,
  'reputation.appeal-taken': null,
  'reputation.appeal-decided': null,
  'reputation.level-decided': null,
  'reputation.certificate-issued': 'ENDORSEMENT',
  'reputation.certificate-revoked': 'ENDORSEMENT',
};
