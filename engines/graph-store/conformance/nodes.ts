import { expect, test } from '@jest/globals';
import { MissingNodeError, UniqueConflictError, VersionConflictError } from '../port.ts';
import { type Subject, artifact, creator, post } from './subject.ts';

/** Single nodes: versions, uniqueness, removal. */
export function nodes(subject: Subject): void {
  test('goal: a node comes back as it went in, in the order asked, also after a restart', async () => {
    const [a, b] = [subject.name('creator'), subject.name('artifact')];
    const person = creator(a, { displayName: 'é漢😀 "\\', skills: ['x', 'y'], bio: '\n\t' });
    const work = artifact({ credits: [{ creatorId: a, sharePercent: 12.5 }], revision: 2 ** 40, tags: ['ü'] });
    expect(await subject.put('Creator', a, person)).toBe(1);
    expect(await subject.put('Artifact', b, work)).toBe(1);
    expect(await subject.put('Creator', a, person)).toBe(2);
    await subject.reopen();
    const node = { type: 'Creator', id: a, version: 2, props: person };
    expect(await subject.store.get('Creator', [a, 'nobody', b, a])).toEqual([node, null, null, node]);
    expect(await subject.store.get('Artifact', [b])).toEqual([{ type: 'Artifact', id: b, version: 1, props: work }]);
    expect(await subject.store.locate([b, 'nobody', a])).toEqual(['Artifact', null, 'Creator']);
  });

  test('goal: nodes of two types may share an id; people’s types are named before the platform’s own', async () => {
    const id = subject.name('shared');
    await subject.put('ChainHead', id, { entityVersion: 1, hash: 'h', eventId: 'e' });
    await subject.put('Creator', id, creator(id));
    expect(await subject.store.locate([id])).toEqual(['Creator']);
    await subject.store.transact((tx) => tx.remove('Creator', id));
    expect(await subject.store.locate([id])).toEqual(['ChainHead']);
  });

  test('goal: an expected version is kept to; 0 demands a new node; of many at a time one wins', async () => {
    const id = subject.name('creator');
    const put = (expectedVersion: number): Promise<number> =>
      subject.store.transact((tx) => tx.put({ type: 'Creator', id, props: creator(id), expectedVersion }));
    await expect(put(1)).rejects.toMatchObject({ name: 'VersionConflictError', actual: 0 });
    expect(await put(0)).toBe(1);
    await expect(put(0)).rejects.toMatchObject({ name: 'VersionConflictError', actual: 1 });
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => put(1)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(VersionConflictError);
    }
    expect((await subject.store.get('Creator', [id]))[0]?.version).toBe(2);
  });

  test('goal: a patch changes what it names and no version', async () => {
    const [id] = (await subject.creators(1)) as [string];
    await subject.store.transact((tx) => tx.patch('Creator', id, { bio: 'new', skills: ['z'] }));
    const [node] = await subject.store.get('Creator', [id]);
    expect(node).toEqual({ type: 'Creator', id, version: 1, props: creator(id, { bio: 'new', skills: ['z'] }) });
    const missing = subject.store.transact((tx) => tx.patch('Creator', 'nobody', { bio: '' }));
    await expect(missing).rejects.toThrow(MissingNodeError);
  });

  test('goal: a removed node is gone from everywhere, with its edges; removing nobody is no error', async () => {
    const skill = subject.name('skill');
    const [a, b] = (await subject.creators(2, [skill])) as [string, string];
    await subject.store.transact(async (tx) => {
      await tx.link({ type: 'FOLLOWS', from: a, to: b, props: { since: '1' } });
      await tx.link({ type: 'FOLLOWS', from: b, to: a, props: { since: '1' } });
    });
    await subject.store.transact(async (tx) => {
      await tx.remove('Creator', a);
      await tx.remove('Creator', 'nobody');
    });
    expect(await subject.store.get('Creator', [a])).toEqual([null]);
    expect(await subject.store.findUnique('Creator', 'usernameKey', [a])).toEqual([null]);
    expect(await subject.store.count('Creator', { skills: skill })).toBe(1);
    expect(await subject.store.degrees('FOLLOWS', 'both', [a, b])).toEqual([0, 0]);
    expect(await subject.store.edges('FOLLOWS', [{ from: b, to: a }])).toEqual([null]);
    expect(await subject.put('Creator', a, creator(a))).toBe(1);
    expect(await subject.store.degrees('FOLLOWS', 'both', [a])).toEqual([0]);
  });

  test('goal: a unique value belongs to one node until that lets go of it, whoever asks at the same time', async () => {
    const [a, b, key] = [subject.name('creator'), subject.name('creator'), subject.name('key')];
    const taken = creator(b, { usernameKey: key });
    const outcomes = await Promise.allSettled([
      subject.put('Creator', a, creator(a, { usernameKey: key })),
      subject.put('Creator', b, taken),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const winner = outcomes[0].status === 'fulfilled' ? a : b;
    const loser = winner === a ? b : a;
    await expect(subject.put('Creator', loser, creator(loser, { usernameKey: key }))).rejects.toMatchObject({
      name: 'UniqueConflictError',
      property: 'usernameKey',
    });
    expect(await subject.store.get('Creator', [loser])).toEqual([null]);
    await subject.put('Creator', loser, creator(loser));
    const patched = subject.store.transact((tx) => tx.patch('Creator', loser, { usernameKey: key }));
    await expect(patched).rejects.toThrow(UniqueConflictError);
    expect(await subject.put('Creator', winner, creator(winner, { usernameKey: key, bio: 'same key' }))).toBe(2);
    await subject.put('Creator', winner, creator(winner));
    await subject.put('Creator', loser, creator(loser, { usernameKey: key }));
    const found = await subject.store.findUnique('Creator', 'usernameKey', ['nobody', key, winner]);
    expect(found.map((node) => node?.id ?? null)).toEqual([null, loser, winner]);
    await subject.store.transact((tx) => tx.remove('Creator', loser));
    expect(await subject.store.findUnique('Creator', 'usernameKey', [key])).toEqual([null]);
  });

  test('goal: values that trade places in one transaction do not collide', async () => {
    const [a, b] = (await subject.creators(2)) as [string, string];
    await subject.store.transact(async (tx) => {
      await tx.patch('Creator', a, { usernameKey: `${a}-aside` });
      await tx.patch('Creator', b, { usernameKey: a });
      await tx.patch('Creator', a, { usernameKey: b });
    });
    const found = await subject.store.findUnique('Creator', 'usernameKey', [a, b, `${a}-aside`]);
    expect(found.map((node) => node?.id ?? null)).toEqual([b, a, null]);
  });

  test('goal: only what the catalogue calls unique is found by value', async () => {
    await expect(subject.store.findUnique('Creator', 'displayName', ['x'])).rejects.toThrow(/Creator\.displayName/);
    await expect(subject.put('Post', 'with\0nul', post('s', '1'))).rejects.toThrow(RangeError);
  });
}
