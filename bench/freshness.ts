/** `npm run bench -- freshness [--rate N] [--seconds N]`: how long after an event its effect on a score is read through GraphQL, while events of a community arrive at a steady rate. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { dimensions } from '../schema/graph/catalogue.ts';
import { communityEvents, member } from '../streams/reputation/testing.ts';
import { createReputationSubgraph } from '../subgraphs/reputation/subgraph.ts';
import { putCreator } from '../subgraphs/reputation/testing.ts';
import { type SubgraphBench, createBench } from '../subgraphs/shared/testing.ts';
import { praiseRecord } from './shared/pipeline/praise.ts';
import { type ReputationRun, startReputation } from './shared/reputation-run.ts';

const membersCount = 1_000;
/** Batches of a second's events. */
const batchesPerSecond = 20;
const probesPerSecond = 5;
/** A look costs the machine milliseconds too: what is found may be older by so much. */
const pollMs = 50;
const patienceMs = 120_000;

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { rate: { type: 'string', default: '1000' }, seconds: { type: 'string', default: '20' } },
  });
  const [rate, seconds] = [Number(values.rate), Number(values.seconds)];
  const root = await mkdtemp(join(tmpdir(), 'vcos-bench-freshness-'));
  const reputation = await startReputation({ directory: root, seeds: [member(0)] });
  try {
    for (let n = 0; n < seconds * probesPerSecond; n++) await putCreator(reputation.store, probe(n), dimensions);
    const bench = createBench(createReputationSubgraph(), reputation);
    const waits = await measure(reputation, bench, { rate, seconds });
    const sorted = [...waits.ms].sort((a, b) => a - b);
    const at = (share: number): string => (sorted[Math.floor(share * sorted.length)] ?? NaN).toFixed(0);
    console.log(
      `${waits.appended} events in ${waits.tookS.toFixed(1)} s (${Math.round(waits.appended / waits.tookS)}/s); ${sorted.length} probes from commit to GraphQL: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms`,
    );
    const perEvent = (seconds: number): string => ((seconds * 1_000) / waits.appended).toFixed(2);
    console.log(
      `processor time per event: ${perEvent(waits.mainS)} ms of the main thread, ${perEvent(waits.allS)} ms in all: one such process takes ${Math.round(waits.appended / waits.mainS)} events/s at most`,
    );
  } finally {
    await reputation.stop();
    await rm(root, { recursive: true, force: true });
  }
}

interface Measured {
  /** Milliseconds of each probe. */
  readonly ms: readonly number[];
  readonly appended: number;
  readonly tookS: number;
  /** Seconds of processor time: of the main thread, and of all. */
  readonly mainS: number;
  readonly allS: number;
}

const probe = (n: number): string => `probe-${n}`;

async function measure(
  reputation: ReputationRun,
  bench: SubgraphBench,
  { rate, seconds }: { readonly rate: number; readonly seconds: number },
): Promise<Measured> {
  const size = Math.ceil(rate / batchesPerSecond);
  const events = communityEvents({ members: membersCount, events: size * batchesPerSecond * seconds, hoursApart: 0.1 });
  const probes: Promise<number>[] = [];
  const [startedAt, before] = [performance.now(), processorSeconds()];
  for (let batch = 0; batch < batchesPerSecond * seconds; batch++) {
    await reputation.append(events.slice(batch * size, (batch + 1) * size));
    if (batch % (batchesPerSecond / probesPerSecond) === 0) {
      const n = probes.length;
      await reputation.eventLog.append([praiseRecord(probe(n), probe(n))]);
      probes.push(untilRead(bench, probe(n), performance.now()));
    }
    await sleep(Math.max(0, startedAt + ((batch + 1) * 1_000) / batchesPerSecond - performance.now()));
  }
  const tookS = (performance.now() - startedAt) / 1_000;
  const ms = await Promise.all(probes);
  const after = processorSeconds();
  return {
    ms,
    appended: events.length + probes.length,
    tookS,
    mainS: after.main - before.main,
    allS: after.all - before.all,
  };
}

/** Seconds of processor time so far: of the thread that runs the pipelines and answers, and of all threads, the warehouse's included. */
function processorSeconds(): { readonly main: number; readonly all: number } {
  const seconds = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1e6;
  return { main: seconds(process.threadCpuUsage()), all: seconds(process.cpuUsage()) };
}

/** Milliseconds from the commit until a query finds the score. Throws RangeError where it takes two minutes. */
async function untilRead(bench: SubgraphBench, creatorId: string, committedAt: number): Promise<number> {
  const query = 'query ($id: ID!) { reputation(creatorId: $id) { dimensions { score } } }';
  for (;;) {
    const { reputation } = await bench.query<{ reputation: { dimensions: readonly unknown[] } }>(null, query, {
      id: creatorId,
    });
    const ms = performance.now() - committedAt;
    if (reputation.dimensions.length > 0) return ms;
    if (ms > patienceMs) throw new RangeError(`${creatorId} was not read within ${patienceMs / 1_000} s`);
    await sleep(pollMs);
  }
}
