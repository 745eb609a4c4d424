/** Everything that CI tests: `npm test`, then `npm run test:engines` where Java and Maven bring the servers. Closed by one line that counts both. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArguments } from './parse-arguments.ts';
import { type Counts, countsOf, lineOf } from './test-summary.ts';

/** How `test-engines.ts` ends where there are no servers to test on. */
const noServersCode = 3;

/** Whoever interrupts one suite means all of them. */
const interruption = new AbortController();

/** Runs one of the suites, passes on what it says, and reads its last line: without one it counts as a failure. Null where there was nothing to run it on. */
async function run(script: string): Promise<Counts | null> {
  const child = spawn(process.execPath, [join(import.meta.dirname, script)], { stdio: ['ignore', 'pipe', 'inherit'] });
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      interruption.abort();
      child.kill(signal);
    });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    process.stdout.write(chunk);
    said = (said + chunk.toString()).slice(-1_000);
  });
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.once('close', (code) => resolve(code));
  const code = await promise;
  if (code === noServersCode) return null;
  const counts = countsOf(said.trimEnd().split('\n').at(-1) ?? '');
  return code === 0 || counts.failed > 0 ? counts : { ...counts, failed: 1 };
}

parseArguments({ options: {} });
const suites = [await run('test.ts')];
if (!interruption.signal.aborted) suites.push(await run('test-engines.ts'));
if (suites.includes(null))
  console.log(
    'left out: the suites on Kafka, Neo4j and ClickHouse servers, which Java 17 and Maven would bring; what is missing stands above',
  );
const all = suites.filter((counts) => counts !== null);
const total = all.reduce((a, b) => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
}));
console.log(lineOf(total));
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
