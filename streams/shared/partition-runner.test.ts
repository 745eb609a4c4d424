import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import type { RowOf } from '../../schema/warehouse/tables.ts';
import { entriesOfChange } from './keyed-state.ts';
import { PartitionRunner } from './partition-runner.ts';
import type { ProcessorConfig } from './processor-config.ts';
import { defineStore } from './state.ts';
import { type Step, deadLetter, done, drop, ok, pipe, redirect } from './step.ts';
import { changelogOf, dryRun, recordOf } from './testing.ts';

const sums = defineStore('sums', z.int());

interface Command {
  readonly do: string;
  readonly key: string;
  readonly n: number;
  readonly id?: string;
}

const decode: Step<{ readonly value: string | null }, Command> = ({ value }) => {
  try {
    return ok(JSON.parse(value ?? 'null') as Command);
  } catch {
    return deadLetter('UNDECODABLE', 'not JSON');
  }
};

/** Adds first and judges afterwards, so that a refusal has something to take back. */
const add: Step<Command, Command, 'canonRecords'> = (command, { state, emit }) => {
  const sum = (state.get(sums, command.key) ?? 0) + command.n;
  state.put(sums, command.key, sum);
  emit('canonRecords', { key: command.key, id: `${command.key}:${sum}`, value: { sum } });
  return ok(command);
};

const judge: Step<Command, void> = (command, { state }) => {
  if (command.do === 'drop') return drop('UNWANTED');
  if (command.do === 'refuse') return deadLetter('REFUSED', 'n: refused by rule');
  if (command.do === 'redirect') return redirect('canonStatus', 'ELSEWHERE');
  if (command.do === 'throw') throw new RangeError('secret text');
  if (command.do === 'swell') state.put(defineStore('sums', z.unknown()), command.key, 'x'.repeat(300));
  if (command.do === 'remove') state.remove(sums, command.key);
  return done;
};

const config: ProcessorConfig<Command, 'canonRecords'> = {
  name: 'adder',
  input: 'events',
  outputs: ['canonRecords'],
  stores: [sums],
  decode,
  dedupBy: (command) => command.id ?? null,
  handle: pipe(add, judge),
  limits: { stateEntryCharsMax: 200 },
};

const commands = (...list: readonly (Partial<Command> | string)[]): ReturnType<typeof recordOf>[] =>
  list.map((each, offset) =>
    recordOf({
      offset,
      value: typeof each === 'string' ? each : JSON.stringify({ do: 'add', key: 'a', n: 1, ...each }),
    }),
  );

const textsOf = (run: ReturnType<typeof dryRun>): unknown[] => changelogOf(run).map(({ value }) => value);

const row: RowOf<'platform.canon_status'> = {
  event_id: 'a',
  seq: 0,
  status: 'CANONICAL',
  reason: '',
  decider: 'rule',
  contradiction: null,
  moved_at: '2024-01-01 00:00:00.000',
};

test.each([true, false])(
  'goal: where rows are checked (%s), a record says so of what is one, whenever it is written down',
  (checksRows) => {
    const emit: Step<string | null, void, 'canonStatus'> = (_value, { emit: emitTo }) => {
      for (const value of [row, { ...row, seq: -1 }, { ...row, reason: '\ud800' }, { ...row, more: 1 }]) {
        emitTo('canonStatus', { key: 'a', id: 'a', value });
        emitTo('canonStatus', { key: 'a', id: 'a', value, newestOf: JSON.stringify(value) });
      }
      return done;
    };
    const runner = new PartitionRunner(
      {
        name: 'teller',
        input: 'events',
        outputs: ['canonStatus'],
        stores: [],
        decode: ({ value }) => ok(value),
        handle: emit,
      },
      { changelog: 'changelog', partition: 0, checksRows, nowMs: () => 0, onOutcome: () => undefined },
    );
    const told = runner.handle([recordOf({ offset: 0, value: '' })]).map(({ rowOf }) => rowOf);
    const known = checksRows ? 'platform.canon_status' : undefined;
    expect(told).toEqual([known, known, ...Array.from({ length: 6 }, () => undefined)]);
  },
);

describe('one partition of a processor', () => {
  test('goal: only messages that end ok leave state and outputs behind', () => {
    const run = dryRun(
      config,
      commands({}, { do: 'drop' }, { do: 'refuse' }, { do: 'redirect' }, { do: 'throw' }, '{', { n: 5 }),
    );
    expect(run.outcomes).toEqual([
      'ok',
      'drop UNWANTED',
      'deadLetter REFUSED',
      'redirect ELSEWHERE',
      'deadLetter HANDLER_FAILED',
      'deadLetter UNDECODABLE',
      'ok',
    ]);
    expect(run.state.get(sums, 'a')).toBe(6);
    expect(run.emitted('canonRecords')).toEqual([{ sum: 1 }, { sum: 6 }]);
    expect(run.emitted('canonStatus')).toHaveLength(1);
  });

  test('goal: of what a later message of the batch replaces only the newest is appended, behind what came before it', () => {
    const handle: Step<Command, void, 'canonRecords' | 'canonStatus'> = (command, context) => {
      const { key, n } = command;
      context.emit('canonRecords', { key, id: `${key}${n}`, value: { n }, newestOf: key });
      context.emit('canonStatus', { key, id: `${key}${n}`, value: { n }, ...(n > 2 && { newestOf: key }) });
      return judge(command, context);
    };
    const replacing = { ...config, outputs: ['canonRecords', 'canonStatus'] as const, handle };
    const list = [{ n: 1 }, { n: 2, key: 'b' }, { n: 3 }, { n: 4, do: 'refuse' }, { n: 5 }];
    const run = dryRun(replacing, commands(...list));
    expect(run.emitted('canonRecords')).toEqual([{ n: 2 }, { n: 5 }]);
    expect(run.emitted('canonStatus')).toEqual([{ n: 1 }, { n: 2 }, { n: 5 }]);
    const next = dryRun(replacing, commands({ n: 6 }), changelogOf(run));
    expect(next.emitted('canonRecords')).toEqual([{ n: 6 }]);
  });

  test('goal: a dead letter says who, why and where, and does not quote what a step threw', () => {
    const [refused, thrown] = dryRun(config, commands({ do: 'refuse' }, { do: 'throw' })).deadLetters;
    expect(refused).toMatchObject({
      processor: 'adder',
      reason: 'REFUSED',
      message: 'n: refused by rule',
      topic: 'vcos.events',
      partition: 0,
      offset: 0,
      key: 'key',
      id: 'id-0',
      valueCut: false,
    });
    expect(JSON.parse(refused?.value ?? '')).toMatchObject({ do: 'refuse' });
    expect(thrown?.message).toContain('RangeError');
    expect(JSON.stringify(thrown)).not.toContain('secret');
  });

  test('goal: an id counts once, also after a restart, and a refused one may come again', () => {
    const first = dryRun(config, commands({ id: 'x' }, { id: 'x' }, { id: 'y', do: 'refuse' }));
    expect(first.outcomes).toEqual(['ok', 'drop DUPLICATE', 'deadLetter REFUSED']);
    const second = dryRun(config, commands({ id: 'x' }, { id: 'y' }), changelogOf(first));
    expect(second.outcomes).toEqual(['drop DUPLICATE', 'ok']);
    expect(second.state.get(sums, 'a')).toBe(2);
  });

  test('goal: a state entry over the limit puts its message aside', () => {
    expect(dryRun(config, commands({ do: 'swell' })).outcomes).toEqual(['deadLetter HANDLER_FAILED']);
  });

  test('goal: a changelog of another build is refused, naming its place', () => {
    const alien =
      (key: string, value: string): (() => unknown) =>
      () =>
        dryRun(config, [], [recordOf({ topic: 'changelog', offset: 7, key, value })]);
    expect(alien('other|a', '1')).toThrow(/changelog partition 0 offset 7: no store is named other/);
    expect(alien('sums|a', '"text"')).toThrow(/offset 7: the entry does not fit store sums/);
    expect(alien('sums|a', '{')).toThrow(/does not fit/);
  });

  test('goal: wherever a run is cut and restored, state and outputs are those of an undisturbed run', () => {
    const command = fc.record({
      do: fc.constantFrom('add', 'drop', 'refuse', 'throw', 'remove'),
      key: fc.constantFrom('a', 'b', 'c|d'),
      n: fc.integer({ min: -9, max: 9 }),
      id: fc.constantFrom('1', '2', '3', '4', '5', '6', '7'),
    });
    fc.assert(
      fc.property(fc.array(command, { maxLength: 30 }), fc.nat(30), (list, cut) => {
        const records = commands(...list);
        const whole = dryRun(config, records);
        const before = dryRun(config, records.slice(0, cut));
        const after = dryRun(config, records.slice(cut), changelogOf(before));
        expect(after.state.entries(sums)).toEqual(whole.state.entries(sums));
        expect([...before.emitted('canonRecords'), ...after.emitted('canonRecords')]).toEqual(
          whole.emitted('canonRecords'),
        );
      }),
    );
  });

  test('trap: an entry that was restored and changed has the text that it would have had without a restart, whatever the order of fields in its schema', () => {
    const moves = defineStore('moves', z.strictObject({ a: z.int(), b: z.int() }));
    const move: Step<Command, void> = ({ key, n }, { state }) => {
      const known = state.get(moves, key);
      state.put(moves, key, known ? { ...known, a: known.a + n } : { b: 0, a: n });
      return done;
    };
    const mover: ProcessorConfig<Command, 'canonRecords'> = { ...config, stores: [moves], handle: move };
    const input = commands({}, {});
    const first = dryRun(mover, input.slice(0, 1));
    const second = dryRun(mover, input.slice(1), changelogOf(first));
    expect(textsOf(second)).toEqual(textsOf(dryRun(mover, input)));
  });

  test('goal: entries come in the order of their keys, whatever the order of writing', () => {
    const run = dryRun(config, commands({ key: 'b' }, { key: 'a' }, { key: 'ab' }, { key: 'c' }));
    expect(run.state.entries(sums).map(([key]) => key)).toEqual(['a', 'ab', 'b', 'c']);
    expect(run.state.entries(sums, 'a').map(([key]) => key)).toEqual(['a', 'ab']);
  });

  test('goal: ids taken in one batch are one record of the changelog; restored at any cut, what follows is the same', () => {
    const ids = (from: number, to: number) =>
      commands(...Array.from({ length: to - from }, (_, n) => ({ id: `i${from + n}` })));
    const packsIn = (run: ReturnType<typeof dryRun>) => changelogOf(run).filter(({ key }) => key.startsWith('seen'));
    const first = dryRun(config, ids(0, 500));
    expect(packsIn(first).map(({ key }) => key)).toEqual(['seen*|0']);
    const second = dryRun(config, ids(400, 700), changelogOf(first));
    expect(second.outcomes.filter((outcome) => outcome === 'drop DUPLICATE')).toHaveLength(100);
    expect(packsIn(second).map(({ key }) => key)).toEqual(['seen*|1']);
    // An entry of its own is what builds before this one wrote.
    const older = recordOf({ topic: 'changelog', key: 'seen|i700', id: '', value: '1', offset: 0 });
    const third = dryRun(config, ids(0, 702), [older, ...changelogOf(first), ...changelogOf(second)]);
    expect(third.outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1);
    expect(packsIn(third).flatMap(entriesOfChange)).toEqual([['seen|i701', '1']]);
  });
});
