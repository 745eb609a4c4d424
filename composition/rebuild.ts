import { parseArgs } from 'node:util';
import { type RebuiltState, rebuildState } from '../streams/shared/rebuild-state.ts';
import type { CommandLine } from './command-line.ts';
import { openFilledEngines } from './engines.ts';
import { fillWarehouse } from './fill-warehouse.ts';
import { recomputable } from './stages.ts';

/**
 * `npm run rebuild`: throws the warehouse away and fills it from the event log, and computes the processors' states anew. Private releases are on the log as they were drawn: none is
 * drawn again. The streams must not run meanwhile. Resolves with the number of entries of state that were otherwise.
 */
export async function rebuild({ config, logger, args, signal }: CommandLine): Promise<number> {
  parseArgs({ args: [...args], options: {} });
  const engines = await openFilledEngines(config, { logger, signal, emptyWarehouse: true });
  const tell = (text: string): void => void process.stderr.write(`${text}\n`);
  try {
    let mended = 0;
    for (const processor of await recomputable(config, engines)) {
      const state = await rebuildState(processor, engines.eventLog);
      mended += state.mended;
      tell(describe(state));
    }
    tell('privacy: its state stays as the log has it; what was released is never drawn again');
    const rows = await fillWarehouse(engines, { logger, signal });
    tell(
      signal.aborted
        ? `stopped after ${rows} records: run it again`
        : `warehouse: filled from ${rows} records of the log`,
    );
    return mended;
  } finally {
    await engines.close();
  }
}

function describe({ processor, records, entries, mended }: RebuiltState): string {
  const verdict = mended === 0 ? 'as the log had them' : `${mended} of them were otherwise, and are mended`;
  return `${processor}: ${entries} entries of state from ${records} records, ${verdict}`;
}
