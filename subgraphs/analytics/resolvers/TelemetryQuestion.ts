import { formatRational } from '../../../schema/metrics/rational.ts';
import { localEpsilon } from '../../../schema/telemetry/question.ts';
import type { TelemetryQuestionResolvers } from '../generated/resolvers.ts';

export const TelemetryQuestion: TelemetryQuestionResolvers = {
  odds: ({ odds }) => formatRational(odds),
  epsilon: (question) => localEpsilon(question),
};
