import { definitionOf } from '../badge-reader.ts';
import { openBadge } from '../credentials/open-badge.ts';
import type { BadgeResolvers } from '../generated/resolvers.ts';
import { signingKey } from '../signing-key.ts';

export const Badge: BadgeResolvers = {
  id: ({ id }) => id,
  badge: ({ props }) => props.badge,
  name: (badge) => definitionOf(badge)?.name ?? badge.props.badge,
  skill: ({ props }) => (props.skill === '' ? null : props.skill),
  criteria: (badge) => definitionOf(badge)?.text ?? 'By criteria that are no longer in use.',
  criteriaVersion: ({ props }) => props.version,
  criteriaSince: (badge) => definitionOf(badge)?.since ?? badge.props.awardedAt,
  evidence: ({ props }) => props.evidence,
  awardedAt: ({ props }) => props.awardedAt,
  revokedAt: ({ props }) => (props.isRevoked === 1 ? props.revokedAt : null),
  credential: (badge, _args, { viewer, masterKey }) => {
    const { creatorId, skill, awardedAt, statusIndex } = badge.props;
    const definition = definitionOf(badge);
    if (viewer.creatorId !== creatorId || definition === null) return null;
    const facts = {
      id: badge.id,
      holderId: creatorId,
      skill: skill === '' ? definition.name : `${definition.name}: ${skill}`,
      statement: definition.text,
      issuedAt: awardedAt,
      statusIndex,
    };
    return JSON.stringify(openBadge(facts, signingKey(masterKey)));
  },
};
