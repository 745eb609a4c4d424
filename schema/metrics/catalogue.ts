import { activityByKindHour } from './activity-by-kind-hour.ts';
import { type DeclaredMetric, fitBudget } from './metric.ts';

/** Every metric that is released. What does not fit the budget of an account-day does not start. */
export const metrics: readonly DeclaredMetric[] = fitBudget([activityByKindHour]);
