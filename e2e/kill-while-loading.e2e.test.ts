import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { copyKeys, makeDataDir, run } from './platform-process.ts';

const lines = 2_500;
/** Fractions of the load at which the process is killed, the last one while processors and sinks catch up. */
const killsAtLine = [200, 1_300, 2_500];

type Dump = Readonly<Record<string, unknown>>;

describe('a load that is killed with -9 again and again', () => {
  const [calm, disturbed] = [makeDataDir(), makeDataDir()];
  const fileOf = (directory: string): string => join(directory, 'dump.json');
  const dumpOf = (directory: string): Dump => JSON.parse(readFileSync(fileOf(directory), 'utf8')) as Dump;
  const start = (directory: string) =>
    run('e2e/load-and-dump.ts', [String(lines), fileOf(directory)], { DATA_DIR: directory });

  beforeAll(async () => {
    const undisturbed = start(calm.path);
    expect([await undisturbed.ended, undisturbed.said()]).toEqual([0, expect.any(String)]);
    // The same secret keys, so that noise is the same: it depends on key, window and input only.
    copyKeys(calm.path, disturbed.path);
    for (const line of killsAtLine) {
      const victim = start(disturbed.path);
      await victim.until(new RegExp(`line (${line === lines ? lines : `(?:${atLeast(line)})`})\\n`));
      victim.child.kill('SIGKILL');
      await victim.ended;
      expect(existsSync(fileOf(disturbed.path))).toBe(false);
    }
    const survivor = start(disturbed.path);
    expect([await survivor.ended, survivor.said()]).toEqual([0, expect.any(String)]);
  }, 180_000);

  afterAll(() => {
    calm.remove();
    disturbed.remove();
  });

  test.each(['canonEvents', 'canonStatus', 'scores', 'evidence', 'releases', 'deadLetters', 'nodes'])(
    'ends with the same %s as an undisturbed run',
    (part) => {
      const [expected, actual] = [dumpOf(calm.path)[part], dumpOf(disturbed.path)[part]];
      if (Array.isArray(expected)) expect(expected.length).toBeGreaterThan(10);
      expect(actual).toEqual(expected);
    },
  );
});

/** Progress comes in steps of a transaction: any step from this line on. */
function atLeast(line: number): string {
  const steps = Array.from({ length: 200 }, (_, step) => (step + 1) * 64);
  return steps.filter((done) => done >= line).join('|');
}
