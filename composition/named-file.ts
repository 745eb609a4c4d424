import { readFileSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { UsageError } from './command-line.ts';

/** How long whoever interrupts an export may have to wait for it, in milliseconds. */
const turnMsMax = 50;

/** Reads a file that was named on the command line, as text or by `read`. Throws {@link UsageError} where it cannot. */
export function readNamed(file: string): string;
export function readNamed<T>(file: string, read: (file: string) => T): T;
export function readNamed(file: string, read: (file: string) => unknown = (path) => readFileSync(path, 'utf8')) {
  try {
    return read(file);
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * Writes a file that was named on the command line, whole or not at all: until all is written, what was there stays. A pipe or a device is written to as it is.
 * Throws {@link UsageError} where it cannot be written, whatever `pieces` throw, and the reason of `signal` when that aborts.
 */
export async function writeNamed(
  file: string,
  pieces: Iterable<string> | AsyncIterable<string>,
  signal = new AbortController().signal,
): Promise<void> {
  const present = statSync(file, { throwIfNoEntry: false });
  const isDrafted = present?.isFile() ?? true;
  const target = isDrafted && present ? realpathSync(file) : file;
  const path = isDrafted ? `${target}.incomplete` : target;
  let ofPieces: unknown;
  async function* watched(): AsyncGenerator<string> {
    try {
      let turnMs = performance.now();
      for await (const piece of pieces) {
        // Embedded engines answer without a turn of the event loop, in which alone signals of the system arrive.
        if (performance.now() - turnMs > turnMsMax) {
          await nextTurn();
          turnMs = performance.now();
        }
        signal.throwIfAborted();
        yield piece;
      }
    } catch (error) {
      ofPieces = error;
      throw error;
    }
  }
  try {
    // Opened before anything is asked for: a stream that opens by itself would make its file even after it was given up.
    const handle = await open(path, 'w', 0o600);
    await pipeline(watched, handle.createWriteStream({ flush: isDrafted }));
    if (isDrafted) renameSync(path, target);
  } catch (error) {
    if (isDrafted) rmSync(path, { force: true });
    if (error === ofPieces) throw error;
    throw new UsageError(`${file} cannot be written: ${(error as Error).message}`, { cause: error });
  }
}
