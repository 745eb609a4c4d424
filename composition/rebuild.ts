import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type RebuiltState, rebuildState } from '../streams/shared/rebuild-state.ts';
import type { CommandLine } from './command-line.ts';
import { type Engines, openEngines } from './engines.ts';
import { createProgress } from './progress.ts';
import { createSinks, recomputable } from './stages.ts';

const pollMs = 50;

/**
 * `npm run rebuild`: throws the warehouse away and fills it from the event log, and computes the processors' states anew. Private releases are on the log as they were drawn: none is
 * drawn again. The streams must not run meanwhile. Resolves with the number of entries of state that were otherwise.
 */
export async function rebuild({ config, logger, args, signal }: CommandLine): Promise<number> {
  parseArgs({ args: [...args], options: {} });
  const engines = await openEngines(config, { logger, signal, emptyWarehouse: true });
  const tell = (text: string): void => void process.stderr.write(`${text}\n`);
  try {
    let mended = 0;
    for (const processor of recomputable(config)) {
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

/** Runs the sinks until they have carried everything. Resolves with the number of records. */
async function fillWarehouse(
  engines: Engines,
  { logger, signal }: Pick<CommandLine, 'logger' | 'signal'>,
): Promise<number> {
  const sinks = createSinks({ engines, logger });
  const progress = createProgress('warehouse');
  try {
    for (const sink of sinks) await sink.start();
    for (;;) {
      const lags = (await Promise.all(sinks.map((sink) => sink.lag()))).flat();
      const total = lags.reduce((sum, { end }) => sum + end, 0);
      const left = lags.reduce((sum, { lag }) => sum + lag, 0);
      progress(total - left, total);
      if (left === 0 || signal.aborted) return total - left;
      await sleep(pollMs, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    for (const sink of sinks) await sink.stop();
  }
}
