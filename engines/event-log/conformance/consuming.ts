import { expect, test } from '@jest/globals';
import { type ConsumeOptions, type LogRecord, type OutgoingRecord, batchCharsMax } from '../port.ts';
import { type Subject, copies, gate, numbered, plain, record, until } from './subject.ts';

/** One member of a group: what it is given, when, and what becomes of what it returns. */
export function consuming(subject: Subject): void {
  test('goal: everything is handled once, in order, in batches within the limit, and its outputs are stored once', async () => {
    const [input, output] = [await subject.topic({ partitions: 3 }), await subject.topic({ partitions: 2 })];
    const given = numbered(input, 200, { key: (n) => `key-${n % 11}` });
    await subject.log.append(given.slice(0, 120));
    const sizes: number[] = [];
    const onBatch = ({ records }: { records: readonly LogRecord[] }): Promise<OutgoingRecord[]> => {
      sizes.push(records.length);
      return Promise.resolve(copies(output, records));
    };
    const options = subject.consumer({ topics: [input], batchMax: 7, onBatch });
    const consumer = await subject.log.consume(options);
    for (const each of given.slice(120)) await subject.log.append([each]);
    await subject.caughtUp(options.group, [input]);
    await consumer.close();
    const stored = await subject.readAll(output);
    expect(stored.map(({ id }) => plain(id)).sort()).toEqual(given.map(({ id }) => `copy-${id}`).sort());
    for (let key = 0; key < 11; key++) {
      const ofKey = (records: readonly { key: string; id: string }[]): string[] =>
        records.filter((each) => each.key === `key-${key}`).map(({ id }) => plain(id).replace('copy-', ''));
      expect(ofKey(stored)).toEqual(ofKey(given));
    }
    expect(Math.max(...sizes)).toBeLessThanOrEqual(7);
    expect(Math.min(...sizes)).toBeGreaterThan(0);
  });

  test('limit: batches of long records have fewer, and lose none', async () => {
    const input = await subject.topic();
    const value = JSON.stringify('x'.repeat(900_000));
    // Some one by one and some together: the embedded log keeps the two in different ways.
    const given = numbered(input, 80).map((each) => ({ ...each, value }));
    for (const each of given.slice(0, 40)) await subject.log.append([each]);
    for (let at = 40; at < 80; at += 10) await subject.log.append(given.slice(at, at + 10));
    const handled: string[] = [];
    const chars: number[] = [];
    const onBatch: ConsumeOptions['onBatch'] = ({ records }) => {
      handled.push(...records.map(({ id }) => id));
      chars.push(records.reduce((sum, each) => sum + (each.value?.length ?? 0), 0));
      return Promise.resolve([]);
    };
    const options = subject.consumer({ topics: [input], batchMax: 1_000, lingerMs: 50, onBatch });
    const consumer = await subject.log.consume(options);
    await subject.caughtUp(options.group, [input]);
    await consumer.close();
    expect(handled).toEqual(given.map(({ id }) => id));
    expect(Math.max(...chars)).toBeLessThan(batchCharsMax + value.length);
  });

  test('goal: a slow handler holds up its own partition only, and never gets two batches at a time', async () => {
    const input = await subject.topic({ partitions: 2 });
    const slow = gate();
    const handled: string[] = [];
    const running = [0, 0];
    const onBatch: ConsumeOptions['onBatch'] = async ({ partition, records }) => {
      running[partition] = (running[partition] ?? 0) + 1;
      expect(running[partition]).toBe(1);
      if (partition === 0) await slow.opened;
      handled.push(...records.map(({ id }) => id));
      running[partition] -= 1;
      return [];
    };
    const options = subject.consumer({ topics: [input], batchMax: 1, onBatch });
    const consumer = await subject.log.consume(options);
    const [held, free] = [0, 1].map((partition) => (n: number) => record(input, `${partition}-${n}`, { partition }));
    await subject.log.append([0, 1, 2].flatMap((n) => [held?.(n), free?.(n)]).filter((each) => each !== undefined));
    await until(() => handled.length === 3);
    expect(handled).toEqual(['1-0', '1-1', '1-2']);
    slow.open();
    await subject.caughtUp(options.group, [input]);
    expect(handled.slice(3)).toEqual(['0-0', '0-1', '0-2']);
    await consumer.close();
  });

  test('goal: after a rejection the batch comes again, state thrown away and restored before it, outputs once', async () => {
    const [input, output] = [await subject.topic(), await subject.topic()];
    await subject.log.append(numbered(input, 3));
    const steps: string[] = [];
    const options = subject.consumer({
      topics: [input],
      batchMax: 2,
      onAssigned: () => Promise.resolve(void steps.push('assigned')),
      onRevoked: () => Promise.resolve(void steps.push('revoked')),
      onBatch: ({ records }) => {
        steps.push(records.map(({ id }) => id).join('+'));
        if (steps.filter((step) => step === 'r0+r1').length < 3) throw new Error('not yet');
        return Promise.resolve(copies(output, records));
      },
      onError: (error, where) => steps.push(`${(error as Error).message} ${where?.topic === input}`),
    });
    const consumer = await subject.log.consume(options);
    await subject.caughtUp(options.group, [input]);
    await consumer.close();
    const failure = ['r0+r1', 'not yet true', 'revoked', 'assigned'];
    expect(steps).toEqual(['assigned', ...failure, ...failure, 'r0+r1', 'r2', 'revoked']);
    expect(await subject.ids(output)).toEqual(['copy-r0', 'copy-r1', 'copy-r2']);
  });

  test('goal: an abort leaves nothing: neither outputs nor offsets of a batch of which one output is refused', async () => {
    const [input, output] = [await subject.topic(), await subject.topic()];
    await subject.log.append(numbered(input, 2));
    let attempts = 0;
    const failed = gate();
    const retry = gate();
    const options = subject.consumer({
      topics: [input],
      onBatch: async ({ records }) => {
        attempts += 1;
        if (attempts > 1) await retry.opened;
        const outputs = copies(output, records);
        return attempts === 1 ? [...outputs, record('no-such-topic', 'x')] : outputs;
      },
      onError: () => failed.open(),
    });
    const consumer = await subject.log.consume(options);
    await failed.opened;
    expect(await subject.ids(output)).toEqual([]);
    expect((await subject.log.lag(options.group, [input]))[0]?.committed).toBe(0);
    retry.open();
    await subject.caughtUp(options.group, [input]);
    await consumer.close();
    expect(await subject.ids(output)).toEqual(['copy-r0', 'copy-r1']);
  });

  test('goal: a partition is handed over only once its state could be restored', async () => {
    const input = await subject.topic();
    await subject.log.append(numbered(input, 1));
    const steps: string[] = [];
    const options = subject.consumer({
      topics: [input],
      onAssigned: () => {
        steps.push('assigned');
        return steps.length < 4 ? Promise.reject(new Error('no state')) : Promise.resolve();
      },
      onRevoked: () => Promise.resolve(void steps.push('revoked')),
      onBatch: () => Promise.resolve(steps.push('batch')).then(() => []),
      onError: () => steps.push('told'),
    });
    const consumer = await subject.log.consume(options);
    await subject.caughtUp(options.group, [input]);
    await consumer.close();
    expect(steps).toEqual(['assigned', 'told', 'assigned', 'told', 'assigned', 'batch', 'revoked']);
  });

  test('goal: a poisoned message that the handler puts aside does not hold its partition', async () => {
    const [input, output, dead] = [await subject.topic(), await subject.topic(), await subject.topic()];
    const given = numbered(input, 5).map((each, n) => (n === 2 ? { ...each, value: '{"id":' } : each));
    await subject.log.append(given);
    const handle = (each: LogRecord): OutgoingRecord => {
      try {
        JSON.parse(each.value ?? '');
        return record(output, each.id);
      } catch {
        return record(dead, each.id);
      }
    };
    const options = subject.consumer({
      topics: [input],
      onBatch: ({ records }) => Promise.resolve(records.map(handle)),
    });
    const consumer = await subject.log.consume(options);
    await subject.caughtUp(options.group, [input]);
    await consumer.close();
    expect(await subject.ids(output)).toEqual(['r0', 'r1', 'r3', 'r4']);
    expect(await subject.ids(dead)).toEqual(['r2']);
  });

  test('goal: a batch waits to grow, but not longer than it is full or its time is up', async () => {
    const [full, due] = [await subject.topic(), await subject.topic()];
    const batches: string[] = [];
    const onBatch: ConsumeOptions['onBatch'] = ({ records }) => {
      batches.push(records.map(({ id }) => id).join('+'));
      return Promise.resolve([]);
    };
    const patient = await subject.log.consume(
      subject.consumer({ topics: [full], batchMax: 3, lingerMs: 600_000, onBatch }),
    );
    for (const each of numbered(full, 3)) await subject.log.append([each]);
    await until(() => batches.length > 0);
    expect(batches).toEqual(['r0+r1+r2']);
    await patient.close();
    const hasty = await subject.log.consume(subject.consumer({ topics: [due], lingerMs: 20, onBatch }));
    await subject.log.append([record(due, 'alone')]);
    await until(() => batches.length > 1);
    expect(batches[1]).toBe('alone');
    await hasty.close();
  });

  test('goal: closing lets the batch in flight commit, and begins no other', async () => {
    const [input, output] = [await subject.topic(), await subject.topic()];
    await subject.log.append(numbered(input, 4));
    const [begun, goOn] = [gate(), gate()];
    const steps: string[] = [];
    const options = subject.consumer({
      topics: [input],
      batchMax: 2,
      onRevoked: () => Promise.resolve(void steps.push('revoked')),
      onBatch: async ({ records }, signal) => {
        begun.open();
        await goOn.opened;
        steps.push(`${records.length} handled, ${signal.aborted ? 'lost' : 'kept'}`);
        return copies(output, records);
      },
    });
    const consumer = await subject.log.consume(options);
    await begun.opened;
    const closed = consumer.close();
    goOn.open();
    await closed;
    expect(steps).toEqual(['2 handled, kept', 'revoked']);
    expect(await subject.ids(output)).toEqual(['copy-r0', 'copy-r1']);
    const [place] = await subject.log.lag(options.group, [input]);
    expect((place?.end as number) - (place?.committed as number)).toBe(place?.lag);
    expect(place?.lag).toBeGreaterThanOrEqual(2);
  });
}
