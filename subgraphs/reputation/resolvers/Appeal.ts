import { hlcToIso } from '../../../schema/hlc.ts';
import { pieceOf } from '../commands/appeals.ts';
import { describe } from '../domain/evidence.ts';
import type { AppealResolvers } from '../generated/resolvers.ts';

export const Appeal: AppealResolvers = {
  id: ({ id }) => id,
  creator: ({ props }) => ({ id: props.creatorId }),
  dimension: ({ props }) => props.dimension,
  rule: ({ props }) => pieceOf(props).rule,
  description: ({ props }) => describe(pieceOf(props).rule),
  evidenceDay: ({ props }) => `${new Date(pieceOf(props).atMs).toISOString().slice(0, 10)}T00:00:00.000Z`,
  text: ({ props }) => props.text,
  state: ({ props }) => props.state,
  openedAt: ({ props }) => props.openedAt,
  dueAt: ({ props }) => props.dueAt,
  isOverdue: ({ props }, _args, { clock }) => props.decidedAt === '' && props.dueAt < hlcToIso(clock.now()),
  reviewer: ({ props }, _args, { viewer }) =>
    props.reviewerId === '' || viewer.creatorId === props.creatorId ? null : { id: props.reviewerId },
  decidedAt: ({ props }) => (props.decidedAt === '' ? null : props.decidedAt),
  reason: ({ props }) => (props.reason === '' ? null : props.reason),
};
