/** `npm test [-- ARGUMENTS OF JEST]`: every test that needs no server, two files at a time (those on servers, one), closed by one line that counts them. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type JestReport, summarise } from './test-summary.ts';

const repository = resolve(import.meta.dirname, '..');
const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
/** One after the other on servers, which they share and which want a core for themselves. */
const workers = process.env['VCOS_TEST_ENGINES'] === 'true' ? 1 : 2;

/** How long jest and what tests started may take to end after the last test. */
const exitMsMax = 10_000;

/** What jest says when a test leaves timers, sockets or threads behind. */
const leaks = {
  worker: 'A worker process has failed to exit gracefully',
  main: 'Jest did not exit one second after the test run has completed',
};

interface Run {
  readonly processGroup: number;
  readonly faults: readonly string[];
}

/** Runs jest in a process group of its own and passes on what it says. */
async function runJest(reportFile: string, args: readonly string[]): Promise<Run> {
  const nodeOptions = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const jestOptions = [`--maxWorkers=${workers}`, '--json', `--outputFile=${reportFile}`];
  const child = spawn(process.execPath, [...nodeOptions, jest, ...jestOptions, ...args], {
    cwd: repository,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    // Tests start the platform some dozens of times: what the first has compiled, the others read.
    env: { ...process.env, NODE_COMPILE_CACHE: join(dirname(reportFile), 'modules') },
  });
  const processGroup = child.pid ?? 0;
  const faults: string[] = [];
  let told = '';
  let hung: NodeJS.Timeout | undefined;
  child.stderr.on('data', (chunk: Buffer) => {
    process.stderr.write(chunk);
    told = (told + chunk.toString()).slice(-10_000);
    if (told.includes(leaks.main)) hung ??= setTimeout(() => endGroup(processGroup), exitMsMax);
    if (told.includes(leaks.worker) && faults.length === 0) faults.push('a worker did not end after its last test');
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => endGroup(processGroup));
  const { promise: ended, resolve: end } = Promise.withResolvers<NodeJS.Signals | null>();
  child.once('exit', (_code, signal) => end(signal));
  const signal = await ended;
  clearTimeout(hung);
  if (signal !== null) faults.push(`jest was ended by ${signal}${hung ? ': it did not end after its last test' : ''}`);
  return { processGroup, faults };
}

function endGroup(processGroup: number): void {
  try {
    process.kill(-processGroup, 'SIGKILL');
  } catch {
    // It has ended by itself meanwhile.
  }
}

/** Command lines of the group's processes that still run (one that only waits to be reaped does not). */
function running(processGroup: number): readonly string[] {
  const ps = spawnSync('ps', ['-e', '-o', 'pgid=,stat=,args='], { encoding: 'utf8' });
  // Images without procps have no ps: there, what tests leave behind goes unnoticed.
  if (ps.error) return [];
  return ps.stdout
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line))
    .filter((match) => Number(match?.[1]) === processGroup && !match?.[2]?.startsWith('Z'))
    .map((match) => match?.[3] ?? '');
}

/** Ends what tests started and did not end; gives one line for each. */
async function leftBehind(processGroup: number): Promise<readonly string[]> {
  const deadline = Date.now() + exitMsMax;
  while (running(processGroup).length > 0 && Date.now() < deadline) await sleep(100);
  const left = running(processGroup);
  if (left.length > 0) endGroup(processGroup);
  return left.map((command) => `a test left this process behind: ${command}`);
}

function readReport(file: string): JestReport | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as JestReport;
  } catch {
    return null;
  }
}

if (process.env['JEST_WORKER_ID'] !== undefined)
  throw new Error('infra/test.ts starts jest: a test must not import it');

const directory = mkdtempSync(join(tmpdir(), 'vcos-test-report-'));
try {
  const reportFile = join(directory, 'report.json');
  const run = await runJest(reportFile, process.argv.slice(2));
  const faults = [...run.faults, ...(await leftBehind(run.processGroup))];
  const report = readReport(reportFile);
  for (const fault of faults) console.error(`failed: ${fault}`);
  if (report === null) console.error('failed: jest wrote no report; what it said stands above');
  else if (report.numPassedTests === 0) console.error('no test passed: look at the arguments');
  const summary = summarise(report, faults);
  console.log(summary.line);
  process.exitCode = summary.passed ? 0 : 1;
} finally {
  rmSync(directory, { recursive: true, maxRetries: 3 });
}
