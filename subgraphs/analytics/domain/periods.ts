export const granularities = ['HOUR', 'DAY', 'WEEK', 'MONTH'] as const;
export type Granularity = (typeof granularities)[number];

const hourMs = 3_600_000;
const lengthMs = { HOUR: hourMs, DAY: 24 * hourMs, WEEK: 7 * 24 * hourMs } as const;

/** The instant at which a period that starts then ends (UTC, ISO 8601). */
export function endOfPeriod(start: string, granularity: Granularity): string {
  const at = new Date(start);
  if (granularity === 'MONTH') return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1)).toISOString();
  return new Date(at.getTime() + lengthMs[granularity]).toISOString();
}
