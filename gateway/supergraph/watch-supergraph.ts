import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';

export interface WatchOptions {
  readonly file: string;
  /** What is served now. */
  readonly supergraph: string;
  /** Takes up another supergraph, or throws and goes on with the one before. */
  readonly reload: (supergraph: string) => void;
  readonly logger: Logger;
  /** How often the file is looked at. */
  readonly everyMs?: number;
}

/**
 * Reloads the supergraph whenever its file has another content. One that cannot be read or served is logged and passed over, so a
 * file that is half written costs nothing. Call what it gives to stop.
 */
export function watchSupergraph({ file, supergraph, reload, logger, everyMs = 1_000 }: WatchOptions): () => void {
  let current = supergraph;
  const look = async (): Promise<void> => {
    try {
      const text = await readFile(file, 'utf8');
      if (text === current) return;
      reload(text);
      current = text;
      logger.info({ file }, 'the supergraph was reloaded');
    } catch (error) {
      logger.error({ err: error, file }, 'the supergraph was not reloaded: the one before is served on');
    }
  };
  const listener = (): void => void look();
  // Names of files change hands when one is replaced; asking by name sees that everywhere, network file systems included.
  watchFile(file, { interval: everyMs, persistent: false }, listener);
  return () => unwatchFile(file, listener);
}
