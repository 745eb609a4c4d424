import { parseArgs } from 'node:util';
import { diceOf } from '../streams/canon/domain/dice.ts';
import { type ArrivalRules, arrivalRules } from '../streams/canon/domain/resolution/mutants.ts';
import { disagreements } from '../streams/canon/processor-model.ts';
import { isOrderIndependent } from '../streams/canon/domain/resolution/testing.ts';

/**
 * `-- --histories N [--seed S]`: how many random histories resolve to the same in whatever order their facts arrive; and that rules which break this are found.
 * `-- --processor N`: how many random histories the canon processor, event by event, brings to what the pure function says of the whole.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      histories: { type: 'string', default: '10000' },
      seed: { type: 'string', default: '0' },
      processor: { type: 'string' },
    },
  });
  if (values.processor !== undefined) return runProcessor(Number(values.seed), Number(values.processor));
  const [histories, seed] = [Number(values.histories), Number(values.seed)];
  const startedAt = performance.now();
  const failing = failingSeeds({ from: seed, histories, rulesOf: () => undefined });
  const seconds = (performance.now() - startedAt) / 1_000;
  console.log(
    `${histories} histories from seed ${seed}, each against a rearrangement with repetitions: ${failing.length} differ${failing.length > 0 ? ` (seeds ${failing.slice(0, 10).join(', ')})` : ''}; ${Math.round(histories / seconds)} a second`,
  );
  for (const [name, rulesOf] of Object.entries(arrivalRules)) {
    const found = failingSeeds({ from: seed, histories: Math.min(histories, 2_000), rulesOf });
    console.log(
      `mutant "${name}": ${found.length > 0 ? `found by seed ${found[0]}, and ${found.length - 1} more` : 'NOT FOUND'}`,
    );
  }
}

function failingSeeds(options: {
  readonly from: number;
  readonly histories: number;
  readonly rulesOf: ArrivalRules;
}): readonly number[] {
  const failing: number[] = [];
  for (let seed = options.from; seed < options.from + options.histories; seed += 1)
    if (!isOrderIndependent(diceOf(seed), options.rulesOf)) failing.push(seed);
  return failing;
}

function runProcessor(seed: number, histories: number): void {
  const startedAt = performance.now();
  const faults: string[] = [];
  for (let n = seed; n < seed + histories; n += 1)
    for (const fault of disagreements(diceOf(n))) faults.push(`seed ${n}: ${fault}`);
  const seconds = (performance.now() - startedAt) / 1_000;
  console.log(
    `${histories} histories from seed ${seed}, arriving in random order with people speaking in between: the processor and the pure function differ ${faults.length} times; ${Math.round(histories / seconds)} a second`,
  );
  for (const fault of faults.slice(0, 10)) console.log(`  ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
}
