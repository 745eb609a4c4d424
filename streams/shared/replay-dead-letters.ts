import type { EventLog, LogRecord, OutgoingRecord } from '../../engines/event-log/port.ts';
import { type DeadLetter, deadLetterSchema } from '../../schema/dead-letter.ts';
import { topics } from '../../schema/topics.ts';
import { parseJson } from './parse-json.ts';

/** Which letters are meant: those that fit all that is given. */
export interface LetterFilter {
  readonly processor?: string;
  readonly reason?: string;
  /** Only the letter at this place of its topic, as {@link letterIdOf} writes it. */
  readonly id?: string;
}

/** What operators call a letter by: partition and offset in the topic of dead letters. */
export function letterIdOf({ partition, offset }: { readonly partition: number; readonly offset: number }): string {
  return `${partition}:${offset}`;
}

/** Stands among the letters once one was sent again: not every log drops repetitions by itself. It has no value. */
const markOf = (letterId: string): string => `replayed:${letterId}`;

/** The letter that a record tells of having been sent again; null of every other record. */
function markedBy({ id, value }: LogRecord): string | null {
  return value === null && id.startsWith(markOf('')) ? id.slice(markOf('').length) : null;
}

/** A record of the dead letters: a letter, null where nobody can read it, undefined where it only marks another one. */
export function letterIn(record: LogRecord): DeadLetter | null | undefined {
  if (markedBy(record) !== null) return undefined;
  return deadLetterSchema.safeParse(parseJson(record.value)).data ?? null;
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
export async function replayDeadLetters(eventLog: EventLog, filter: LetterFilter = {}): Promise<ReplayOutcome> {
  const outcome = { replayed: 0, before: 0, lost: 0 };
  const ends = await eventLog.ends(topics.deadLetters.name);
  const marked = new Set<string>();
  for await (const page of letterPages(eventLog, ends))
    for (const letterId of page.flatMap((record) => markedBy(record) ?? [])) marked.add(letterId);
  for await (const page of letterPages(eventLog, ends)) await replayPage({ eventLog, filter, marked, outcome }, page);
  return outcome;
}

/** All that the topic of dead letters holds before these ends. */
export async function* letterPages(eventLog: EventLog, ends: readonly number[]): AsyncGenerator<readonly LogRecord[]> {
  for (const [partition, end] of ends.entries()) {
    let from = 0;
    while (from < end) {
      const page = await eventLog.read({ topic: topics.deadLetters.name, partition, from, limit: pageRecords });
      const last = page.at(-1);
      if (!last) break;
      from = last.offset + 1;
      yield page.filter(({ offset }) => offset < end);
    }
  }
}

interface Replay {
  readonly eventLog: EventLog;
  readonly filter: LetterFilter;
  readonly marked: ReadonlySet<string>;
  readonly outcome: { replayed: number; before: number; lost: number };
}

async function replayPage({ eventLog, filter, marked, outcome }: Replay, page: readonly LogRecord[]): Promise<void> {
  const originals: OutgoingRecord[] = [];
  const marks: OutgoingRecord[] = [];
  for (const record of page) {
    const letterId = letterIdOf(record);
    const letter = letterIn(record);
    if (letter === undefined || !isMeant(filter, letter, letterId)) continue;
    const original = letter !== null && !marked.has(letterId) ? await originalOf(eventLog, letter, record) : null;
    if (marked.has(letterId)) outcome.before += 1;
    else if (original === null) outcome.lost += 1;
    else {
      originals.push(original);
      marks.push({ topic: record.topic, partition: record.partition, key: '', id: markOf(letterId), value: null });
    }
  }
  if (originals.length === 0) return;
  const results = await eventLog.append([...originals, ...marks]);
  for (const { duplicate } of results.slice(0, originals.length)) outcome[duplicate ? 'before' : 'replayed'] += 1;
}

/** Whether a letter is one of those meant; nobody knows who refused one that cannot be read (null), or why. */
export function isMeant(filter: LetterFilter, letter: DeadLetter | null, letterId: string): boolean {
  return (
    (filter.id === undefined || filter.id === letterId) &&
    (filter.processor === undefined || filter.processor === letter?.processor) &&
    (filter.reason === undefined || filter.reason === letter?.reason)
  );
}

async function originalOf(eventLog: EventLog, letter: DeadLetter, at: LogRecord): Promise<OutgoingRecord | null> {
  const { topic, partition, key } = letter;
  const id = `replay:${at.partition}:${at.offset}:${letter.id}`;
  // A line of an import file stands in no topic: mend the file and load it again. What somebody else wrote may stand nowhere.
  if (!topicNames.has(topic) || partition >= (await eventLog.partitionsOf(topic))) return null;
  if (!letter.valueCut) return { topic, partition, key, id, value: letter.value };
  const [original] = await eventLog.read({ topic, partition, from: letter.offset, limit: 1 });
  if (original?.offset !== letter.offset) return null;
  return { topic, partition, key: original.key, id, value: original.value };
}
