/** What reloads of the supergraph leave behind: the gateway's heap and resident memory after one and after a hundred, operations planned on each. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startPlatform } from '../gateway/scenarios/platform.ts';
import { collectGarbage } from './shared/collect-garbage.ts';

const reloads = 100;
const operationsEach = 50;
const mebibyte = 1024 * 1024;

/** `npm run bench -- reload` */
export async function run(): Promise<void> {
  const platform = await startPlatform();
  const { supergraphSdl } = platform.scenario;

  async function reloadAndAsk(round: number): Promise<void> {
    // Each a supergraph of its own: nothing of an earlier one may be taken for it.
    platform.gateway.reload(`${supergraphSdl}\n# reload ${round}\n`);
    for (let n = 0; n < operationsEach; n += 1) {
      const answer = await platform.post({ query: `query Q${n} { a${n}: hello(name: "${round}") whoAmI }` });
      await answer.arrayBuffer();
    }
    // The scenario's record of what was asked is not the gateway's.
    platform.scenario.calls.length = 0;
  }

  async function measure(): Promise<{ readonly heap: number; readonly resident: number }> {
    for (let n = 0; n < 5; n += 1) {
      collectGarbage();
      await sleep(100);
    }
    const { heapUsed, rss } = process.memoryUsage();
    return { heap: heapUsed, resident: rss };
  }

  try {
    await reloadAndAsk(0);
    const first = await measure();
    for (let round = 1; round < reloads; round += 1) await reloadAndAsk(round);
    const last = await measure();
    const line = (what: string, before: number, after: number): string =>
      `${what.padEnd(18)} ${(before / mebibyte).toFixed(1)} MiB after 1 reload, ${(after / mebibyte).toFixed(1)} MiB after ${reloads}: ratio ${(after / before).toFixed(3)}`;
    console.log(`${line('heap', first.heap, last.heap)}   (bar: 1.1)`);
    console.log(line('resident memory', first.resident, last.resident));
  } finally {
    await platform.stop();
  }
}
