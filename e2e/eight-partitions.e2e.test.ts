import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { copyKeys, makeDataDir, run } from './platform-process.ts';

/** Among them pairs who took turns at the same work: their chain is written by both. */
const lines = 2_000;
type Row = Readonly<Record<string, unknown>>;
type Dump = Readonly<Record<'canonEvents' | 'canonStatus' | 'releases' | 'evidence' | 'scores', readonly Row[]>> & {
  readonly deadLetters: number;
};

/** Of an event's row what does not say in which partition it lies. */
function withoutPlace({ log_partition: _partition, log_offset: _offset, ...row }: Row): Row {
  return row;
}

/** Scores are a function of the order in which evidence arrives, which several partitions do not fix: what is evidence, about whom, must be the same. */
function withoutTrust({ creator_id, dimension, event_id, rule, source_id, weight }: Row): Row {
  return { creator_id, dimension, event_id, rule, source_id, weight };
}

/** Windows of the community's own time: at a full hour the live clock closes one more. */
const itsOwn = ({ start }: Row): boolean => String(start) < '2020';

describe('a community whose events are spread over eight partitions', () => {
  const [one, eight] = [makeDataDir(), makeDataDir()];
  const fileOf = (directory: string): string => join(directory, 'dump.json');
  const dumpOf = (directory: string): Dump => JSON.parse(readFileSync(fileOf(directory), 'utf8')) as Dump;
  const load = async (dataDir: string, partitions: number): Promise<void> => {
    const { ended, said } = run('e2e/load-and-dump.ts', [String(lines), fileOf(dataDir)], {
      DATA_DIR: dataDir,
      EVENT_PARTITIONS: String(partitions),
    });
    expect([await ended, said()]).toEqual([0, expect.any(String)]);
  };

  beforeAll(async () => {
    await load(one.path, 1);
    // The same secret keys, so that noise is the same: it depends on key, window and input only.
    copyKeys(one.path, eight.path);
    await load(eight.path, 8);
  }, 180_000);

  afterAll(() => {
    one.remove();
    eight.remove();
  });

  test('goal: no entity’s chain is spread: nothing more is refused, and canon says the same of every event', () => {
    const [whole, spread] = [dumpOf(one.path), dumpOf(eight.path)];
    expect(new Set(spread.canonEvents.map((row) => row['log_partition'])).size).toBe(8);
    expect(spread.deadLetters).toBe(whole.deadLetters);
    expect(whole.canonEvents.length).toBeGreaterThan(lines / 2);
    expect(spread.canonEvents.map(withoutPlace)).toEqual(whole.canonEvents.map(withoutPlace));
    expect(spread.canonStatus).toEqual(whole.canonStatus);
  });

  test('goal: private releases are the same, noise included, and so is the evidence about everybody', () => {
    const [whole, spread] = [dumpOf(one.path), dumpOf(eight.path)];
    expect(whole.releases.filter(itsOwn).length).toBeGreaterThan(10);
    expect(spread.releases.filter(itsOwn)).toEqual(whole.releases.filter(itsOwn));
    expect(spread.evidence.map(withoutTrust)).toEqual(whole.evidence.map(withoutTrust));
  });

  test('goal: every chain and every partition’s tree verifies', async () => {
    const { ended, said } = run('main.ts', ['verify-canon'], { DATA_DIR: eight.path });
    expect([await ended, said()]).toEqual([0, expect.any(String)]);
  });

  test('goal: a start that asks for more partitions than there are is refused in words', async () => {
    const { ended, said } = run('main.ts', [], { DATA_DIR: one.path, EVENT_PARTITIONS: '8' });
    expect(await ended).toBe(1);
    expect(said()).toMatch(/^topic vcos\.events has 1 partitions and 8 are asked for.*EVENT_PARTITIONS=1/);
  });
});
