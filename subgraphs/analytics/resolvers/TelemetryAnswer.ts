import type { TelemetryAnswerResolvers } from '../generated/resolvers.ts';

export const TelemetryAnswer: TelemetryAnswerResolvers = {
  // A client's own noise protects it already, whatever the count.
  suppressed: () => false,
};
