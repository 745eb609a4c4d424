/**
 * `npm run bench -- tamper [MUTATIONS] [SEED]`: somebody who owns the platform, its signing key included, changes history and mends every hash,
 * chain and signature after it. Whoever kept one old checkpoint must find out each time. Exits with 1 when one mutation passes.
 */
import { tamper } from './shared/tamper-run.ts';

export async function run([mutations = '100000', seed = '1']: readonly string[]): Promise<void> {
  const startedAt = performance.now();
  const { byKind, missed } = await tamper({ mutations: Number(mutations), seed: Number(seed) });
  for (const [kind, { tried, found }] of Object.entries(byKind))
    console.log(`${kind.padEnd(10)} ${found} of ${tried} found`);
  console.log(`${missed.length} missed, in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  for (const text of missed.slice(0, 10)) console.log(text);
  if (missed.length > 0) process.exitCode = 1;
}
