import type { EventLog, LogRecord, OutgoingRecord } from '../../engines/event-log/port.ts';
import { type DeadLetter, deadLetterSchema } from '../../schema/dead-letter.ts';
import { topics } from '../../schema/topics.ts';
import { parseJson } from './parse-json.ts';

export interface ReplayFilter {
  readonly processor?: string;
  readonly reason?: string;
  /** Only the letter at this place of its topic, as {@link letterIdOf} writes it. */
  readonly id?: string;
}

/** What operators call a letter by: partition and offset in the topic of dead letters. */
export function letterIdOf({ partition, offset }: { readonly partition: number; readonly offset: number }): string {
  return `${partition}:${offset}`;
}

export interface ReplayOutcome {
  readonly replayed: number;
  /** Sent again by an earlier replay. */
  readonly before: number;
  /** Letters whose original is gone from the log, or that cannot be read. */
  readonly lost: number;
}

const pageRecords = 500;
const topicNames: ReadonlySet<string> = new Set(Object.values(topics).map(({ name }) => name));

/**
 * Appends the originals of dead letters to their topics again, each to its own partition, once what refused them has been mended. Each letter is
 * sent again at most once; one that is refused again makes a new letter. Every consumer of the topic sees the message
 * again: processors deduplicate by event id, sinks by natural key.
 */
export async function replayDeadLetters(eventLog: EventLog, filter: ReplayFilter = {}): Promise<ReplayOutcome> {
  const outcome = { replayed: 0, before: 0, lost: 0 };
  const ends = await eventLog.ends(topics.deadLetters.name);
  for (const [partition, end] of ends.entries()) {
    let from = 0;
    while (from < end) {
      const page = await eventLog.read({ topic: topics.deadLetters.name, partition, from, limit: pageRecords });
      const last = page.at(-1);
      if (!last) break;
      from = last.offset + 1;
      await replayPage({ eventLog, filter, outcome }, page);
    }
  }
  return outcome;
}

interface Replay {
  readonly eventLog: EventLog;
  readonly filter: ReplayFilter;
  readonly outcome: { replayed: number; before: number; lost: number };
}

async function replayPage({ eventLog, filter, outcome }: Replay, page: readonly LogRecord[]): Promise<void> {
  const originals: OutgoingRecord[] = [];
  for (const record of page) {
    if (filter.id !== undefined && filter.id !== letterIdOf(record)) continue;
    const letter = deadLetterSchema.safeParse(parseJson(record.value));
    if (letter.success && !matches(letter.data, filter)) continue;
    const original = letter.success ? await originalOf(eventLog, letter.data, record) : null;
    if (original) originals.push(original);
    else outcome.lost += 1;
  }
  if (originals.length === 0) return;
  for (const { duplicate } of await eventLog.append(originals)) outcome[duplicate ? 'before' : 'replayed'] += 1;
}

function matches(letter: DeadLetter, filter: ReplayFilter): boolean {
  return (
    (filter.processor === undefined || filter.processor === letter.processor) &&
    (filter.reason === undefined || filter.reason === letter.reason)
  );
}

async function originalOf(eventLog: EventLog, letter: DeadLetter, at: LogRecord): Promise<OutgoingRecord | null> {
  const { topic, partition, key } = letter;
  const id = `replay:${at.partition}:${at.offset}:${letter.id}`;
  // A line of an import file stands in no topic: mend the file and load it again.
  if (!topicNames.has(topic)) return null;
  if (!letter.valueCut) return { topic, partition, key, id, value: letter.value };
  const [original] = await eventLog.read({ topic, partition, from: letter.offset, limit: 1 });
  return original?.offset === letter.offset ? { topic, partition, key, id, value: original.value } : null;
}
