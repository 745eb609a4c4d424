import { parseArgs } from 'node:util';
import { diceOf } from '../streams/canon/domain/dice.ts';
import { type ArrivalRules, arrivalRules } from '../streams/canon/domain/resolution/mutants.ts';
import { isOrderIndependent } from '../streams/canon/domain/resolution/testing.ts';

/** `-- --histories N [--seed S]`: how many random histories resolve to the same in whatever order their facts arrive; and that rules which break this are found. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { histories: { type: 'string', default: '10000' }, seed: { type: 'string', default: '0' } },
  });
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
