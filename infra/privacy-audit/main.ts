/**
 * `npm run audit:privacy [-- PART…]`: tries to catch the platform giving away more about people than it says. Without parts all of them run. Ends with 1 where something is found, or where a mistake
 * that was made on purpose is not. `--seed TEXT` draws other noise (by default every run is the same), `--seeds N` is how often the crash suite tries to kill.
 */
import { parseArgs } from 'node:util';
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

async function crashes(_seed: string, seeds: number): Promise<boolean> {
  const { kills, byPoint, chains, faults } = await crashSuite({ seeds });
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

const parts: Readonly<Record<string, (seed: string, crashSeeds: number) => boolean | Promise<boolean>>> = {
  games: audit,
  mutants: mutation,
  crashes,
  leaks,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string', default: 'audit' }, seeds: { type: 'string', default: '1000' } },
});
const unknown = positionals.filter((name) => !Object.hasOwn(parts, name));
if (unknown.length > 0) {
  process.stderr.write(`no part is called ${unknown.join(', ')}; there are: ${Object.keys(parts).join(', ')}\n`);
  process.exitCode = 2;
} else {
  const startedMs = performance.now();
  let good = true;
  for (const [name, run] of Object.entries(parts))
    if (positionals.length === 0 || positionals.includes(name))
      good = (await run(values.seed, Number(values.seeds))) && good;
  print(
    `${good ? 'the audit found nothing' : 'THE AUDIT FAILED'} in ${((performance.now() - startedMs) / 1_000).toFixed(0)} s`,
  );
  process.exitCode = good ? 0 : 1;
}
