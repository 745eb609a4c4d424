import { capabilitiesOf, levels, levelsVersion } from '../../../schema/reputation/levels.ts';
import { pageRequest, toConnection } from '../../shared/connection.ts';
import type { SubgraphContext } from '../../shared/context.ts';
import { isReviewer } from '../appeal-reader.ts';
import type { TrustLevelResolvers } from '../generated/resolvers.ts';
import type { TrustLevelMapper } from '../mappers.ts';

const orNull = (iso: string | undefined): string | null => (iso === undefined || iso === '' ? null : iso);

/** What is between the account and the platform, not the world. */
function isInside({ creatorId }: TrustLevelMapper, context: SubgraphContext): boolean {
  return context.viewer.creatorId === creatorId || isReviewer(context);
}

export const TrustLevel: TrustLevelResolvers = {
  level: ({ standing }) => standing?.level ?? 0,
  name: ({ standing }) => (levels[standing?.level ?? 0] ?? levels[0]).name,
  since: ({ standing }) => orNull(standing?.changedAt),
  capabilities: ({ standing }) => capabilitiesOf(standing?.level ?? 0),
  levelsVersion: () => levelsVersion,
  logOffset: ({ standing }) => (standing === null ? null : BigInt(standing.logOffset)),
  lossProposedAt: (level, _args, context) => (isInside(level, context) ? orNull(level.standing?.proposedAt) : null),
  decisions: async (level, page, context) => {
    if (!isInside(level, context)) return null;
    const name = `level decisions|${level.creatorId}`;
    const request = pageRequest(name, page);
    const found = await context.store.find({
      type: 'LevelDecision',
      where: { creatorId: level.creatorId },
      orderBy: 'decidedAt',
      order: 'desc',
      ...request,
    });
    return toConnection(name, request, found, ({ props }) => ({ ...props, logOffset: BigInt(props.logOffset) }));
  },
};
