import type { EventLog } from '../engines/event-log/port.ts';
import type { DeadLetter } from '../schema/dead-letter.ts';
import { topics } from '../schema/topics.ts';
import { type LetterFilter, isMeant, letterIdOf, letterIn } from '../streams/shared/replay-dead-letters.ts';

const pageRecords = 1_000;
/** Letters that are shown one by one. */
const shownMax = 20;
const shownCharsMax = 10_000;
/** What somebody else wrote to the topic. */
const unreadable = 'is not a dead letter of this platform';

/** Keys, and lines of an import, are as somebody else wrote them: control characters must not reach the terminal of who reads of them. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** How many dead letters of those meant there are, by who refused them and why, and the newest of them. Values are never shown. */
export async function describeDeadLetters(eventLog: EventLog, filter: LetterFilter = {}): Promise<string> {
  const counts = new Map<string, number>();
  let newest: (DeadLetter & { readonly letterId: string })[] = [];
  for (const [partition, end] of (await eventLog.ends(topics.deadLetters.name)).entries()) {
    for (let from = 0; from < end;) {
      const page = await eventLog.read({ topic: topics.deadLetters.name, partition, from, limit: pageRecords });
      // The oldest have expired: a page begins where the log still has something.
      from = (page.at(-1)?.offset ?? end) + 1;
      const letters: (DeadLetter & { readonly letterId: string })[] = [];
      for (const record of page) {
        const letter = letterIn(record);
        const letterId = letterIdOf(record);
        if (letter === undefined || !isMeant(filter, letter, letterId)) continue;
        const name = letter === null ? unreadable : `${letter.processor} ${letter.reason}`;
        counts.set(name, (counts.get(name) ?? 0) + 1);
        if (letter !== null) letters.push({ ...letter, letterId });
      }
      newest = [...newest, ...letters].slice(-shownMax);
    }
  }
  if (counts.size === 0) return Object.keys(filter).length === 0 ? 'no dead letters' : 'no such dead letters';
  const totals = [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([name, count]) => `${String(count).padStart(7)}  ${printable(name)}`);
  const lines = newest.map((letter) =>
    printable(
      `  ${letter.letterId}  ${letter.processor} ${letter.reason} ${letter.topic}/${letter.partition}@${letter.offset} ${letter.key}: ${letter.message}`,
    ),
  );
  return [...totals, '', `the newest ${lines.length}:`, ...lines].join('\n');
}

/** All that is known of one letter, its message's value included; null where there is no such letter. Personal fields in it are sealed. */
export async function showDeadLetter(eventLog: EventLog, id: string): Promise<string | null> {
  const [, partition, offset] = /^(\d{1,4}):(\d{1,15})$/.exec(id) ?? [];
  const ends = await eventLog.ends(topics.deadLetters.name);
  if (offset === undefined || Number(partition) >= ends.length) return null;
  const place = { topic: topics.deadLetters.name, partition: Number(partition), from: Number(offset), limit: 1 };
  const [record] = await eventLog.read(place);
  if (record?.offset !== Number(offset)) return null;
  const letter = letterIn(record);
  if (letter === undefined) return null;
  if (letter === null)
    return `letter      ${id}\nbecause     ${unreadable}\nvalue       ${printable(record.value?.slice(0, shownCharsMax) ?? '(none)')}`;
  const told: Readonly<Record<string, string>> = {
    letter: id,
    'refused by': `${letter.processor}, ${letter.reason}, at ${new Date(letter.refusedAtMs).toISOString()}`,
    because: letter.message,
    original: `${letter.topic}, partition ${letter.partition}, offset ${letter.offset}`,
    key: letter.key,
    id: letter.id,
    value:
      letter.value === null
        ? '(not kept here)'
        : `${letter.value}${letter.valueCut ? '… (cut; the whole is in the log)' : ''}`,
  };
  return Object.entries(told)
    .map(([name, text]) => `${name.padEnd(11)} ${printable(text)}`)
    .join('\n');
}
