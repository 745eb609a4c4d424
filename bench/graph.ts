/** Mutations a second on the operational graph, 32 clients at once: embedded, and on Neo4j with its outbox. Each is a whole `follow` command in one transaction. */
import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { v7 as uuidv7 } from 'uuid';
import type { EventLog } from '../engines/event-log/port.ts';
import { openNeo4jGraphStore } from '../engines/graph-store/neo4j-graph-store.ts';
import type { GraphStore } from '../engines/graph-store/port.ts';
import { openSqliteEngines } from '../engines/sqlite/open-engines.ts';
import { startTestNeo4j } from '../infra/jvm/neo4j/testing.ts';
import { HlcClock } from '../runtime/hlc-clock.ts';
import { hlcToIso } from '../schema/hlc.ts';
import { topics } from '../schema/topics.ts';
import { follow } from '../subgraphs/relationships/commands/follow.ts';
import { cpuSecondsOf } from './shared/cpu-seconds.ts';

const clients = 32;
const creators = 500;
const measuredDefault = 3_000;
/**
 * Mutations before the measured ones. A server in production is warm; a JVM that has just started spends half of its time on compiling, for some minutes on two cores. `--warm-up 0` shows a cold
 * one.
 */
const warmUpDefaults = { embedded: 1_000, neo4j: 20_000 } as const;

type Name = keyof typeof warmUpDefaults;

interface Load {
  readonly warmUp: number;
  readonly measured: number;
}

/** `npm run bench -- graph [embedded|neo4j] [--mutations N] [--warm-up N]`: without a name both, Neo4j on a server of its own (or at NEO4J_TEST_URL, which is emptied). */
export async function run(args: readonly string[]): Promise<void> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { mutations: { type: 'string' }, 'warm-up': { type: 'string' } },
  });
  // The embedded store is SQLite: both names are good.
  const only = positionals[0]?.replace('sqlite', 'embedded');
  if (only !== undefined && !Object.hasOwn(warmUpDefaults, only)) {
    throw new Error(`${only}: the name of a store is embedded (or sqlite) or neo4j; without one both are measured`);
  }
  const loadOf = (name: Name): Load => ({
    measured: Number(values.mutations ?? measuredDefault),
    warmUp: Number(values['warm-up'] ?? warmUpDefaults[name]),
  });
  if (only !== 'neo4j') await onEmbedded(loadOf('embedded'));
  if (only !== 'embedded') await onNeo4j(loadOf('neo4j'));
}

async function onEmbedded(given: Load): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'vcos-bench-graph-'));
  const { store, eventLog } = openSqliteEngines({ directory });
  await measure('embedded', { store, eventLog, given, bar: '1,000/s, p95 100 ms' });
  await eventLog.close();
  await store.close();
  await rm(directory, { recursive: true });
}

async function onNeo4j(given: Load): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'vcos-bench-graph-'));
  const embedded = openSqliteEngines({ directory });
  const server = await startTestNeo4j();
  await server.wipe();
  const { eventLog } = embedded;
  await eventLog.ensureTopics(Object.values(topics));
  const store = await openNeo4jGraphStore({ ...server, eventLog, onError: console.error });
  await measure('Neo4j', { store, eventLog, given, bar: '500/s, p95 100 ms', server: server.pid });
  const startedMs = performance.now();
  await store.relay.settled();
  console.log(`  outbox empty ${(performance.now() - startedMs).toFixed(0)} ms after the last mutation`);
  await store.close();
  await eventLog.close();
  await embedded.store.close();
  await server.stop();
  await rm(directory, { recursive: true });
}

interface Measured {
  readonly store: GraphStore;
  readonly eventLog: EventLog;
  readonly given: Load;
  readonly bar: string;
  /** The process of the store's server. */
  readonly server?: number | null;
}

async function measure(name: string, { store, eventLog, given, bar, server = null }: Measured): Promise<void> {
  await eventLog.ensureTopics(Object.values(topics));
  const ids = Array.from({ length: creators }, () => uuidv7());
  for (let at = 0; at < creators; at += 200) await putCreators(store, ids.slice(at, at + 200));
  const { warmUp, measured } = given;
  const part = async (count: number): Promise<{ latencies: number[]; seconds: number; cpu: string }> => {
    const [startedMs, own, others] = [
      performance.now(),
      process.cpuUsage(),
      server === null ? 0 : cpuSecondsOf(server),
    ];
    const latencies = await load(store, ids, count);
    const { user, system } = process.cpuUsage(own);
    const each = (ms: number): string => `${(ms / count).toFixed(2)} ms`;
    const ofServer = server === null ? '' : ` and ${each((cpuSecondsOf(server) - others) * 1_000)} of the server's`;
    const cpu = `${each((user + system) / 1_000)} of this process's CPU${ofServer} each`;
    return { latencies, seconds: (performance.now() - startedMs) / 1_000, cpu };
  };
  if (warmUp > 0) {
    const { seconds, cpu } = await part(warmUp);
    console.log(
      `${name}: warmed up by ${warmUp} mutations in ${seconds.toFixed(1)} s (${(warmUp / seconds).toFixed(0)}/s; ${cpu})`,
    );
  }
  const { latencies, seconds, cpu } = await part(measured);
  latencies.sort((a, b) => a - b);
  const at = (share: number): string => (latencies[Math.floor(latencies.length * share)] ?? Number.NaN).toFixed(1);
  console.log(
    `${name}: ${(measured / seconds).toFixed(0)} mutations/s with ${clients} clients, ${measured} in ${seconds.toFixed(1)} s; p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms; ${cpu} (bar: ${bar}); load average ${loadavg()[0]?.toFixed(1)}`,
  );
}

/** Clients that each send the next mutation when they have the answer to the last; latencies in milliseconds. */
async function load(store: GraphStore, ids: readonly string[], count: number): Promise<number[]> {
  const clock = new HlcClock({ node: 'live:bench' });
  const masterKey = Buffer.alloc(32, 1);
  const latencies: number[] = [];
  let left = count;
  const client = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const [from, to] = [randomInt(ids.length), randomInt(ids.length - 1)];
      const actor = { id: ids[from] as string, source: 'CREATOR' } as const;
      const creatorId = ids[to < from ? to : to + 1] as string;
      const startedMs = performance.now();
      await store.transact((tx) => {
        const nowIso = hlcToIso(clock.now());
        const context = {
          tx,
          actor,
          masterKey,
          region: 'bench',
          hlc: () => clock.now(),
          nowIso,
          newId: () => uuidv7(),
        };
        return follow(context, { creatorId });
      });
      latencies.push(performance.now() - startedMs);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return latencies;
}

async function putCreators(store: GraphStore, ids: readonly string[]): Promise<void> {
  const at = new Date().toISOString();
  await store.transact(async (tx) => {
    for (const id of ids) {
      await tx.put({
        type: 'Creator',
        id,
        props: {
          username: id,
          usernameKey: id,
          identity: `bench|${id}`,
          displayName: id,
          bio: '',
          creatorType: 'ARTIST',
          skills: [],
          state: 'ACTIVE',
          registeredAt: at,
          lastActiveAt: at,
          publicMetrics: [],
        },
      });
    }
  });
}
