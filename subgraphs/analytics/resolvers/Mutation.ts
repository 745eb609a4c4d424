import { reportTelemetry } from '../commands/report-telemetry.ts';
import type { MutationResolvers } from '../generated/resolvers.ts';

export const Mutation: MutationResolvers = {
  reportTelemetry: (_root, { reports }, { eventLog }) => reportTelemetry(eventLog, reports),
};
