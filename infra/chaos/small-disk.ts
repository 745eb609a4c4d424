import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeSync, openSync, closeSync } from 'node:fs';
import { join } from 'node:path';

/** A file system of its own for one data directory, which can be filled. */
export interface SmallDisk {
  readonly path: string;
  /** Takes up everything that is free. */
  fill(): void;
  free(): void;
  remove(): void;
}

const sizeMiB = 256;
const block = Buffer.alloc(64 * 1024);

/** Mounts it at this directory, in memory. Null where this user may not mount. */
export function mountSmallDisk(path: string): SmallDisk | null {
  mkdirSync(path, { recursive: true });
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMiB}m`, 'tmpfs', path]);
  if (mounted.status !== 0) return null;
  const ballast = join(path, '.ballast');
  return {
    path,
    fill() {
      const file = openSync(ballast, 'a');
      try {
        for (let size = block.length; size >= 512;) {
          try {
            writeSync(file, block.subarray(0, size));
          } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
            size = statfsSync(path).bavail === 0 ? 0 : size / 2;
          }
        }
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(ballast, { force: true }),
    remove() {
      spawnSync('umount', ['-l', path]);
      rmSync(path, { recursive: true, force: true });
    },
  };
}
