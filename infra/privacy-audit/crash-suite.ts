/**
 * Kills the privacy processors at every transition of the ledger, again and again, in chains: each process takes up what the one before left, until the three days are through. After each kill everything
 * on the log must verify, nothing that was said may have changed, and at a chain's end all values and charges must be those of a run that nobody disturbed.
 */
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { metrics } from '../../schema/metrics/catalogue.ts';
import { verifyReleases } from '../../streams/privacy/verify-export.ts';
import { crashEdits } from './crash-edits.ts';
import { type Left, isKeyDestroyed, layKeys, leftIn, storedIn } from './crash-run.ts';

export interface CrashReport {
  readonly kills: number;
  /** Kills by the point at which the process died. */
  readonly byPoint: ReadonlyMap<string, number>;
  readonly chains: number;
  readonly faults: readonly string[];
}

/** In a process of its own: the bundler does not run inside of jest's realms. */
const bundler = resolve(import.meta.dirname, 'crash-bundle.ts');

/** Resolves with whether the process was killed; rejects where it failed by itself. */
async function runWorker(
  directory: string,
  options: { readonly worker: string; readonly crashAt: string; readonly warehouse: boolean },
): Promise<boolean> {
  const { worker, crashAt, warehouse } = options;
  const child = spawn(process.execPath, [worker, directory, ...(warehouse ? ['warehouse'] : [])], {
    // Compiled code is kept beside the worker: most of what is left of a start.
    env: { ...process.env, CRASH_AT: crashAt, NODE_OPTIONS: '', NODE_COMPILE_CACHE: `${worker}.compiled` },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const { promise, resolve: done, reject } = Promise.withResolvers<[number | null, NodeJS.Signals | null]>();
  child.once('error', reject);
  child.once('close', (code, signal) => done([code, signal]));
  const [code, signal] = await promise;
  if (signal === 'SIGKILL') return true;
  if (code === 0) return false;
  throw new Error(`a worker that was to be killed at ${crashAt} failed: ${said.slice(-2_000)}`);
}

/** A number from 0 to below `limit` that follows from a seed. */
const chosen = (seed: string, limit: number): number =>
  createHash('sha256').update(seed).digest().readUInt32BE() % limit;

/** Where the process of a seed dies. Points of a batch are passed some forty times in a run, those of a window nearly two hundred: a chain takes a dozen kills. */
function crashOf(seed: string): string {
  const { name, file } = crashEdits[chosen(`${seed} point`, crashEdits.length)] ?? { name: 'sealed', file: '' };
  const often = file.includes('publish-window') ? 30 : 6;
  return `${name}:${1 + chosen(`${seed} count`, name === 'key destroyed' ? 1 : name === 'rooted' ? 3 : often)}`;
}

function faultsOf(left: Left, before: Left | null): readonly string[] {
  const { faults } = verifyReleases(left, { metrics, publicKey: null });
  const changed = (before?.texts ?? []).flatMap((texts, n) =>
    texts.some((text, at) => left.texts[n]?.[at] !== text)
      ? ['something that had been committed is another or gone']
      : [],
  );
  return [...faults, ...changed];
}

/** What an undisturbed run says, whatever the time at which it ran. */
const sayings = ({ ledger, releases, roots }: Left): string =>
  JSON.stringify([
    ledger.map(({ releaseId, state, day, rho, delta, commitment }) => [releaseId, state, day, rho, delta, commitment]),
    releases.map(({ release_id, value, low, high }) => [release_id, value, low, high]),
    roots.map(({ day, seq, closesEpoch }) => [day, seq, closesEpoch]),
  ]);

interface Chain {
  readonly name: string;
  readonly root: string;
  readonly worker: string;
  readonly warehouse: boolean;
  /** Seeds that the chain may use up. */
  readonly seeds: Iterator<string>;
  readonly byPoint: Map<string, number>;
}

/** Kills until the days are through or the seeds are used up; the last process is not killed. */
async function runChain({ name, root, worker, warehouse, seeds, byPoint }: Chain): Promise<readonly string[]> {
  const [directory, calm] = ['killed', 'calm'].map((kind) => join(root, `${name}-${kind}`)) as [string, string];
  for (const each of [directory, calm]) {
    mkdirSync(each, { recursive: true });
    layKeys(each, name);
  }
  await runWorker(calm, { worker, crashAt: '', warehouse: false });
  const expected = sayings(await leftIn(calm));
  const faults: string[] = [];
  let before: Left | null = null;
  for (let killed = true; killed;) {
    const seed = seeds.next();
    const crashAt = seed.done === true ? '' : crashOf(seed.value);
    killed = await runWorker(directory, { worker, crashAt, warehouse });
    const left: Left = await leftIn(directory);
    const point = crashAt.split(':')[0] ?? '';
    if (killed) byPoint.set(point, (byPoint.get(point) ?? 0) + 1);
    faults.push(...faultsOf(left, before).map((fault) => `${name}, after ${crashAt || 'the end'}: ${fault}`));
    if (warehouse)
      faults.push(
        ...(await warehouseFaults(directory, left, killed)).map((fault) => `${name}, after ${crashAt}: ${fault}`),
      );
    before = left;
  }
  if (before && sayings(before) !== expected)
    faults.push(`${name}: it ends with other values or charges than a run that nobody disturbed`);
  if (!isKeyDestroyed(directory)) faults.push(`${name}: the key of the month that ended is still there`);
  for (const each of [directory, calm]) rmSync(each, { recursive: true, force: true });
  return faults;
}

/** No row of the warehouse without one on the ledger, and in the end all of them. */
async function warehouseFaults(directory: string, left: Left, killed: boolean): Promise<readonly string[]> {
  const stored = await storedIn(directory);
  const [ids, hashes] = [
    new Set(left.releases.map(({ release_id }) => release_id)),
    new Set(left.ledger.map(({ hash }) => hash)),
  ];
  const faults: string[] = [];
  if (stored.releases.some((id) => !ids.has(id))) faults.push('the warehouse has a release that no ledger row seals');
  if (stored.ledger.some((hash) => !hashes.has(hash)))
    faults.push('the warehouse has a ledger row that the ledger has not');
  if (!killed && (stored.releases.length !== ids.size || stored.ledger.length !== hashes.size))
    faults.push('the warehouse lacks rows in the end');
  return faults;
}

/** `seeds` seeds, in chains, two at a time; every sixteenth chain writes to the warehouse as well, which takes five times as long. */
export async function crashSuite(options: {
  readonly seeds: number;
  /** With another name the seeds are others: other places to die, other noise. */
  readonly name?: string;
  readonly lanes?: number;
  readonly warehouse?: boolean;
}): Promise<CrashReport> {
  const { seeds, name = 'audit', lanes = 2, warehouse = true } = options;
  const root = mkdtempSync(join(tmpdir(), 'vcos-test-crash-'));
  const byPoint = new Map<string, number>();
  const waiting = Array.from({ length: seeds }, (_, n) => `${name} ${n}`).values();
  const faults: string[] = [];
  let [chains, used] = [0, 0];
  const counted: Iterator<string> = {
    next: () => {
      const each = waiting.next();
      if (each.done !== true) used += 1;
      return each;
    },
  };
  try {
    const worker = join(root, 'worker', 'worker.mjs');
    await promisify(execFile)(process.execPath, [bundler, worker]);
    const lane = async (): Promise<void> => {
      while (used < seeds) {
        const n = chains++;
        faults.push(
          ...(await runChain({
            name: `${name}-${n}`,
            root,
            worker,
            warehouse: warehouse && n % 16 === 4,
            seeds: counted,
            byPoint,
          })),
        );
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  return { kills: [...byPoint.values()].reduce((sum, count) => sum + count, 0), byPoint, chains, faults };
}
