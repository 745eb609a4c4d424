import { reportTelemetry } from '../commands/report-telemetry.ts';
import type { MutationResolvers } from '../generated/resolvers.ts';

export const Mutation: MutationResolvers = {
  reportTelemetry: (_root, { input }, { eventLog }) => reportTelemetry(eventLog, input.reports),
};
