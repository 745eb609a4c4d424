/**
 * `npm run bench -- pipeline [embedded|kafka] [--events N] [--seconds N] [--instances 1,2,4]`: events from the log through canon (chains, hashes, verdicts, tree) and its
 * sinks until their rows are in the warehouse. `embedded` is one process; `kafka` runs `node main.ts stream canon` as often as asked, on servers of its own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { KafkaEventLog } from '../engines/event-log/kafka-event-log.ts';
import type { EventLog } from '../engines/event-log/port.ts';
import { openClickHouseWarehouse } from '../engines/warehouse/clickhouse-warehouse.ts';
import type { Warehouse } from '../engines/warehouse/port.ts';
import { type BridgeProcess, startBridge } from '../infra/clickhouse-bridge/bridge-process.ts';
import { stopProcess } from '../infra/jvm/jvm-process.ts';
import type { RunningServer } from '../infra/jvm/server.ts';
import { servers } from '../infra/jvm/servers.ts';
import { type CanonEvent, canonicalJson } from '../schema/events/envelope.ts';
import { topics } from '../schema/topics.ts';
import { chainOf } from '../streams/canon/testing.ts';
import { startCanon } from './shared/canon-run.ts';

const creators = 500;
const partitions = 8;
const appendRecords = 1_000;
const pollMs = 50;
/** Events at a steady rate: batches of 50 ms, one event of each watched until its row is found. */
const ratePerSecond = 1_000;
const batchesPerSecond = 20;

interface Target {
  readonly eventLog: EventLog;
  readonly warehouse: Warehouse;
}

interface Given {
  readonly events: number;
  readonly seconds: number;
  readonly instances: readonly number[];
}

export async function run(args: readonly string[]): Promise<void> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      events: { type: 'string', default: '40000' },
      seconds: { type: 'string', default: '10' },
      instances: { type: 'string', default: '1,2,4' },
    },
  });
  const given = {
    events: Math.ceil(Number(values.events) / creators) * creators,
    seconds: Number(values.seconds),
    instances: values.instances.split(',').map(Number),
  };
  const [only] = positionals;
  const directory = await mkdtemp(join(tmpdir(), 'vcos-bench-pipeline-'));
  try {
    if (only !== 'kafka') await embedded(join(directory, 'embedded'), given);
    if (only !== 'embedded') await onKafka(join(directory, 'kafka'), given);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Whole chains of all creators. */
const warmUpOf = ({ events }: Given): number => Math.ceil(events / 4 / creators) * creators;

async function embedded(directory: string, given: Given): Promise<void> {
  const canon = await startCanon({ directory });
  try {
    await through(canon, eventsOf('warm-up', warmUpOf(given)), 0);
    const events = eventsOf('run', given.events);
    const cpu = process.cpuUsage();
    const perSecond = await through(canon, events, warmUpOf(given));
    const { user, system } = process.cpuUsage(cpu);
    print(
      'embedded, one process',
      perSecond,
      `${Math.round(given.events / ((user + system) / 1e6))} per second of its CPU (bar: 20,000/s)`,
    );
    await latency('embedded', canon, given.seconds);
  } finally {
    await canon.stop();
  }
}

type Records = Parameters<EventLog['append']>[0];

/** Events of 500 creators, interleaved. */
function eventsOf(name: string, count: number): Records {
  const length = Math.ceil(count / creators);
  const chains = Array.from({ length: creators }, (_, n) => chainOf({ entityId: `${name}-${n}`, length }));
  return Array.from({ length }, (_, version) => chains.map((chain) => recordOf(chain[version] as CanonEvent))).flat();
}

/** Appends events and waits for all their rows beside those of the `before` earlier ones. Events per second, from the first append to the last row. */
async function through({ eventLog, warehouse }: Target, records: Records, before: number): Promise<number> {
  const startedMs = performance.now();
  for (let at = 0; at < records.length; at += appendRecords)
    await eventLog.append(records.slice(at, at + appendRecords));
  // Rows are counted out of what parts say of themselves, so that asking costs next to nothing; repetitions are told apart at the end.
  const rows = async (table: string, what: string): Promise<number> => {
    const [row] = await warehouse.query<{ n: string }>(`SELECT ${what} AS n FROM platform.${table}`);
    return Number(row?.n);
  };
  for (const table of ['canon_events', 'canon_status']) {
    while ((await rows(table, 'count()')) < before + records.length) await sleep(pollMs);
    if ((await rows(table, 'uniqExact(event_id)')) < before + records.length)
      throw new Error(`${table} holds rows of one event twice: count them anew`);
  }
  return Math.round(records.length / ((performance.now() - startedMs) / 1_000));
}

function recordOf(event: CanonEvent): Records[number] {
  return { topic: topics.events.name, key: event.entity.id, id: event.id, value: canonicalJson(event) };
}

/** From an event's commit in the log until a query of the warehouse finds it, at a steady rate. One event of each batch is watched, all of them by one query. */
async function latency(name: string, { eventLog, warehouse }: Target, seconds: number): Promise<void> {
  const size = ratePerSecond / batchesPerSecond;
  const watched = new Map<string, number>();
  const waits: number[] = [];
  const startedMs = performance.now();
  const sent = new AbortController();
  const watching = (async () => {
    while (!sent.signal.aborted || watched.size > 0) {
      const sql = 'SELECT event_id AS id FROM platform.canon_events WHERE event_id IN {ids:Array(String)}';
      const found = watched.size === 0 ? [] : await warehouse.query<{ id: string }>(sql, { ids: [...watched.keys()] });
      for (const id of new Set(found.map((row) => row.id))) {
        waits.push(performance.now() - (watched.get(id) ?? NaN));
        watched.delete(id);
      }
      await sleep(pollMs);
    }
  })();
  for (let batch = 0; batch < batchesPerSecond * seconds; batch++) {
    const events = Array.from({ length: size }, (_, n) => chainOf({ entityId: `at-rate-${batch}-${n}`, length: 1 }));
    await eventLog.append(events.flat().map(recordOf));
    watched.set(`at-rate-${batch}-0-event-0`, performance.now());
    await sleep(Math.max(0, startedMs + ((batch + 1) * 1_000) / batchesPerSecond - performance.now()));
  }
  const tookS = (performance.now() - startedMs) / 1_000;
  sent.abort();
  await watching;
  const sorted = waits.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor(share * sorted.length)] ?? NaN).toFixed(0);
  print(
    `${name}, at a steady rate`,
    Math.round((batchesPerSecond * seconds * size) / tookS),
    `(${ratePerSecond} asked for); event to row p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms of ${sorted.length} (bar: p99 2,000 ms)`,
  );
}

async function onKafka(root: string, given: Given): Promise<void> {
  const running = new Map<string, RunningServer>();
  let bridge: BridgeProcess | null = null;
  try {
    for (const server of servers) {
      const directory = join(root, server.name);
      await mkdir(directory, { recursive: true });
      running.set(server.name, await server.start({ directory, port: 0, say: console.error }));
    }
    bridge = await startBridge(join(root, 'warehouse'));
    const environment = Object.assign({}, ...[...running.values()].map((server) => server.environment)) as Record<
      string,
      string
    >;
    let alone = 0;
    for (const instances of given.instances) {
      const perSecond = await withInstances(root, { instances, given, environment, bridge, running });
      alone ||= perSecond;
      console.log(
        `  ${instances} instance(s): ${(perSecond / alone).toFixed(2)} times the throughput of ${given.instances[0]}`,
      );
    }
  } finally {
    await bridge?.stop();
    for (const { pid } of running.values()) await stopProcess(pid);
  }
}

interface Setup {
  readonly instances: number;
  readonly given: Given;
  readonly environment: Readonly<Record<string, string>>;
  readonly bridge: BridgeProcess;
  readonly running: ReadonlyMap<string, RunningServer>;
}

/** Each number of instances has topics of its own; the servers stay. */
async function withInstances(root: string, { instances, given, environment, bridge, running }: Setup): Promise<number> {
  const prefix = `n${instances}-`;
  const roles: ChildProcess[] = [];
  const warehouse = await openClickHouseWarehouse({ ...bridge, empty: true });
  await warehouse.migrate();
  const eventLog = new KafkaEventLog({ brokers: [environment['EVENT_LOG_BROKERS'] ?? ''], prefix });
  try {
    const address = new URL(bridge.url);
    [address.username, address.password] = [bridge.user, bridge.password];
    const env = {
      ...process.env,
      ...environment,
      WAREHOUSE_URL: address.href,
      EVENT_LOG_PREFIX: prefix,
      EVENT_PARTITIONS: String(partitions),
      DATA_DIR: join(root, 'data'),
      PORT: '0',
    };
    for (let n = 0; n < instances; n++) roles.push(await startRole(env));
    const target = { eventLog, warehouse };
    await through(target, eventsOf('warm-up', warmUpOf(given)), 0);
    const events = eventsOf('run', given.events);
    const pids = new Map<string, readonly number[]>([...running].map(([name, { pid }]) => [name, [pid]]));
    pids.set(
      'streams',
      roles.flatMap(({ pid }) => pid ?? []),
    );
    const before = cpuSeconds(pids);
    const own = process.cpuUsage();
    const perSecond = await through(target, events, warmUpOf(given));
    const { user, system } = process.cpuUsage(own);
    const used = [...cpuSeconds(pids)].map(([name, s]) => `${name} ${(s - (before.get(name) ?? 0)).toFixed(1)}`);
    print(
      `Kafka, ${partitions} partitions, ${instances} instance(s)`,
      perSecond,
      `(bar: 10,000/s for one); CPU seconds: ${used.join(', ')}, appending and asking ${((user + system) / 1e6).toFixed(1)}`,
    );
    if (instances === 1) await latency('Kafka', target, given.seconds);
    return perSecond;
  } finally {
    for (const role of roles) role.kill('SIGTERM');
    for (const role of roles) if (role.exitCode === null && role.signalCode === null) await once(role, 'exit');
    await eventLog.close();
    await warehouse.close();
  }
}

async function startRole(env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['main.ts', 'stream', 'canon'], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (line === 'stream canon runs') resolve(undefined);
    else console.error(line);
  });
  child.once('exit', (code) => reject(new Error(`a stream ended with ${code}`)));
  await promise;
  return child;
}

/** Processor time of groups of processes, from /proc; empty where there is none. */
function cpuSeconds(groups: ReadonlyMap<string, readonly number[]>): Map<string, number> {
  const secondsOf = (pid: number): number => {
    const file = `/proc/${pid}/stat`;
    if (!existsSync(file)) return 0;
    const fields = readFileSync(file, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  };
  return new Map([...groups].map(([name, pids]) => [name, pids.reduce((sum, pid) => sum + secondsOf(pid), 0)]));
}

function print(what: string, perSecond: number, more: string): void {
  console.log(`${what.padEnd(38)} ${perSecond.toLocaleString('en').padStart(8)} events/s; ${more}`);
}
