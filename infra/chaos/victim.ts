/**
 * The platform that chaos strikes: serves, and loads a community meanwhile. `node infra/chaos/victim.ts FILE.jsonl OFFSET_MS` with DATA_DIR in the
 * environment; its parent talks to it over IPC.
 */
import { installShiftedClock } from './shifted-clock.ts';

const clock = installShiftedClock();
const [file = '', offsetText = ''] = process.argv.slice(2);
clock.shift(Number(offsetText));

const { startPlatform } = await import('../../composition/platform.ts');
const { readImportFile } = await import('../../importer/read-import.ts');
const { runImport } = await import('../../importer/run-import.ts');
const { readConfig } = await import('../../runtime/config.ts');
const { createLogger } = await import('../../runtime/logger.ts');

/** What the parent says. */
export type Order = { readonly shiftMs: number } | { readonly drain: true };
/** What it is told. */
export type Report = { readonly url: string } | { readonly drained: true };

const stopping = new AbortController();
const ended = new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve()));
process.once('SIGTERM', () => stopping.abort());
// Nobody would stop it any more.
process.once('disconnect', () => process.exit(stopping.signal.aborted ? 0 : 1));

const tell = (report: Report): void => void process.send?.(report);
const platform = await startPlatform(readConfig(), createLogger('error'), stopping.signal);
tell({ url: platform.address.url.replace(/\/graphql$/, '') });

const source = readImportFile(file);

/** A disk that is full ends an import; whoever ran it runs it again. */
async function load(): Promise<void> {
  while (!stopping.signal.aborted) {
    try {
      await runImport({ ...platform.engines, ...platform.dependencies }, source, { signal: stopping.signal });
      return;
    } catch (error) {
      if ((error as Error).name !== 'StoreUnavailableError') throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

const hourMs = 3_600_000;
/** How long after an hour its ticks and what follows from them may come. */
const strikingMs = 8_000;

/** No hour strikes any more: what it would release after the drain is in no table yet when the process ends. */
async function drain(): Promise<void> {
  await loaded;
  while (Date.now() % hourMs < strikingMs) await new Promise((resolve) => setTimeout(resolve, 100));
  clock.stopBefore(Math.ceil(Date.now() / hourMs) * hourMs - 1);
  await platform.drained();
  tell({ drained: true });
}

const loaded = load();
process.on('message', (order: Order) => {
  if ('shiftMs' in order) return clock.shift(order.shiftMs);
  void drain();
});
await ended;
await loaded;
await platform.stop();
process.disconnect();
