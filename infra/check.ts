/** `npm run check [-- NAME…]`: everything about the repository that needs no test run, two checks at a time. */
import { spawn } from 'node:child_process';
import { delimiter, join, resolve } from 'node:path';

interface Check {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly mend: string;
}

interface Outcome {
  readonly check: Check;
  readonly output: string;
  readonly passed: boolean;
}

const repository = resolve(import.meta.dirname, '..');
const concurrency = 2;

/** Slowest first, so that the two lanes end together. */
const checks: readonly Check[] = [
  {
    name: 'lint',
    command: ['eslint', '.', '--max-warnings=0'],
    mend: '`npm run lint -- --fix` mends some; the rest by hand',
  },
  { name: 'types', command: ['tsc', '--noEmit', '--pretty', 'false'], mend: 'mend the types named above' },
  {
    name: 'dead code',
    command: ['knip', '--no-progress'],
    mend: 'delete what nothing uses, or stop exporting it; dependencies: package.json',
  },
  { name: 'format', command: ['prettier', '--check', '.'], mend: '`npm run format`' },
  {
    name: 'generated types',
    command: ['node', 'infra/generated-fresh.ts'],
    mend: '`npm run codegen`, then commit the files',
  },
  {
    name: 'boundaries',
    command: ['depcruise', '.'],
    mend: 'import what ARCHITECTURE.md allows that folder: a port, schema/, runtime/',
  },
  {
    name: 'supergraph',
    command: ['node', 'schema/compose.ts', '--check'],
    mend: '`npm run codegen`, then commit the files',
  },
];

function run(check: Check): Promise<Outcome> {
  const { promise, resolve: done } = Promise.withResolvers<Outcome>();
  const startedMs = performance.now();
  const [program, ...args] = check.command;
  const PATH = [join(repository, 'node_modules/.bin'), process.env['PATH']].join(delimiter);
  const child = spawn(program, args, {
    cwd: repository,
    env: { ...process.env, PATH, NO_COLOR: '1', FORCE_COLOR: undefined },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: Buffer[] = [];
  const finish = (passed: boolean, note = ''): void => {
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    console.log(`${passed ? '✓' : '✗'} ${check.name.padEnd(16)} ${seconds.padStart(5)} s`);
    done({ check, passed, output: Buffer.concat(chunks).toString() + note });
  };
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.once('error', (error) => finish(false, `${error.message}: run \`npm install\``));
  child.once('close', (code, signal) => finish(code === 0, signal === null ? '' : `ended by ${signal}`));
  return promise;
}

/** Runs the checks, `concurrency` at a time. */
async function runAll(chosen: readonly Check[]): Promise<readonly Outcome[]> {
  const waiting = chosen.values();
  const outcomes: Outcome[] = [];
  const lane = async (): Promise<void> => {
    for (const check of waiting) outcomes.push(await run(check));
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return outcomes;
}

function choose(names: readonly string[]): readonly Check[] {
  const unknown = names.filter((name) => !checks.some((check) => check.name === name));
  if (unknown.length === 0) return names.length === 0 ? checks : checks.filter(({ name }) => names.includes(name));
  console.error(
    `no check is called ${unknown.join(', ')}; there are: ${checks.map(({ name }) => `'${name}'`).join(', ')}`,
  );
  process.exit(2);
}

const outcomes = await runAll(choose(process.argv.slice(2)));
const failed = outcomes.filter(({ passed }) => !passed);
for (const { check, output } of failed) {
  console.log(`\n── ${check.name}: ${check.command.join(' ')}\n${output.trim()}\n→ ${check.mend}`);
}
console.log(
  failed.length === 0
    ? `all ${outcomes.length} checks passed`
    : `\nfailed checks: ${failed.map(({ check }) => check.name).join(', ')}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
