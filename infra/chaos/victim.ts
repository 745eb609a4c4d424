/**
 * The platform that chaos strikes: serves, and loads a community meanwhile. `node infra/chaos/victim.ts FILE.jsonl OFFSET_MS` with DATA_DIR in the
 * environment; its parent talks to it over IPC.
 */
import type { Platform } from '../../composition/platform.ts';
import { installShiftedClock } from './shifted-clock.ts';

const clock = installShiftedClock();
const [file = '', offsetText = ''] = process.argv.slice(2);
clock.shift(Number(offsetText));

const { keepPlatform } = await import('../../composition/keep-platform.ts');
const { readImportFile } = await import('../../importer/read-import.ts');
const { runImport } = await import('../../importer/run-import.ts');
const { aborted } = await import('../../runtime/aborted.ts');
const { readConfig } = await import('../../runtime/config.ts');
const { createLogger } = await import('../../runtime/logger.ts');

/** What the parent says. */
export type Order = { readonly shiftMs: number } | { readonly drain: true };
/** What it is told. */
export type Report = { readonly url: string | null } | { readonly drained: true };

/** The platform from one start to the next: it starts anew by itself when its warehouse has lost rows. */
interface Life {
  readonly platform: Platform;
  /** Resolves when the community is loaded, or the life ends. */
  readonly loaded: Promise<void>;
  readonly ending: AbortSignal;
}

const stopping = new AbortController();
process.once('SIGTERM', () => stopping.abort());
// Nobody would stop it any more.
process.once('disconnect', () => process.exit(stopping.signal.aborted ? 0 : 1));

const tell = (report: Report): void => void process.send?.(report);
const source = readImportFile(file);
let life: Life | null = null;

/** A disk that is full ends an import; whoever ran it runs it again. */
async function load(platform: Platform, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await runImport({ ...platform.engines, ...platform.dependencies }, source, { signal });
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
  await life?.loaded;
  while (Date.now() % hourMs < strikingMs) await new Promise((resolve) => setTimeout(resolve, 100));
  clock.stopBefore(Math.ceil(Date.now() / hourMs) * hourMs - 1);
  while (!(await isDrained())) await new Promise((resolve) => setTimeout(resolve, 100));
  tell({ drained: true });
}

/** False where the platform was not there to the end of it. */
async function isDrained(): Promise<boolean> {
  if (life === null) return false;
  const { platform, loaded, ending } = life;
  await loaded;
  await Promise.race([platform.drained(), aborted(ending)]);
  return !ending.aborted;
}

process.on('message', (order: Order) => {
  if ('shiftMs' in order) return clock.shift(order.shiftMs);
  void drain();
});
await keepPlatform(
  readConfig(),
  { logger: createLogger('error'), signal: stopping.signal },
  async (platform, ending) => {
    life = { platform, loaded: load(platform, ending), ending };
    tell({ url: platform.address.url.replace(/\/graphql$/, '') });
    await aborted(ending);
    await life.loaded;
    life = null;
    tell({ url: null });
  },
);
process.disconnect();
