import { isoFromWarehouse } from '../../../schema/warehouse/tables.ts';
import { branchEvents } from '../branches.ts';
import { visibleCase } from '../cases.ts';
import type { CanonBranchResolvers } from '../generated/resolvers.ts';

export const CanonBranch: CanonBranchResolvers = {
  id: ({ branch_id }) => branch_id,
  entityType: ({ entity_type }) => entity_type,
  entityId: ({ entity_id }) => entity_id,
  isOpen: ({ is_open }) => is_open,
  events: (branch, _args, context) => branchEvents(context, branch),
  contradiction: ({ case_id }, _args, context) => visibleCase(context, case_id),
  movedAt: ({ moved_at }) => isoFromWarehouse(moved_at),
};
