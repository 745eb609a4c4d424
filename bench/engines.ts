/**
 * `npm run bench -- engines [--graph FILE]`: the embedded engines alone. Durable transactions, log throughput and graph reads; the graph is
 * a CSV of undirected edges with a header, two node names a line.
 */
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OutgoingRecord } from '../engines/event-log/port.ts';
import { type SqliteEngines, openSqliteEngines } from '../engines/sqlite/open-engines.ts';
import type { NodeProps } from '../schema/graph/catalogue.ts';

const usage = 'usage: npm run bench -- engines [--graph FILE], where FILE is a CSV of undirected edges with a header';
const since = '2024-01-01T00:00:00.000Z';
const valueOf = (n: number): string => JSON.stringify({ n, text: 'x'.repeat(500) });

export async function run(args: readonly string[]): Promise<void> {
  const at = args.indexOf('--graph');
  const graph = at < 0 ? null : args[at + 1];
  if (graph === undefined) return console.error(usage);
  const directory = await mkdtemp(join(tmpdir(), 'vcos-bench-engines-'));
  const engines = openSqliteEngines({ directory });
  try {
    await engines.eventLog.ensureTopics(
      ['changes', 'in', 'out'].map((name) => ({ name, partitions: 1, cleanup: 'keep' as const })),
    );
    await transactions(engines);
    await appends(engines);
    await consumption(engines);
    await graphReads(engines, graph);
  } finally {
    await engines.eventLog.close();
    await engines.store.close();
    await rm(directory, { recursive: true });
  }
}

function say(what: string, figure: string): void {
  console.log(`${what.padEnd(58)} ${figure}`);
}

async function rateOf(count: number, work: () => Promise<unknown>): Promise<string> {
  const startedAt = performance.now();
  await work();
  return `${Math.round((count * 1000) / (performance.now() - startedAt))}/s`;
}

function creator(name: string): NodeProps['Creator'] {
  return {
    username: name,
    usernameKey: name,
    identity: `bench|${name}`,
    displayName: name,
    bio: '',
    creatorType: 'ARTIST',
    skills: ['painting', 'sculpture'],
    state: 'ACTIVE',
    registeredAt: since,
    lastActiveAt: since,
    publicMetrics: [],
  };
}

/** A transaction as a mutation makes it: two reads, an entity, its chain's head, one event. */
async function mutate({ store }: SqliteEngines, id: string): Promise<void> {
  await store.transact(async (tx) => {
    await tx.get('Creator', [id]);
    await tx.get('ChainHead', [`chain|Creator|${id}`]);
    await tx.put({ type: 'Creator', id, props: creator(id) });
    await tx.put({
      type: 'ChainHead',
      id: `chain|Creator|${id}`,
      props: { entityVersion: 1, hash: id, eventId: `event-${id}` },
    });
    await tx.append([{ topic: 'changes', key: id, id: `event-${id}`, value: valueOf(1) }]);
  });
}

async function transactions(engines: SqliteEngines): Promise<void> {
  for (const [callers, each] of [
    [1, 2_000],
    [32, 300],
  ] as const) {
    const call = async (caller: number): Promise<void> => {
      for (let i = 0; i < each; i++) await mutate(engines, `${callers}-${caller}-${i}`);
    };
    const rate = await rateOf(callers * each, () => Promise.all(Array.from({ length: callers }, (_, n) => call(n))));
    say(`durable mutations, ${callers} at a time`, rate);
  }
}

async function appends({ eventLog }: SqliteEngines): Promise<void> {
  const batch = (n: number): OutgoingRecord[] =>
    Array.from({ length: 1_000 }, (_, i) => ({
      topic: 'in',
      key: `key-${i}`,
      id: `${n}-${i}`,
      value: valueOf(i),
    }));
  const rate = await rateOf(100_000, async () => {
    for (let n = 0; n < 100; n++) await eventLog.append(batch(n));
  });
  say('records appended, 1,000 in a batch', rate);
}

/** Each record of `in` becomes one of `out`; outputs and offset in one commit per batch. */
async function consumption({ eventLog }: SqliteEngines): Promise<void> {
  let handled = 0;
  const finished = Promise.withResolvers<undefined>();
  const rate = await rateOf(100_000, async () => {
    const consumer = await eventLog.consume({
      group: 'bench',
      topics: ['in'],
      batchMax: 1_000,
      onError: finished.reject,
      onBatch: ({ records }) => {
        handled += records.length;
        if (handled === 100_000) finished.resolve(undefined);
        return Promise.resolve(records.map(({ key, id, value }) => ({ topic: 'out', key, id, value })));
      },
    });
    await finished.promise;
    await consumer.close();
  });
  say('records consumed, each giving one record', rate);
}

async function graphReads(engines: SqliteEngines, file: string | null): Promise<void> {
  if (file === null || !existsSync(file)) {
    console.log(
      file === null ? 'graph reads: skipped, no --graph FILE given' : `graph reads: skipped, no file ${file}`,
    );
    return;
  }
  const ids = await load(engines, file);
  const { store } = engines;
  const sample = ids.filter((_, i) => i % 7 === 0).slice(0, 1_000);
  const degrees = await store.degrees('FOLLOWS', 'both', ids);
  const hub = ids[degrees.indexOf(Math.max(...degrees))] as string;
  const neighbours = (id: string): Promise<unknown> =>
    store.neighbours({
      edge: 'FOLLOWS',
      direction: 'both',
      ids: [id],
      orderBy: 'since',
      order: 'desc',
      limit: 10,
    });
  const twoHops = (id: string): Promise<unknown> =>
    store.recommend({ edge: 'FOLLOWS', exclude: ['BLOCKS'], id, limit: 10 });
  const path = (from: string, i: number): Promise<unknown> =>
    store.shortestPath({ edges: ['FOLLOWS'], from, to: sample[(i * 31 + 7) % sample.length] as string, maxDepth: 6 });
  await latencies('ten neighbours of a node', sample, neighbours);
  await latencies('recommendation over two hops', sample, twoHops);
  await latencies('shortest path of at most 6 edges', sample, path);
  await latencies('degree of a node', sample, (id) => store.degrees('FOLLOWS', 'both', [id]));
  await latencies(`recommendation for the busiest node (${Math.max(...degrees)} edges)`, Array(50).fill(hub), twoHops);
}

async function load({ store }: SqliteEngines, file: string): Promise<readonly string[]> {
  const lines = readFileSync(file, 'utf8').trim().split('\n').slice(1);
  const edges = lines.map(
    (line) =>
      line
        .trim()
        .split(',')
        .map((name) => `n${name}`) as [string, string],
  );
  const ids = [...new Set(edges.flat())];
  const inGroups = async <T>(items: readonly T[], write: (items: readonly T[]) => Promise<unknown>): Promise<void> => {
    for (let i = 0; i < items.length; i += 1_000) await write(items.slice(i, i + 1_000));
  };
  const rate = await rateOf(ids.length + edges.length, async () => {
    await inGroups(ids, (some) =>
      store.transact(async (tx) => {
        for (const id of some) await tx.put({ type: 'Creator', id, props: creator(id) });
      }),
    );
    await inGroups(edges, (some) =>
      store.transact(async (tx) => {
        for (const [from, to] of some) await tx.link({ type: 'FOLLOWS', from, to, props: { since } });
      }),
    );
  });
  say(`graph of ${ids.length} nodes and ${edges.length} edges loaded`, rate);
  return ids;
}

async function latencies(
  what: string,
  items: readonly string[],
  read: (id: string, index: number) => Promise<unknown>,
): Promise<void> {
  const times: number[] = [];
  for (const [index, item] of items.entries()) {
    const startedAt = performance.now();
    await read(item, index);
    times.push(performance.now() - startedAt);
  }
  times.sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(3);
  say(what, `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, worst ${at(0.9999)} ms`);
}
