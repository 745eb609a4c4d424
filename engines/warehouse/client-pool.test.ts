import { describe, expect, test } from '@jest/globals';
import { ClientPool } from './client-pool.ts';

function gate(): { readonly opened: Promise<unknown>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  return { opened: promise, open: () => resolve(null) };
}

describe('a pool of clients', () => {
  test('goal: an item has one user at a time, users come in order, and too many are refused', async () => {
    const pool = new ClientPool(['a'], { waitingMax: 2, dispose: async () => undefined });
    const first = gate();
    const log: string[] = [];
    const uses = ['1', '2', '3'].map((user) =>
      pool.run(async () => {
        log.push(`${user} in`);
        if (user === '1') await first.opened;
        log.push(`${user} out`);
      }),
    );
    await expect(pool.run(async () => undefined)).rejects.toThrow('overloaded: 2 calls are waiting already');
    first.open();
    await Promise.all(uses);
    expect(log).toEqual(['1 in', '1 out', '2 in', '2 out', '3 in', '3 out']);
  });

  test('goal: a failing user gives its item back', async () => {
    const pool = new ClientPool(['a'], { waitingMax: 0, dispose: async () => undefined });
    await expect(pool.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await pool.run(async (item) => item)).toBe('a');
  });

  test('goal: closing waits for users and for those who wait, then disposes once and refuses newcomers', async () => {
    const disposed: string[] = [];
    const pool = new ClientPool(['a', 'b'], { waitingMax: 9, dispose: async (item) => void disposed.push(item) });
    const held = gate();
    const uses = [1, 2, 3].map(() => pool.run(() => held.opened));
    const closing = Promise.all([pool.close(), pool.close()]);
    await expect(pool.run(async () => undefined)).rejects.toThrow('has been closed');
    expect(disposed).toEqual([]);
    held.open();
    await Promise.all([...uses, closing]);
    expect(disposed).toEqual(['a', 'b']);
  });
});
