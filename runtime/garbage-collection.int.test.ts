import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const run = promisify(execFile);
const module = JSON.stringify(join(import.meta.dirname, 'garbage-collection.ts'));

/** How often a process marks its whole heap while 2 GB of buffers pass through it, as a stream's do. 30 MB live in it. */
async function markingsOfPassingBuffers(before: string): Promise<number> {
  const script = `
    ${before}
    const { PerformanceObserver, constants } = await import('node:perf_hooks');
    let markings = 0;
    const observer = new PerformanceObserver((list) => {
      for (const { detail } of list.getEntries()) if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) markings += 1;
    });
    observer.observe({ entryTypes: ['gc'] });
    const living = Array.from({ length: 300_000 }, (_, n) => ({ n, text: 'record ' + n }));
    for (let n = 0; n < 32_000; n++) {
      Buffer.allocUnsafeSlow(65_536);
      if (n % 100 === 0) await new Promise(setImmediate);
    }
    console.log(markings, living.length);`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script]);
  return Number(stdout.split(' ')[0]);
}

describe('tuneGarbageCollection', () => {
  it('does not mark the heap again for every few buffers that pass', async () => {
    const alone = await markingsOfPassingBuffers('');
    const tuned = await markingsOfPassingBuffers(`(await import(${module})).tuneGarbageCollection();`);
    // Both, so that it shows when V8 no longer needs to be told.
    expect(alone).toBeGreaterThan(10);
    expect(tuned).toBeLessThan(alone / 2);
  });
});
