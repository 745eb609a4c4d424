/**
 * `npm run audit:privacy [-- PART…]`: tries to catch the platform giving away more about people than it says. Without parts all of them run. Ends with 1 where something is found, or where a mistake
 * that was made on purpose is not. `--seed TEXT` draws other noise and kills at other places (by default every run is the same), `--seeds N` is how often the crash suite tries to kill.
 */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { parseArguments } from '../parse-arguments.ts';
import { auditParts } from './audit.ts';
import { crashSuite } from './crash-suite.ts';
import { deltaShown } from './games.ts';
import { leakScan } from './leak-scan.ts';
import { judgeMutants } from './mutation-suite.ts';
import { mutants } from './mutants.ts';

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const mark = (good: boolean): string => (good ? 'ok    ' : 'FAILED');

function audit(seed: string): boolean {
  let good = true;
  for (const { name, seconds, faults, played, days } of auditParts('WHOLE', seed)) {
    print(`${mark(faults.length === 0)} ${seconds.toFixed(1).padStart(6)} s  ${name}`);
    for (const fault of faults) print(`       ${fault}`);
    good &&= faults.length === 0;
    if (!played) continue;
    print(`       ${days ?? 0} days with the group and as many without; epsilon of one account-day at ${deltaShown}:`);
    print(`       ${'metric'.padEnd(28)} claimed  proved at least  estimated`);
    for (const { metric, claimed, atLeast, estimated } of played)
      print(
        `       ${metric.padEnd(28)} ${claimed.toFixed(4)}  ${atLeast.toFixed(4).padStart(15)}  ${estimated.toFixed(4).padStart(9)}`,
      );
  }
  return good;
}

async function mutation(): Promise<boolean> {
  const verdicts = await judgeMutants(null, ({ mutant, right, foundBy, seconds }) =>
    print(
      `${mark(right)} ${seconds.toFixed(1).padStart(6)} s  ${mutant}: ${(foundBy ?? 'the audit finds nothing').slice(0, 150)}`,
    ),
  );
  const right = verdicts.filter((verdict) => verdict.right).length;
  print(
    `${mark(right === mutants.length)} ${right - 1} of ${mutants.length - 1} mistakes are found, and none where there is none`,
  );
  return right === mutants.length;
}

async function crashes(seeds: number, name: string): Promise<boolean> {
  const { kills, byPoint, chains, faults } = await crashSuite({ seeds, name });
  print(
    `${mark(faults.length === 0)} ${kills} kills with SIGKILL in ${chains} chains of ${seeds} seeds; by the step that had just been done:`,
  );
  print(`       ${[...byPoint].map(([point, count]) => `${point} ${count}`).join(', ')}`);
  for (const fault of faults.slice(0, 20)) print(`       ${fault}`);
  return faults.length === 0;
}

async function leaks(): Promise<boolean> {
  const { rows, logLines, faults } = await leakScan();
  print(
    `${mark(faults.length === 0)} no canary and no exact count in ${rows} rows of analytics, ${logLines} log lines and the metrics`,
  );
  for (const fault of faults) print(`       ${fault}`);
  return faults.length === 0;
}

type PartName = 'games' | 'mutants' | 'crashes' | 'leaks';
interface Options {
  readonly seed: string;
  readonly crashSeeds: number;
}
const parts: Readonly<Record<PartName, (options: Options) => boolean | Promise<boolean>>> = {
  games: ({ seed }) => audit(seed),
  mutants: mutation,
  crashes: ({ crashSeeds, seed }) => crashes(crashSeeds, seed),
  leaks,
};
const isPart = (name: string): name is PartName => Object.hasOwn(parts, name);

/** The games keep one core busy with mathematics: beside other parts they run in a process of their own, and tell at their end. */
async function gamesBeside(seed: string, signal: AbortSignal): Promise<boolean> {
  const args = ['--disable-warning=ExperimentalWarning', import.meta.filename, 'games', '--seed', seed];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], signal });
  const { promise: ended, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject);
  child.once('close', resolve);
  const [said, code] = await Promise.all([text(child.stdout), ended]);
  process.stdout.write(said);
  return code === 0;
}

async function runInTurn(wanted: readonly PartName[], options: Options): Promise<boolean> {
  let good = true;
  for (const name of wanted) good = (await parts[name](options)) && good;
  return good;
}

async function runParts(wanted: readonly PartName[], options: Options): Promise<boolean> {
  if (wanted.length === 1 || !wanted.includes('games')) return runInTurn(wanted, options);
  const others = wanted.filter((name) => name !== 'games');
  const failed = new AbortController();
  const games = gamesBeside(options.seed, failed.signal);
  try {
    const good = await runInTurn(others, options);
    return (await games) && good;
  } catch (error) {
    // Nothing is left running behind what failed; that the games were cut off is no news then.
    failed.abort();
    await games.catch(() => undefined);
    throw error;
  }
}

const { values, positionals } = parseArguments({
  allowPositionals: true,
  options: { seed: { type: 'string', default: 'audit' }, seeds: { type: 'string', default: '1000' } },
});
const wanted = positionals.length === 0 ? Object.keys(parts) : positionals;
const crashSeeds = Number(values.seeds);
if (!wanted.every(isPart)) {
  process.stderr.write(
    `no part is called ${wanted.filter((name) => !isPart(name)).join(', ')}; there are: ${Object.keys(parts).join(', ')}\n`,
  );
  process.exitCode = 2;
} else if (!Number.isSafeInteger(crashSeeds) || crashSeeds < 1) {
  process.stderr.write(`--seeds ${values.seeds}: how many seeds the crash suite takes, at least 1\n`);
  process.exitCode = 2;
} else {
  const startedMs = performance.now();
  const good = await runParts(wanted, { seed: values.seed, crashSeeds });
  print(
    `${good ? 'the audit found nothing' : 'THE AUDIT FAILED'} in ${((performance.now() - startedMs) / 1_000).toFixed(0)} s`,
  );
  process.exitCode = good ? 0 : 1;
}
