import { activeCreatorsDay, activityByKindHour, membersTotal, sessionMinutes } from './declared/activity.ts';
import { apiLatency, apiOutcomesDay, logInsHour } from './declared/api.ts';
import { collaborations, endorsementsByDimension, invitationToJointWork, ratings } from './declared/together.ts';
import { assistedWork, remixes, trendingTags, worksByKind, worksByKindTag } from './declared/works.ts';
import { type DeclaredMetric, fitBudget } from './metric.ts';

/** Every metric that is released. What does not fit the budget of an account-day does not start. */
export const metrics: readonly DeclaredMetric[] = fitBudget([
  activityByKindHour,
  activeCreatorsDay,
  membersTotal,
  sessionMinutes,
  worksByKind,
  worksByKindTag,
  trendingTags,
  assistedWork,
  remixes,
  collaborations,
  invitationToJointWork,
  endorsementsByDimension,
  ratings,
  apiLatency,
  apiOutcomesDay,
  logInsHour,
]);

export const metricById: ReadonlyMap<string, DeclaredMetric> = new Map(metrics.map((metric) => [metric.id, metric]));
