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

/** Whether a text is a day of the calendar, like `2018-03-12`: `2018-02-30` and `+002018-03-12` are read as dates, and are no days of the ledger. */
export function isDay(text: string): boolean {
  const atMs = Date.parse(`${text}T00:00:00Z`);
  return text.length === 10 && !Number.isNaN(atMs) && new Date(atMs).toISOString() === `${text}T00:00:00.000Z`;
}
