/**
 * `npm run audit:privacy [-- PART…]`: tries to catch the platform giving away more about people than it says. Without parts all of them run. Ends with 1 where something is found, or where a mistake
 * that was made on purpose is not. `--seed TEXT` draws other noise (by default every run is the same).
 */
import { parseArgs } from 'node:util';
import { auditParts } from './audit.ts';
import { deltaShown } from './games.ts';
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

const parts: Readonly<Record<string, (seed: string) => boolean | Promise<boolean>>> = {
  games: audit,
  mutants: mutation,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string', default: 'audit' } },
});
const unknown = positionals.filter((name) => !Object.hasOwn(parts, name));
if (unknown.length > 0) {
  process.stderr.write(`no part is called ${unknown.join(', ')}; there are: ${Object.keys(parts).join(', ')}\n`);
  process.exitCode = 2;
} else {
  const startedMs = performance.now();
  let good = true;
  for (const [name, run] of Object.entries(parts))
    if (positionals.length === 0 || positionals.includes(name)) good = (await run(values.seed)) && good;
  print(
    `${good ? 'the audit found nothing' : 'THE AUDIT FAILED'} in ${((performance.now() - startedMs) / 1_000).toFixed(0)} s`,
  );
  process.exitCode = good ? 0 : 1;
}
