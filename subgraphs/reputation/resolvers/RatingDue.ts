import type { RatingDueResolvers } from '../generated/resolvers.ts';

export const RatingDue: RatingDueResolvers = {
  partner: ({ props }) => ({ id: props.raterId }),
  dueAt: ({ props }) => props.dueAt,
};
