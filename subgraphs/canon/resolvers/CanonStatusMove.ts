import { isoFromWarehouse } from '../../../schema/warehouse/tables.ts';
import type { CanonStatusMoveResolvers } from '../generated/resolvers.ts';

export const CanonStatusMove: CanonStatusMoveResolvers = {
  movedAt: ({ moved_at }) => isoFromWarehouse(moved_at),
};
