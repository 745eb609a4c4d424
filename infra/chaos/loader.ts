/**
 * Loads a community beside the roles that chaos strikes, and tells when all of their streams are through: `node infra/chaos/loader.ts FILE.jsonl` with addresses of servers in the environment;
 * its parent talks to it over IPC.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { openEngines } from '../../composition/engines.ts';
import { drained, loadKeys, makeDependencies } from '../../composition/platform.ts';
import { createStages } from '../../composition/stages.ts';
import { readImportFile } from '../../importer/read-import.ts';
import { runImport } from '../../importer/run-import.ts';
import { aborted } from '../../runtime/aborted.ts';
import { readConfig } from '../../runtime/config.ts';
import { createLogger } from '../../runtime/logger.ts';

/** What its parent is told. */
export type LoaderReport = { readonly is: 'ready' | 'drained' };

const tell = (report: LoaderReport): void => void process.send?.(report);
const [file = ''] = process.argv.slice(2);
const stopping = new AbortController();
process.once('SIGTERM', () => stopping.abort());
process.once('disconnect', () => process.exit(stopping.signal.aborted ? 0 : 1));

const retryMs = 200;
/** What the keeper of levels, who looks every moment and not at the log, may still have to say. */
const settleMs = 1_000;
const outages = new Set(['StoreUnavailableError', 'LogUnavailableError', 'WarehouseUnavailableError']);

/** Does it again for as long as servers are away. */
async function persistently<T>(work: () => Promise<T>): Promise<T | null> {
  while (!stopping.signal.aborted) {
    try {
      return await work();
    } catch (error) {
      if (!outages.has((error as Error).name)) throw error;
      await sleep(retryMs);
    }
  }
  return null;
}

const config = readConfig();
const logger = createLogger('error');
const engines = await openEngines(config, { logger, signal: stopping.signal });
const source = readImportFile(file);
const loaded = persistently(async () => {
  const dependencies = await makeDependencies(config, { engines, keys: await loadKeys(config.dataDir), logger });
  await runImport({ ...engines, ...dependencies }, source, { signal: stopping.signal });
});
const stages = createStages(config, { engines, logger });

async function drain(): Promise<void> {
  await loaded;
  for (let round = 0; round < 2; round += 1) {
    await persistently(async () => drained(await stages, engines));
    await sleep(settleMs);
  }
  tell({ is: 'drained' });
}

process.on('message', () => void drain());
tell({ is: 'ready' });
await aborted(stopping.signal);
await loaded;
await engines.close();
process.disconnect();
