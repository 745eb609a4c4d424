import { SumsTable } from '../../../streams/reputation/domain/sums-table.ts';
import { TrustNetwork } from '../../../streams/reputation/domain/trust-network.ts';

const seedsCount = 20;
const startMs = Date.UTC(2024, 0, 1);
const stepMs = 1_000;
const warmUpShare = 0.8;

/** Numbers from 0 to 1, the same ones every time (Lehmer's generator with Park and Miller's constants). */
function dice(): () => number {
  let state = 20_240_101;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** Few are praised by many: places of a power law. */
const popular = (roll: () => number, creators: number): number => Math.floor(creators * roll() ** 3);

/** How fast both channels are with that many creators, each on one core, and the memory that they take. */
export function measureScale(options: { creators: number; edges: number; walksPerSeed: number }): readonly string[] {
  return [trustEdges(options), fastUpdates(options)];
}

function trustEdges({ creators, edges, walksPerSeed }: Parameters<typeof measureScale>[0]): string {
  const name = (n: number): string => `c${n}`;
  const before = process.memoryUsage();
  const seeds = new Set(Array.from({ length: seedsCount }, (_, n) => name(n)));
  const network = new TrustNetwork({ seeds, platformTrust: {}, walksPerSeed });
  const roll = dice();
  const warmUp = Math.floor(edges * warmUpShare);
  const durationsMs = new Float64Array(edges - warmUp);
  let totalMs = 0;
  for (let n = 0; n < edges; n++) {
    const from = name(n < creators ? n % creators : popular(roll, creators));
    const to = name(popular(roll, creators));
    const startedAt = performance.now();
    network.take([from, to, 1, startMs + n * stepMs, '']);
    if (n < warmUp) continue;
    durationsMs[n - warmUp] = performance.now() - startedAt;
    totalMs += durationsMs[n - warmUp] as number;
  }
  const p99 = durationsMs.sort()[Math.floor(durationsMs.length * 0.99)] as number;
  const after = process.memoryUsage();
  const grownMb = (after.arrayBuffers + after.heapUsed - before.arrayBuffers - before.heapUsed) / 1e6;
  return `trust edges: ${Math.round((durationsMs.length / totalMs) * 1000).toLocaleString('en')}/s, p99 ${p99.toFixed(3)} ms, longest ${(durationsMs.at(-1) as number).toFixed(1)} ms, with ${creators.toLocaleString('en')} creators, ${edges.toLocaleString('en')} edges and ${(seedsCount * walksPerSeed).toLocaleString('en')} walks; ${Math.round(grownMb)} MB`;
}

function fastUpdates({ creators, edges }: Parameters<typeof measureScale>[0]): string {
  const memory = (): number => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
  const names = Array.from({ length: creators }, (_, n) => `c${n}`);
  const before = memory();
  const table = new SumsTable();
  const change = { amount: 1, isNegative: false, atMs: startMs, pieces: 1 };
  for (const [n, id] of names.entries()) table.accumulate(id, 'QUALITY', { ...change, atMs: startMs + n });
  const roll = dice();
  const targets = Array.from({ length: edges }, () => names[popular(roll, creators)] as string);
  const startedAt = performance.now();
  const startedCpu = process.cpuUsage();
  for (let n = 0; n < edges; n++) {
    const isNegative = n % 9 === 0;
    change.amount = isNegative ? -1 : 1;
    change.isNegative = isNegative;
    change.atMs = startMs + creators + n * stepMs;
    table.accumulate(targets[n] as string, 'QUALITY', change);
  }
  const perSecond = (edges / (performance.now() - startedAt)) * 1000;
  const { user } = process.cpuUsage(startedCpu);
  const grownMb = (memory() - before) / 1e6;
  return `fast updates: ${Math.round(perSecond).toLocaleString('en')}/s (${Math.round((edges / user) * 1e6).toLocaleString('en')} in a second of processor time) on ${creators.toLocaleString('en')} scores; ${Math.round(grownMb)} MB`;
}
