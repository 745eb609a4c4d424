/** `npm run bench -- explain [--members N] [--events N]`: whether explanations add up to their scores, all of them, and how fast they are read. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { dimensions } from '../schema/graph/catalogue.ts';
import { communityEvents, member } from '../streams/reputation/testing.ts';
import { createReputationSubgraph } from '../subgraphs/reputation/subgraph.ts';
import { putCreator } from '../subgraphs/reputation/testing.ts';
import { type SubgraphBench, createBench } from '../subgraphs/shared/testing.ts';
import { whenDrained } from './shared/canon-run.ts';
import { startReputation } from './shared/reputation-run.ts';

interface Explained {
  readonly id: string;
  readonly explain: {
    readonly positive: number;
    readonly negative: number;
    readonly sumsTo: { readonly positive: number; readonly negative: number };
  };
}

const batch = 20;
/** Evidence dated ahead of today would be refused. */
const daysCovered = 600;
const timedCalls = 300;

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      members: { type: 'string', default: '3000' },
      events: { type: 'string', default: '60000' },
    },
  });
  const [members, events] = [Number(values.members), Number(values.events)];
  const root = await mkdtemp(join(tmpdir(), 'vcos-bench-explain-'));
  const reputation = await startReputation({ directory: root, seeds: [member(0)] });
  try {
    const startedAt = performance.now();
    for (let n = 0; n < members; n++) await putCreator(reputation.store, member(n), dimensions);
    await reputation.append(communityEvents({ members, events, hoursApart: (daysCovered * 24) / events }));
    await whenDrained(reputation.stages);
    console.log(`${events} events of ${members} members counted in ${seconds(startedAt)} s`);
    const bench = createBench(createReputationSubgraph(), reputation);
    await checkAll(bench, members);
    await timeCalls(bench, members);
  } finally {
    await reputation.stop();
    await rm(root, { recursive: true, force: true });
  }
}

const seconds = (sinceMs: number): string => ((performance.now() - sinceMs) / 1000).toFixed(1);

async function checkAll(bench: SubgraphBench, members: number): Promise<void> {
  let [seen, worst] = [0, 0];
  const fields =
    'reputation { dimensions { id explain(first: 1) { positive negative sumsTo { positive negative } } } }';
  for (let at = 0; at < members; at += batch) {
    const ids = Array.from({ length: Math.min(batch, members - at) }, (_, n) => member(at + n));
    const found = await bench.entities<{ reputation: { dimensions: readonly Explained[] } }>(
      null,
      'Creator',
      ids,
      fields,
    );
    for (const { explain } of found.flatMap(({ reputation }) => reputation.dimensions)) {
      seen += 1;
      const { positive, negative, sumsTo } = explain;
      worst = Math.max(worst, Math.abs(positive - sumsTo.positive), Math.abs(negative - sumsTo.negative));
    }
  }
  console.log(`${seen} explanations checked against their scores; the largest difference is ${worst.toExponential(1)}`);
}

async function timeCalls(bench: SubgraphBench, members: number): Promise<void> {
  const query =
    'query ($id: ID!) { reputation(creatorId: $id) { dimensions(only: QUALITY) { explain(first: 50) { expression sumsTo { positive negative } entries { nodes { rule description weight counted pointsNow occurredAt refusal source { id } } pageInfo { endCursor } } } } } }';
  const times: number[] = [];
  for (let n = 0; n < timedCalls; n++) {
    const startedAt = performance.now();
    await bench.query(null, query, { id: member((n * 7919) % members) });
    times.push(performance.now() - startedAt);
  }
  times.sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor(share * times.length)] as number).toFixed(1);
  console.log(
    `explain(first: 50), ${timedCalls} calls one after the other: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms`,
  );
}
