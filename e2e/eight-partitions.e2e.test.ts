import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { copyKeys, makeDataDir, run } from './platform-process.ts';
import { type Tables, itsOwn, withoutPlace } from './tables.ts';

/** Among them pairs who took turns at the same work: their chain is written by both. */
const lines = 2_000;

describe('a community whose events are spread over eight partitions', () => {
  const [one, eight] = [makeDataDir(), makeDataDir()];
  const fileOf = (directory: string): string => join(directory, 'dump.json');
  const tablesOf = (directory: string): Tables => JSON.parse(readFileSync(fileOf(directory), 'utf8')) as Tables;
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
    const [whole, spread] = [tablesOf(one.path), tablesOf(eight.path)];
    expect(new Set(spread.canonEvents.map((row) => row['log_partition'])).size).toBe(8);
    expect(spread.deadLetters).toBe(whole.deadLetters);
    expect(whole.canonEvents.length).toBeGreaterThan(lines / 2);
    expect(spread.canonEvents.map(withoutPlace)).toEqual(whole.canonEvents.map(withoutPlace));
    expect(spread.canonStatus).toEqual(whole.canonStatus);
  });

  test('goal: private releases are the same, noise included, and so are the evidence about everybody, what it counts, and every score', () => {
    const [whole, spread] = [tablesOf(one.path), tablesOf(eight.path)];
    expect(whole.releases.filter(itsOwn).length).toBeGreaterThan(10);
    expect(spread.releases.filter(itsOwn)).toEqual(whole.releases.filter(itsOwn));
    expect(spread.evidence).toEqual(whole.evidence);
    expect(whole.scores.length).toBeGreaterThan(100);
    expect(spread.scores).toEqual(whole.scores);
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
