import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { OutgoingRecord } from '../engines/event-log/port.ts';
import { type EmbeddedEngines, openEmbeddedEngines } from '../infra/embedded-engines.ts';
import { topics } from '../schema/topics.ts';
import { deadLetterRecord } from '../streams/shared/dead-letters.ts';
import { replayDeadLetters } from '../streams/shared/replay-dead-letters.ts';
import { recordOf } from '../streams/shared/testing.ts';
import { describeDeadLetters, showDeadLetter } from './dead-letters.ts';

// Goal: an operator finds a letter in the list, reads all of it, and sends that one again, once.
let engines: EmbeddedEngines;

beforeAll(async () => {
  engines = await openEmbeddedEngines();
  const letters = [3, 4].map((offset) =>
    deadLetterRecord({
      processor: 'canon',
      reason: 'UNDECODABLE',
      message: `payload ${offset}: expected text`,
      record: recordOf({ offset, value: `{"n":${offset}}` }),
      nowMs: 1_700_000_000_000,
    }),
  );
  await engines.eventLog.append(letters);
});
afterAll(() => engines.close());

test('letters are listed with their ids, without values', async () => {
  const list = await describeDeadLetters(engines.eventLog);
  expect(list).toMatch(/2 {2}canon UNDECODABLE/);
  expect(list).toMatch(/0:1 {2}canon UNDECODABLE vcos\.events\/0@4/);
  expect(list).not.toContain('{"n"');
});

test('goal: the list is of those that are meant', async () => {
  const { eventLog } = engines;
  expect(await describeDeadLetters(eventLog, { processor: 'canon', reason: 'UNDECODABLE' })).toMatch(/^ +2 {2}canon/);
  expect(await describeDeadLetters(eventLog, { id: '0:1' })).toMatch(/^ +1 {2}canon.*\n\nthe newest 1:\n {2}0:1 /);
  for (const filter of [{ processor: 'nobody' }, { reason: 'NONE' }, { id: '0:99' }])
    expect(await describeDeadLetters(eventLog, filter)).toBe('no such dead letters');
});

test('one is shown whole; what is no id has no letter', async () => {
  const shown = await showDeadLetter(engines.eventLog, '0:1');
  expect(shown).toContain('payload 4: expected text');
  expect(shown).toContain('{"n":4}');
  expect(shown).toContain('2023-11-14T22:13:20.000Z');
  for (const id of ['0:2', '7:0', '', 'x', '0:-1']) expect(await showDeadLetter(engines.eventLog, id)).toBeNull();
});

test('one is sent again by its id, once', async () => {
  expect(await replayDeadLetters(engines.eventLog, { id: '0:1' })).toEqual({ replayed: 1, before: 0, lost: 0 });
  expect(await replayDeadLetters(engines.eventLog, { id: '0:1' })).toEqual({ replayed: 0, before: 1, lost: 0 });
  const sent = await engines.eventLog.read({ topic: topics.events.name, partition: 0, from: 0, limit: 10 });
  expect(sent.map(({ value }) => value)).toEqual(['{"n":4}']);
});

test('goal: what is sent again is sent once, also to topics whose repeated ids the log does not drop, as Kafka drops none', async () => {
  const topic = topics.canonRecords.name;
  const letter = deadLetterRecord({
    ...{ processor: 'sink', reason: 'INVALID_ROW', message: 'no row', nowMs: 1_700_000_000_000 },
    record: { ...recordOf({ offset: 0, value: '{"n":9}' }), topic },
  });
  await engines.eventLog.append([letter]);
  const filter = { processor: 'sink' };
  expect(await replayDeadLetters(engines.eventLog, filter)).toEqual({ replayed: 1, before: 0, lost: 0 });
  expect(await replayDeadLetters(engines.eventLog, filter)).toEqual({ replayed: 0, before: 1, lost: 0 });
  expect(await engines.eventLog.read({ topic, partition: 0, from: 0, limit: 10 })).toHaveLength(1);
  expect(await describeDeadLetters(engines.eventLog)).toMatch(/1 {2}sink INVALID_ROW/);
});

test('goal: what somebody else wrote among the letters is counted, shown as it is, and hides no letter', async () => {
  const [place] = await engines.eventLog.append([
    { topic: topics.deadLetters.name, key: 'k', id: 'stranger', value: 'not json' },
  ]);
  const list = await describeDeadLetters(engines.eventLog);
  expect(list).toMatch(/1 {2}is not a dead letter of this platform/);
  expect(list).toMatch(/2 {2}canon UNDECODABLE/);
  expect(await showDeadLetter(engines.eventLog, `0:${place?.offset}`)).toContain('not json');
  // Nor is it taken for one of those that are sent again.
  expect(await replayDeadLetters(engines.eventLog, { processor: 'nobody' })).toEqual({
    replayed: 0,
    before: 0,
    lost: 0,
  });
});

test('goal: a letter is small whatever its message, and a key that it had to cut is whole when the message is sent again', async () => {
  const key = '\u0001'.repeat(2_000_000);
  const [place] = await engines.eventLog.append([{ topic: topics.apiUse.name, key, id: key, value: 'x' }]);
  const record = { ...recordOf({ offset: place?.offset ?? 0, key, id: key, value: 'x' }), topic: topics.apiUse.name };
  const letter = deadLetterRecord({ processor: 'use', reason: 'UNDECODABLE', message: '', record, nowMs: 1 });
  expect(JSON.stringify(letter).length).toBeLessThan(50_000);
  await engines.eventLog.append([letter]);
  expect(await replayDeadLetters(engines.eventLog, { processor: 'use' })).toMatchObject({ replayed: 1 });
  const sent = await engines.eventLog.read({ topic: topics.apiUse.name, partition: 0, from: 0, limit: 10 });
  expect(sent.map((each) => each.key === key && each.value === 'x')).toEqual([true, true]);
});

test('goal: letters that somebody else wrote stop no replay of others, and reach the terminal as text', async () => {
  const letter = (given: object): OutgoingRecord => {
    const text = deadLetterRecord({
      ...{ processor: 'foreign', reason: 'FOREIGN', message: 'm', nowMs: 1_700_000_000_000 },
      record: recordOf({ topic: topics.events.name, offset: 7, value: '{"whole":1}' }),
    });
    return { ...text, id: randomUUID(), value: JSON.stringify({ ...JSON.parse(text.value ?? ''), ...given }) };
  };
  const { eventLog } = engines;
  const [first] = await eventLog.append([
    letter({ partition: 9 }),
    letter({ partition: 9, valueCut: true }),
    letter({ message: 'red: \u001b[31m', key: 'a\nb\u009b' }),
    letter({ refusedAtMs: 8.64e15 + 2 }),
  ]);
  const at = first?.offset ?? 0;
  const filter = { processor: 'foreign' };
  const list = await describeDeadLetters(eventLog, filter);
  expect(list).toContain('a\\u000ab\\u009b: red: \\u001b[31m');
  expect(await showDeadLetter(eventLog, `0:${at + 2}`)).toContain('because     red: \\u001b[31m\n');
  expect(await showDeadLetter(eventLog, `0:${at + 3}`)).toContain('is not a dead letter of this platform');
  expect(await replayDeadLetters(eventLog, filter)).toEqual({ replayed: 1, before: 0, lost: 2 });
});
