import { expect, test } from '@jest/globals';
import { DiskWatch, freeBytesMin } from './disk-watch.ts';

// Goal: nothing is written where little room is left, and what was written is checked once there is room again: never before, never twice, and again where it could not be told.
const never = 1_000_000;

interface Watched {
  free: number;
  checks: number;
  /** The check rejects so often. */
  failures: number;
}

function watchOf(disk: Watched): DiskWatch {
  return new DiskWatch({
    path: '/data/warehouse',
    everyMs: never,
    freeBytes: () => disk.free,
    check: async () => {
      disk.checks += 1;
      if (disk.failures > 0) {
        disk.failures -= 1;
        throw new Error('no answer');
      }
    },
  });
}

/** Lets a check that was begun come to its end. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('with too little room the disk is named, with what is left and what is needed', async () => {
  const disk = { free: freeBytesMin - 1024 * 1024, checks: 0, failures: 0 };
  const watch = watchOf(disk);
  expect(() => watch.requireRoom()).toThrow('the disk of /data/warehouse has 15.0 MiB left');
  disk.free = freeBytesMin;
  expect(() => watch.requireRoom()).not.toThrow();
  await watch.stop();
});

test('a disk that was low is checked once, when it is not low any more', async () => {
  const disk = { free: never * never, checks: 0, failures: 0 };
  const watch = watchOf(disk);
  watch.look();
  disk.free = 0;
  watch.look();
  watch.look();
  await settled();
  expect(disk.checks).toBe(0);
  disk.free = never * never;
  watch.look();
  watch.look();
  await settled();
  watch.look();
  await settled();
  expect(disk.checks).toBe(1);
  await watch.stop();
});

test('what could not be told is asked again; a suspicion is enough to ask; nothing is asked after the end', async () => {
  const disk = { free: never * never, checks: 0, failures: 2 };
  const watch = watchOf(disk);
  watch.suspect();
  for (let looks = 0; looks < 5; looks++) {
    watch.look();
    await settled();
  }
  expect(disk.checks).toBe(3);
  watch.suspect();
  await watch.stop();
  watch.look();
  await settled();
  expect(disk.checks).toBe(3);
});
