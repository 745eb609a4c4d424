import { openBadge } from '../credentials/open-badge.ts';
import type { CertificateResolvers } from '../generated/resolvers.ts';
import { signingKey } from '../signing-key.ts';

export const Certificate: CertificateResolvers = {
  id: ({ id }) => id,
  holder: ({ props }) => ({ id: props.holderId }),
  issuer: ({ props }) => ({ id: props.issuerId }),
  skill: ({ props }) => props.skill,
  statement: ({ props }, _args, { viewer }) =>
    viewer.creatorId === props.holderId || viewer.creatorId === props.issuerId ? props.statement : null,
  issuedAt: ({ props }) => props.issuedAt,
  revokedAt: ({ props }) => (props.isRevoked === 1 ? props.revokedAt : null),
  credential: ({ id, props }, _args, { viewer, masterKey }) =>
    viewer.creatorId === props.holderId ? JSON.stringify(openBadge({ id, ...props }, signingKey(masterKey))) : null,
};
