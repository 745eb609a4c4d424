import { formula } from '../../../schema/reputation/formula.ts';
import { isoFromWarehouse } from '../../../schema/warehouse/tables.ts';
import type { ReputationPointResolvers } from '../generated/resolvers.ts';

export const ReputationPoint: ReputationPointResolvers = {
  asOf: ({ changedAt }) => isoFromWarehouse(changedAt),
  score: ({ score }) => score,
  interval: ({ low, high }) => ({ level: formula.intervalLevel, low, high }),
  evidenceCount: ({ evidenceCount }) => evidenceCount,
  formulaVersion: ({ formulaVersion }) => formulaVersion,
  logOffset: ({ logOffset }) => BigInt(logOffset),
};
