import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { EventLog } from '../engines/event-log/port.ts';
import { type AnyProcessor, type RebuiltState, rebuildState } from '../streams/shared/rebuild-state.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { openFilledEngines } from './engines.ts';
import { fillWarehouse } from './fill-warehouse.ts';
import { recomputable } from './stages.ts';

/**
 * `npm run rebuild`: throws the warehouse away and fills it from the event log, and computes the processors' states anew. Private releases are on the log as they were drawn: none is
 * drawn again. The streams must not run meanwhile. Resolves with the number of entries of state that were otherwise.
 */
export async function rebuild({ config, logger, args, signal }: CommandLine): Promise<number> {
  parseArgs({ args: [...args], options: {} });
  const engines = await openFilledEngines(config, {
    logger,
    signal,
    emptyWarehouse: true,
    // Servers know no lock on a directory that would keep other processes out.
    onEventLog: async (eventLog) => {
      for (const processor of await recomputable(config, { eventLog, outbox: null }))
        await refuseBesideStream(eventLog, processor);
    },
  });
  const tell = (text: string): void => void process.stderr.write(`${text}\n`);
  try {
    let mended = 0;
    for (const processor of await recomputable(config, engines)) {
      await refuseBesideStream(engines.eventLog, processor);
      const state = await rebuildState(processor, engines.eventLog);
      mended += state.mended;
      tell(describe(state));
      await nextTurn();
      if (signal.aborted) break;
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

/** What is computed as of an offset would be written over the state of whoever has gone on meanwhile, and be restored where a partition changes hands. */
async function refuseBesideStream(eventLog: EventLog, { name }: AnyProcessor): Promise<void> {
  if (!(await eventLog.hasMembers(name))) return;
  throw new UsageError(
    `the processor ${name} is at work, and its state cannot be computed anew meanwhile: stop every process with streams and run this again; one that was killed counts as one for ten seconds more`,
  );
}

function describe({ processor, records, entries, mended }: RebuiltState): string {
  const verdict = mended === 0 ? 'as the log had them' : `${mended} of them were otherwise, and are mended`;
  return `${processor}: ${entries} entries of state from ${records} records, ${verdict}`;
}
