/** `npm run fuzz:federation [-- SEEDS [FIRST [PLANNER]]]`: random supergraphs and operations, each answered once by one schema and once through the gateway. */
import type { PlannerChoice } from '../../planning/planner.ts';
import { compare } from './compare.ts';

const [seeds = '100', first = '1', planner = 'auto', ...rest] = process.argv.slice(2);
const planners: Readonly<Record<PlannerChoice, true>> = { auto: true, hive: true, apollo: true };
const isCount = (text: string): boolean => /^[1-9]\d{0,8}$/.test(text);
// Over no supergraph at all nothing is answered wrongly.
if (!isCount(seeds) || !isCount(first) || !Object.hasOwn(planners, planner) || rest.length > 0) {
  console.error(
    `usage: npm run fuzz:federation [-- SEEDS [FIRST [PLANNER]]], SEEDS and FIRST being whole numbers from 1, PLANNER one of ${Object.keys(planners).join(', ')}`,
  );
  process.exit(2);
}
const operations = 50;
let asked = 0;
let refusedInAll = 0;
let different = 0;
let inPartsInAll = 0;
for (let seed = Number(first); seed < Number(first) + Number(seeds); seed += 1) {
  const { differences, refused, inParts } = await compare({ seed, operations, planner: planner as PlannerChoice });
  asked += operations;
  refusedInAll += refused;
  inPartsInAll += inParts;
  different += differences.length;
  const [difference] = differences;
  if (difference) process.stdout.write(`${JSON.stringify(difference)}\n`);
}
process.stdout.write(
  `${asked} operations over ${seeds} supergraphs, planner ${planner}: ${different} answered wrongly, ${refusedInAll} refused by the planner, ${inPartsInAll} also in parts\n`,
);
process.exitCode = different > 0 ? 1 : 0;
