import { expect, test } from '@jest/globals';
import { UnknownTopicError } from '../../event-log/port.ts';
import { StoreUnavailableError, type GraphTransaction } from '../port.ts';
import { type Subject, creator, since, topic } from './subject.ts';

/** What holds together, and what others see of it. */
export function transactions(subject: Subject): void {
  const change = (id: string, key = id): Parameters<GraphTransaction['append']>[0] => [
    { topic, key, id: `event-${id}`, value: '{}' },
  ];

  test('goal: a transaction sees its own writes through every verb; nobody else does before it commits', async () => {
    const skill = subject.name('skill');
    const [a] = (await subject.creators(1, [skill])) as [string];
    const b = subject.name('creator');
    const { store } = subject;
    await store.transact(async (tx) => {
      await tx.put({ type: 'Creator', id: b, props: creator(b, { skills: [skill] }) });
      await tx.link({ type: 'FOLLOWS', from: a, to: b, props: { since: since(0) } });
      await tx.append(change(b));
      const list = {
        type: 'Creator',
        where: { skills: skill },
        orderBy: 'usernameKey',
        order: 'asc',
        limit: 9,
      } as const;
      const around = { edge: 'FOLLOWS', direction: 'out', ids: [a], orderBy: 'since', order: 'asc', limit: 9 } as const;
      expect((await tx.get('Creator', [b]))[0]?.version).toBe(1);
      expect(await tx.locate([b])).toEqual(['Creator']);
      expect((await tx.findUnique('Creator', 'usernameKey', [b]))[0]?.id).toBe(b);
      expect((await tx.find(list)).items).toHaveLength(2);
      expect(await tx.count('Creator', { skills: skill })).toBe(2);
      expect((await tx.neighbours(around))[0]?.items).toHaveLength(1);
      expect((await tx.edges('FOLLOWS', [{ from: a, to: b }]))[0]).not.toBeNull();
      expect(await tx.degrees('FOLLOWS', 'in', [b])).toEqual([1]);
      expect(await store.get('Creator', [b])).toEqual([null]);
      expect((await store.find(list)).items).toHaveLength(1);
      expect(await store.degrees('FOLLOWS', 'in', [b])).toEqual([0]);
      expect(await subject.events(b)).toEqual([]);
    });
    expect((await store.get('Creator', [b]))[0]?.version).toBe(1);
    expect(await subject.events(b)).toEqual([`event-${b}`]);
  });

  test('goal: what fails leaves nothing, neither state nor events, and does not disturb who runs beside it', async () => {
    const key = subject.name('key');
    const attempts = Array.from({ length: 40 }, async (_, n) => {
      const id = subject.name('creator');
      const outcome = subject.store.transact(async (tx) => {
        await tx.put({ type: 'Creator', id, props: creator(id) });
        await tx.append(change(id, key));
        if (n % 3 === 1) throw new Error('thought better of it');
        if (n % 3 === 2) await tx.append([{ topic: 'no-such-topic', key: '', id: '', value: null }]);
        return n;
      });
      if (n % 3 === 0) expect(await outcome).toBe(n);
      if (n % 3 === 1) await expect(outcome).rejects.toThrow('thought better of it');
      if (n % 3 === 2) await expect(outcome).rejects.toThrow(UnknownTopicError);
      expect((await subject.store.get('Creator', [id]))[0] !== null).toBe(n % 3 === 0);
      return n % 3 === 0 ? [`event-${id}`] : [];
    });
    const expected = (await Promise.all(attempts)).flat();
    expect([...(await subject.events(key))].sort()).toEqual(expected.sort());
  });

  test('goal: a refusal may be caught inside; what was written before it stands', async () => {
    const [a] = (await subject.creators(1)) as [string];
    const b = subject.name('creator');
    await subject.store.transact(async (tx) => {
      await tx.put({ type: 'Creator', id: b, props: creator(b) });
      await expect(tx.patch('Creator', b, { usernameKey: a })).rejects.toThrow('usernameKey');
      await expect(tx.link({ type: 'FOLLOWS', from: a, to: 'nobody', props: { since: since(0) } })).rejects.toThrow(
        'nobody',
      );
    });
    expect((await subject.store.get('Creator', [b]))[0]?.props.usernameKey).toBe(b);
    expect(await subject.store.degrees('FOLLOWS', 'out', [a])).toEqual([0]);
  });

  test('goal: transactions that read what they write do not lose each other’s updates', async () => {
    const id = subject.name('import');
    const props = { sourceHash: '', lines: 0, refused: 0, done: false, wallUs: 0, counter: 0 };
    await subject.put('ImportProgress', id, props);
    const count = (): Promise<void> =>
      subject.store.transact(async (tx) => {
        const [node] = await tx.get('ImportProgress', [id]);
        await tx.patch('ImportProgress', id, { lines: (node?.props.lines ?? NaN) + 1 });
      });
    await Promise.all(Array.from({ length: 50 }, count));
    expect((await subject.store.get('ImportProgress', [id]))[0]?.props.lines).toBe(50);
  });

  test('goal: a transaction inside a transaction is refused instead of waiting for itself', async () => {
    const nested = subject.store.transact(() => subject.store.transact(() => Promise.resolve(1)));
    await expect(nested).rejects.toThrow(/inside a transaction/);
    expect(await subject.store.transact(() => Promise.resolve(2))).toBe(2);
  });

  test('goal: a transaction that has ended takes nothing any more', async () => {
    const [id] = (await subject.creators(1)) as [string];
    const kept = await subject.store.transact((tx) => Promise.resolve({ tx }));
    await expect(kept.tx.patch('Creator', id, { bio: 'late' })).rejects.toThrow(/ended/);
    await expect(kept.tx.get('Creator', [id])).rejects.toThrow(/ended/);
    expect((await subject.store.get('Creator', [id]))[0]?.props.bio).toBe('');
  });

  test('goal: a closed store says so', async () => {
    const closed = subject.store;
    await subject.reopen();
    await expect(closed.get('Creator', ['x'])).rejects.toThrow(StoreUnavailableError);
    await expect(closed.transact(() => Promise.resolve())).rejects.toThrow(StoreUnavailableError);
    await closed.close();
  });
}
