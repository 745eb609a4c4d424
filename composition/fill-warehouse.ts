import { setTimeout as sleep } from 'node:timers/promises';
import { WarehouseDamagedError } from '../engines/warehouse/port.ts';
import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/logger.ts';
import { type Engines, type OpenOptions, openEngines } from './engines.ts';
import { createProgress } from './progress.ts';
import { createSinks } from './stages.ts';

const pollMs = 50;

/** Runs the sinks until they have carried everything into the warehouse. Resolves with the number of records. */
export async function fillWarehouse(
  engines: Engines,
  { logger, signal }: { readonly logger: Logger; readonly signal?: AbortSignal | undefined },
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
      if (left === 0 || signal?.aborted === true) return total - left;
      await sleep(pollMs, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    for (const sink of sinks) await sink.stop();
  }
}

/**
 * Opens the engines. An embedded warehouse that has lost rows, as it can when its disk is full, is made anew and filled from the log
 * before anybody reads it: everything in it but the nightly comparisons comes from there.
 */
export async function openWholeEngines(
  config: Config,
  options: OpenOptions & { readonly logger: Logger },
): Promise<Engines> {
  const { logger, emptyWarehouse = false } = options;
  if (!emptyWarehouse) {
    try {
      return await openEngines(config, options);
    } catch (error) {
      if (!(error instanceof WarehouseDamagedError)) throw error;
      logger.warn(`${error.message}; that is done now`);
    }
  }
  const engines = await openEngines(config, { ...options, emptyWarehouse: true });
  try {
    await fillWarehouse(engines, options);
    return engines;
  } catch (error) {
    await engines.close();
    throw error;
  }
}
