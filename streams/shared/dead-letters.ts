import type { LogRecord, OutgoingRecord } from '../../engines/event-log/port.ts';
import { type DeadLetter, deadLetterKeyCharsMax, deadLetterValueCharsMax } from '../../schema/dead-letter.ts';
import { topics } from '../../schema/topics.ts';

const messageCharsMax = 1_000;

/** The record that puts a message aside. Its id names processor and position, so that a message handled again makes no second one. */
export function deadLetterRecord(refusal: {
  processor: string;
  reason: string;
  message: string;
  record: LogRecord;
  nowMs: number;
}): OutgoingRecord {
  const { processor, reason, message, record, nowMs } = refusal;
  const key = record.key.slice(0, deadLetterKeyCharsMax);
  const letter: DeadLetter = {
    processor,
    reason,
    message: message.slice(0, messageCharsMax),
    topic: record.topic,
    partition: record.partition,
    offset: record.offset,
    key,
    id: record.id.slice(0, deadLetterKeyCharsMax),
    value: record.value?.slice(0, deadLetterValueCharsMax) ?? null,
    valueCut: (record.value?.length ?? 0) > deadLetterValueCharsMax || key !== record.key,
    refusedAtMs: Math.max(0, Math.floor(nowMs)),
  };
  return {
    topic: topics.deadLetters.name,
    key,
    id: `${processor}:${record.topic}:${record.partition}:${record.offset}`,
    value: JSON.stringify(letter),
  };
}
