import { parseArgs } from 'node:util';
import { compareScores, overlapMin } from '../streams/reputation/comparison.ts';
import type { CommandLine } from './command-line.ts';
import { openFilledEngines } from './engines.ts';
import { VerificationError } from './canon-commands.ts';

/** `compare:reputation`: recomputes every score from the ledger in the warehouse of `DATA_DIR`, or the server's, and compares. Fails where fewer agree than must. */
export async function compareReputation({ config, logger, args, signal }: CommandLine): Promise<void> {
  parseArgs({ args: [...args], options: {} });
  const engines = await openFilledEngines(config, { logger, signal });
  try {
    const comparisons = await compareScores(engines.warehouse);
    for (const { dimension, creators, top, overlap, largestDifference } of comparisons)
      process.stdout.write(
        `${dimension.padEnd(13)} ${String(creators).padStart(8)} scores; ${(100 * overlap).toFixed(1)} % of the highest ${top} agree; largest difference ${largestDifference.toExponential(1)} points\n`,
      );
    if (comparisons.length === 0) process.stdout.write('there are no scores yet\n');
    const low = comparisons.filter(({ overlap }) => overlap < overlapMin).map(({ dimension }) => dimension);
    if (low.length > 0)
      throw new VerificationError(`DOES NOT HOLD: fewer than ${100 * overlapMin} % agree in ${low.join(', ')}`);
  } finally {
    await engines.close();
  }
}
