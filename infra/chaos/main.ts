/** `npm run chaos -- [--distributed] --seeds N [--seed FIRST]`: strikes the platform with faults that each seed draws, and says whether anything was lost, done twice or spoilt. */
import { parseArguments } from '../parse-arguments.ts';
import { describeDistributedPlan, distributedPlanOf } from './distributed-plan.ts';
import { fleetRoles } from './fleet.ts';
import { describePlan, planOf } from './plan.ts';
import { ChaosRunner, type Outcome } from './run-seed.ts';

const { values } = parseArguments({
  options: {
    distributed: { type: 'boolean', default: false },
    seeds: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
  },
});
const [count, first] = [Number(values.seeds), Number(values.seed)];
if (!Number.isInteger(count) || count < 1 || !Number.isInteger(first) || first < 1) {
  console.error(`--seeds and --seed must be whole numbers from 1, not ${values.seeds} and ${values.seed}`);
  process.exit(2);
}

const runner = new ChaosRunner();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void runner.abandon().finally(() => process.exit(1)));

async function runSeed(seed: number): Promise<{ plan: string; outcome: Outcome }> {
  if (!values.distributed) {
    const plan = planOf(seed);
    return { plan: describePlan(plan), outcome: await runner.run(plan) };
  }
  const plan = distributedPlanOf(seed, fleetRoles);
  return { plan: describeDistributedPlan(plan), outcome: await runner.runDistributed(plan) };
}

const failed: number[] = [];
const leftOut = new Map<string, number>();
const startedMs = performance.now();
for (let seed = first; seed < first + count; seed += 1) {
  const seedMs = performance.now();
  const { plan, outcome } = await runSeed(seed);
  const holds = outcome.faults.length === 0;
  const seconds = ((performance.now() - seedMs) / 1_000).toFixed(1);
  console.log(`${holds ? 'holds ' : 'FAILED'} ${seconds.padStart(5)} s  ${outcome.starts} starts  ${plan}`);
  for (const each of outcome.leftOut) leftOut.set(each, (leftOut.get(each) ?? 0) + 1);
  if (holds) continue;
  failed.push(seed);
  const again = `npm run chaos -- ${values.distributed ? '--distributed ' : ''}--seed ${seed}`;
  console.log(`${outcome.faults.join('\n')}\ndata: ${outcome.dataDir ?? 'none'}\nagain: ${again}`);
}
for (const [what, times] of leftOut) console.log(`left out ${times} times: ${what}`);
const seconds = ((performance.now() - startedMs) / 1_000).toFixed(0);
console.log(
  `${count - failed.length} of ${count} seeds hold (${seconds} s)${failed.length > 0 ? `; failed: ${failed.join(', ')}` : ''}`,
);
await runner.close({ keep: failed.length > 0 });
process.exitCode = failed.length === 0 ? 0 : 1;
