/** `npm run sim:regions -- [--seeds N] [--from S] [--seed S --verbose] [--mutants]`: canon's regions under everything that can go wrong, seed by seed. */
import { parseArguments } from '../parse-arguments.ts';
import { mutants } from './mutants.ts';
import { type Counts, simulate } from './simulate.ts';

const { values } = parseArguments({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    verbose: { type: 'boolean', default: false },
    mutants: { type: 'boolean', default: false },
  },
});
const shownMax = 10;
const progressSeeds = 500;

function number(text: string, name: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  console.error(`--${name}: ${text} is not a whole number of at least 0`);
  process.exit(2);
}

function cpuS(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Runs seeds and tells of each that breaks a promise; gives how many did. */
function runSeeds(from: number, count: number): number {
  const [startedMs, startedCpuS] = [performance.now(), cpuS()];
  const totals: Partial<Record<keyof Counts, number>> = {};
  let failed = 0;
  const tell = (done: number): void => {
    const perS = (done / ((performance.now() - startedMs) / 1_000)).toFixed(1);
    const perCpuS = (done / (cpuS() - startedCpuS)).toFixed(1);
    console.log(`${done} seeds from ${from}: ${failed} broke a promise; ${perS} seeds/s, ${perCpuS} per CPU second`);
  };
  for (let n = 1; n <= count; n += 1) {
    const seed = from + n - 1;
    const run = simulate(seed, values.verbose ? { tell: (line) => console.log(line) } : {});
    for (const [name, times] of Object.entries(run.counts) as [keyof Counts, number][])
      totals[name] = (totals[name] ?? 0) + times;
    if (run.violation !== null && (failed += 1) <= shownMax)
      console.log(`seed ${seed}: ${run.violation.slice(0, 2_000)}\n  trace ${run.traceHash}`);
    if (n % progressSeeds === 0) tell(n);
  }
  tell(count);
  console.log(JSON.stringify(totals));
  return failed;
}

/** Breaks one rule after the other and looks for the first seed that notices; gives how many went unnoticed. */
function huntMutants(from: number, count: number): number {
  let missed = 0;
  for (const [name, policyOf] of Object.entries(mutants)) {
    const startedCpuS = cpuS();
    let found = null;
    for (let seed = from; seed < from + count && found === null; seed += 1) {
      const { violation } = simulate(seed, { policy: policyOf() });
      if (violation !== null) found = { seed, reason: violation.split('\n')[0]?.slice(0, 120) };
    }
    if (found === null) missed += 1;
    const told = found ? `found by seed ${found.seed}: ${found.reason}` : `NOT FOUND in ${count} seeds`;
    console.log(`${name}\n    ${told} (${(cpuS() - startedCpuS).toFixed(1)} s of CPU)`);
  }
  console.log(`${Object.keys(mutants).length - missed} of ${Object.keys(mutants).length} mutants found`);
  return missed;
}

const seeds = number(values.seeds, 'seeds');
const from = number(values.from, 'from');
const bad = values.mutants
  ? huntMutants(from, seeds)
  : values.seed === undefined
    ? runSeeds(from, seeds)
    : runSeeds(number(values.seed, 'seed'), 1);
process.exitCode = bad > 0 ? 1 : 0;
