import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { type Mutant, control, foundMark, mutants } from './mutants.ts';

export interface Verdict {
  readonly mutant: string;
  /** The audit finds mistakes, and nothing where there is none. */
  readonly right: boolean;
  /** What the audit found; null for nothing. */
  readonly foundBy: string | null;
  readonly seconds: number;
}

const folder = import.meta.dirname;
/** A mutant that hangs is no find. Generous: it counts by the clock, and others may keep the cores busy. */
const secondsMax = 1_800;

/** Runs the quick audit with one mistake in the code. Rejects where the mutant cannot be made or the audit cannot run: that is no find. */
async function judge(mutant: Mutant): Promise<Verdict> {
  const startedMs = performance.now();
  const args = [
    '--disable-warning=ExperimentalWarning',
    '--import',
    resolve(folder, 'mutate.ts'),
    resolve(folder, 'judge-mutant.ts'),
  ];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, MUTANT: mutant.name, NODE_OPTIONS: '' },
    timeout: secondsMax * 1_000,
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
  const { promise, resolve: done, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject);
  child.once('close', done);
  const code = await promise;
  if (code !== 0) throw new Error(`mutant "${mutant.name}" did not run: ${said.stderr.slice(-2_000)}`);
  const seconds = (performance.now() - startedMs) / 1_000;
  const line = said.stdout.split('\n').findLast((each) => each.startsWith(foundMark));
  const foundBy = line?.slice(foundMark.length) ?? null;
  return { mutant: mutant.name, right: (foundBy === null) === (mutant.name === control), foundBy, seconds };
}

/** Judges mutants (all, or those of the given names), two at a time, and tells each verdict as it comes. */
export async function judgeMutants(
  names: readonly string[] | null,
  tell: (verdict: Verdict) => void,
): Promise<readonly Verdict[]> {
  const waiting = mutants.filter(({ name }) => names === null || names.includes(name)).values();
  const verdicts: Verdict[] = [];
  const lane = async (): Promise<void> => {
    for (const mutant of waiting) {
      const verdict = await judge(mutant);
      verdicts.push(verdict);
      tell(verdict);
    }
  };
  await Promise.all([lane(), lane()]);
  return verdicts;
}
