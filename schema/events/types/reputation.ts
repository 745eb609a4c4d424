import { z } from 'zod';
import { dimensions, levelOutcomes } from '../../graph/catalogue.ts';
import { attestedReasons } from '../../reputation/stackexchange-2018.ts';

/** Ordered with everything else that is about the creator. */
const byCreator = (event: { readonly payload: { readonly creatorId: string } }): string => event.payload.creatorId;
const byEntity = (event: { readonly entity: { readonly id: string } }): string => event.entity.id;
const creatorId = z.string();
const dimension = z.enum(dimensions);

export const reputationEvents = {
  'reputation.leaderboards-chosen': {
    version: 1,
    entity: 'ReputationSettings',
    payload: z.strictObject({ creatorId, dimensions: z.array(dimension).max(dimensions.length) }),
    key: byCreator,
  },
  /** What another platform's own formula counts beside judgements. It is no evidence. */
  'reputation.points-attested': {
    version: 1,
    entity: 'PointsAttestation',
    payload: z.strictObject({
      reason: z.enum(attestedReasons),
      points: z.int(),
      creatorIds: z.array(creatorId).min(1).max(500),
    }),
    key: byEntity,
  },
  /** One of two who worked together has rated the other; how is not told before both have, or the time is over. */
  'reputation.collaboration-rating-opened': {
    version: 1,
    entity: 'CollaborationRound',
    payload: z.strictObject({ creatorIds: z.array(creatorId).length(2), dueAt: z.iso.datetime() }),
    key: byEntity,
  },
  /** The ratings of two who worked together count from now on, all at once; how they rated stands in the log of evidence alone. */
  'reputation.collaboration-rated': {
    version: 1,
    entity: 'CollaborationRound',
    payload: z.strictObject({ creatorIds: z.array(creatorId).length(2) }),
    key: byEntity,
  },
  /** Sealed for the creator: text. Which piece of evidence it is about is not told: that would tell who gave it. */
  'reputation.appeal-opened': {
    version: 1,
    entity: 'Appeal',
    payload: z.strictObject({ creatorId, dimension, dueAt: z.iso.datetime() }),
    key: byCreator,
  },
  'reputation.appeal-taken': { version: 1, entity: 'Appeal', payload: z.strictObject({ creatorId }), key: byCreator },
  /** Sealed for the creator: reason. */
  'reputation.appeal-decided': {
    version: 1,
    entity: 'Appeal',
    payload: z.strictObject({ creatorId, dimension, outcome: z.enum(['UPHELD', 'REJECTED']) }),
    key: byCreator,
  },
  /** `decidedAt` is when it fell due by the scores; the event's own time is when it was noticed. Sealed for the creator where a human decided: reason. */
  'reputation.level-decided': {
    version: 1,
    entity: 'TrustStanding',
    payload: z.strictObject({
      creatorId,
      outcome: z.enum(levelOutcomes),
      from: z.int(),
      to: z.int(),
      decidedAt: z.iso.datetime(),
      reasons: z.array(z.string().max(300)).max(5),
      logOffset: z.int(),
      levelsVersion: z.string().max(16),
    }),
    key: byCreator,
  },
  /** From then until `until` nothing about the creator decays. Sealed for the creator: reason. */
  'reputation.decay-frozen': {
    version: 1,
    entity: 'ReputationSettings',
    payload: z.strictObject({ creatorId, until: z.iso.datetime() }),
    key: byCreator,
  },
  /** A freeze ended before its time. */
  'reputation.decay-resumed': {
    version: 1,
    entity: 'ReputationSettings',
    payload: z.strictObject({ creatorId }),
    key: byCreator,
  },
  /** The criteria of a badge, in this version, are met. Sealed for the creator: skill. */
  'reputation.badge-granted': {
    version: 1,
    entity: 'Badge',
    payload: z.strictObject({ creatorId, badge: z.string().max(32), criteriaVersion: z.string().max(16) }),
    key: byCreator,
  },
  /** They are met no more. */
  'reputation.badge-revoked': {
    version: 1,
    entity: 'Badge',
    payload: z.strictObject({ creatorId, badge: z.string().max(32) }),
    key: byCreator,
  },
  /** Sealed for the holder: skill, statement. */
  'reputation.certificate-issued': {
    version: 1,
    entity: 'Certificate',
    payload: z.strictObject({ creatorId, issuerId: creatorId }),
    key: byCreator,
  },
  'reputation.certificate-revoked': {
    version: 1,
    entity: 'Certificate',
    payload: z.strictObject({ creatorId, issuerId: creatorId }),
    key: byCreator,
  },
} as const;
