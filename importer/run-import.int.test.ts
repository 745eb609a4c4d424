import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type EmbeddedEngines, openEmbeddedEngines } from '../infra/embedded-engines.ts';
import { HlcClock } from '../runtime/hlc-clock.ts';
import { hlcToIso } from '../schema/hlc.ts';
import type { ImportLineInput } from '../schema/import/line.ts';
import { topics } from '../schema/topics.ts';
import { eraseCreator } from '../subgraphs/creators/commands/erase-creator.ts';
import { ImportFileError, importSource } from './read-import.ts';
import { idOf } from './references.ts';
import { runImport } from './run-import.ts';

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

const register = (name: string, at: string): ImportLineInput => ({
  id: name,
  at,
  do: 'creator.register',
  creator: name,
  username: name,
});

describe('loading a community', () => {
  let engines: EmbeddedEngines;
  const dependencies = () => ({ ...engines, masterKey: randomBytes(32), region: 'test' });
  const reasons = async (): Promise<string[]> => {
    const letters = await engines.eventLog.read({ topic: topics.deadLetters.name, partition: 0, from: 0, limit: 100 });
    return letters.map((record) => (JSON.parse(record.value ?? '') as { reason: string }).reason);
  };

  beforeAll(async () => {
    engines = await openEmbeddedEngines();
  });
  afterAll(() => engines.close());

  test('lines whose time cannot be are put aside with their reason; the clock does not follow them, the others load', async () => {
    const lines = [
      register('old', '1970-01-01T00:00:00Z'),
      register('first', '2019-01-01T10:00:00Z'),
      register('back', '2018-01-01T10:00:00Z'),
      register('far', '2031-01-01T10:00:00Z'),
      register('second', '2019-01-01T13:30:00Z'),
    ];
    const report = await runImport(dependencies(), importSource({ format: 1, community: 'times.example' }, lines));
    expect(report).toMatchObject({ lines: 5, refused: 3, alreadyLoaded: false });
    expect(await reasons()).toEqual(['TOO_OLD', 'OUT_OF_ORDER', 'GAP']);
    expect(await engines.store.count('Creator')).toBe(2);
  });

  test('the import’s clock ticks through every hour between its lines, and once past its end', async () => {
    const [end = 0] = await engines.eventLog.ends(topics.events.name);
    const records = await engines.eventLog.read({ topic: topics.events.name, partition: 0, from: 0, limit: end });
    const hours = records.flatMap((record) => {
      const value = JSON.parse(record.value ?? '') as { tick?: string; wallUs?: number };
      return value.tick === 'replay:times.example' ? [new Date((value.wallUs ?? 0) / 1_000).getUTCHours()] : [];
    });
    expect(hours).toEqual([10, 11, 12, 13, 14]);
  });

  test('what somebody did who was erased in the middle of it is put aside; the others load', async () => {
    const masterKey = randomBytes(32);
    const at = (second: number): string => new Date(Date.UTC(2019, 0, 1) + second * 1_000).toISOString();
    const publish = (by: string, n: number): ImportLineInput => {
      const artifact = `${by}-${n}`;
      return { id: artifact, at: at(n), do: 'artifact.publish', by, artifact, title: `of ${by}`, kind: 'CODE' };
    };
    const lines = [
      register('leaver', at(0)),
      register('stayer', at(0)),
      ...Array.from({ length: 100 }, (_each, n) => publish(n % 2 === 0 ? 'leaver' : 'stayer', n)),
      register('leaver', at(100)),
    ].map((line, n) => ({ ...line, id: `l${n}` }));
    const source = importSource({ format: 1, community: 'leaving.example' }, lines);
    const stop = new AbortController();
    await runImport({ ...dependencies(), masterKey }, source, {
      onProgress: () => stop.abort(),
      signal: stop.signal,
    });
    const id = idOf('leaving.example', 'creator', 'leaver');
    await engines.store.transact(async (tx) => {
      const [creator] = await tx.get('Creator', [id]);
      if (!creator) throw new Error('the first batch is not there');
      const clock = new HlcClock({ node: 'live:test' });
      const actor = { id, source: 'CREATOR' } as const;
      const now = { tx, actor, masterKey, region: 'test', hlc: () => clock.now(), nowIso: hlcToIso(clock.now()) };
      const newId = (): string => randomUUID();
      const { version, props } = creator;
      const answer = await eraseCreator(
        { ...now, newId },
        { expectedVersion: version, confirmUsername: props.username },
      );
      expect(answer.ok).toBe(true);
    });
    const works = await engines.store.count('Artifact');
    const report = await runImport({ ...dependencies(), masterKey }, source);
    expect(report).toMatchObject({ lines: 103, refused: 20 });
    expect((await reasons()).filter((reason) => reason === 'ERASED')).toHaveLength(20);
    expect(await engines.store.count('Artifact')).toBe(works + 19);
  });

  test('what somebody did who was never registered, or was refused, is put aside whatever it is; the others load', async () => {
    let seconds = 0;
    const lines: ImportLineInput[] = [];
    const add = (line: DistributiveOmit<ImportLineInput, 'id' | 'at'>): void => {
      const at = new Date(Date.UTC(2019, 0, 1) + (seconds += 1) * 1_000).toISOString();
      lines.push({ ...line, id: `l${seconds}`, at });
    };
    add({ do: 'creator.register', creator: 'somebody', username: 'somebody' });
    add({ do: 'creator.register', creator: 'namesake', username: 'Somebody' });
    add({ do: 'artifact.publish', by: 'somebody', artifact: 'work', title: 'work', kind: 'CODE' });
    add({ do: 'space.create', by: 'somebody', space: 'place', name: 'place', kind: 'SOCIAL' });
    for (const by of ['namesake', 'stranger']) {
      add({ do: 'artifact.publish', by, artifact: `of ${by}`, title: 'work', kind: 'CODE' });
      add({ do: 'artifact.revise', by, artifact: 'work' });
      add({ do: 'artifact.judge', by, artifact: 'work', polarity: 1 });
      add({ do: 'artifact.accept', by, artifact: 'work' });
      add({ do: 'artifact.contribute', by, artifact: 'work', contribution: 'EDIT' });
      add({ do: 'relationship.follow', by, creator: 'somebody' });
      add({ do: 'relationship.endorse', by, creator: 'somebody', skill: 'poetry' });
      add({ do: 'relationship.mentor', by, mentor: 'somebody', mentee: by });
      add({ do: 'relationship.collaborate', by, with: 'somebody', artifact: 'work' });
      add({ do: 'space.create', by, space: `of ${by}`, name: 'place', kind: 'SOCIAL' });
      add({ do: 'space.join', by, space: 'place' });
      add({ do: 'space.post', by, space: 'place', post: `of ${by}`, body: 'hello' });
    }
    add({ do: 'space.post', by: 'somebody', space: 'place', post: 'last', body: 'hello' });
    const before = (await reasons()).length;
    const report = await runImport(dependencies(), importSource({ format: 1, community: 'ghosts.example' }, lines));
    expect(report).toMatchObject({ lines: 29, refused: 25 });
    expect((await reasons()).slice(before)).toEqual(['TAKEN', ...Array.from({ length: 24 }, () => 'NOT_FOUND')]);
  });

  test('another file under the same name is refused in words', async () => {
    const other = importSource({ format: 1, community: 'times.example' }, [register('third', '2020-01-01T00:00:00Z')]);
    await expect(runImport(dependencies(), other)).rejects.toThrow(ImportFileError);
  });
});
