import { aborted } from '../runtime/aborted.ts';
import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Tracing } from '../runtime/tracing.ts';
import { type Platform, startPlatform } from './platform.ts';

export interface KeepOptions {
  readonly logger: Logger;
  /** Ends it. */
  readonly signal: AbortSignal;
  readonly tracing?: Tracing | undefined;
}

/**
 * Runs the platform until the signal, with `live` over it as soon as it serves. An embedded warehouse that has lost rows to a full disk answers wrongly until it is made anew:
 * `ending` then aborts, and once `live` has returned the platform stops, and starts with a warehouse that is filled from the log. Without that nobody would notice
 * before the next start. Where the embedded warehouse has a statement that never ends, `ending` aborts too, and it resolves when the platform has stopped: only a
 * new process can go on (`isProcessStuck`).
 */
export async function keepPlatform(
  config: Config,
  { logger, signal, tracing }: KeepOptions,
  live: (platform: Platform, ending: AbortSignal) => Promise<void>,
): Promise<void> {
  let emptyWarehouse = false;
  const stuck = new AbortController();
  const onWarehouseStuck = (error: Error): void => {
    logger.error(`${error.message}. The platform stops for that, and begins anew`);
    stuck.abort();
  };
  const end = AbortSignal.any([signal, stuck.signal]);
  do {
    const damaged = new AbortController();
    const onWarehouseDamaged = (error: Error): void => {
      logger.error(`${error.message}; that is done now, the platform stops and starts for it`);
      damaged.abort();
    };
    const notices = { onWarehouseDamaged, onWarehouseStuck };
    const platform = await startPlatform(config, logger, { signal: end, tracing, emptyWarehouse, ...notices });
    const ending = AbortSignal.any([end, damaged.signal]);
    try {
      await live(platform, ending);
      await aborted(ending);
    } finally {
      await platform.stop();
    }
    emptyWarehouse = damaged.signal.aborted;
  } while (!end.aborted);
}
