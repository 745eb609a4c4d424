import { dimensions } from '../../../schema/graph/catalogue.ts';
import { hlcToIso } from '../../../schema/hlc.ts';
import { identityOf } from '../../shared/context.ts';
import { lifecycleOf } from '../domain/lifecycle.ts';
import type { CreatorResolvers } from '../generated/resolvers.ts';

export const Creator: CreatorResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.node('Creator').load(id),
  username: ({ props }) => props.username,
  displayName: ({ props }) => props.displayName,
  bio: ({ props }) => props.bio,
  type: ({ props }) => props.creatorType,
  skills: ({ props }) => props.skills,
  lifecycle: ({ props }, _args, { clock }) => lifecycleOf(props, hlcToIso(clock.now())),
  registeredAt: ({ props }) => props.registeredAt,
  lastActiveAt: ({ props }) => props.lastActiveAt,
  publicMetrics: ({ props }) => dimensions.filter((dimension) => props.publicMetrics.includes(dimension)),
  // By login, not by id: right after registration the context's viewer is still the newcomer.
  viewerIsMe: ({ props }, _args, { viewer }) => viewer.claims !== null && props.identity === identityOf(viewer.claims),
};
