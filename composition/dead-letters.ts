import type { EventLog } from '../engines/event-log/port.ts';
import { type DeadLetter, deadLetterSchema } from '../schema/dead-letter.ts';
import { topics } from '../schema/topics.ts';

const pageRecords = 1_000;
/** Letters that are shown one by one. */
const shownMax = 20;

/** How many dead letters there are, by who refused them and why, and the newest of them. Values are never shown. */
export async function describeDeadLetters(eventLog: EventLog): Promise<string> {
  const counts = new Map<string, number>();
  let newest: DeadLetter[] = [];
  for (const [partition, end] of (await eventLog.ends(topics.deadLetters.name)).entries()) {
    for (let from = 0; from < end; from += pageRecords) {
      const page = await eventLog.read({ topic: topics.deadLetters.name, partition, from, limit: pageRecords });
      const letters = page.map((record) => deadLetterSchema.parse(JSON.parse(record.value ?? 'null')));
      for (const { processor, reason } of letters) {
        const name = `${processor} ${reason}`;
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
      newest = [...newest, ...letters].slice(-shownMax);
    }
  }
  if (counts.size === 0) return 'no dead letters';
  const totals = [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([name, count]) => `${String(count).padStart(7)}  ${name}`);
  const lines = newest.map(
    (letter) =>
      `  ${letter.processor} ${letter.reason} ${letter.topic}/${letter.partition}@${letter.offset} ${letter.key}: ${letter.message}`,
  );
  return [...totals, '', `the newest ${lines.length}:`, ...lines].join('\n');
}
