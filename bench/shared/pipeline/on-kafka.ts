import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { KafkaEventLog } from '../../../engines/event-log/kafka-event-log.ts';
import { type KafkaClientName, kafkaClient } from '../../../engines/event-log/kafka/clients.ts';
import { openClickHouseWarehouse } from '../../../engines/warehouse/clickhouse-warehouse.ts';
import { type BridgeProcess, startBridge } from '../../../infra/clickhouse-bridge/bridge-process.ts';
import { endsWithThisProcess, stopProcess } from '../../../infra/jvm/jvm-process.ts';
import { kafkaServer } from '../../../infra/jvm/kafka/kafka-server.ts';
import type { RunningServer } from '../../../infra/jvm/server.ts';
import { topics } from '../../../schema/topics.ts';
import { type Throughput, latency, through } from './measure.ts';
import { cpuSecondsOf } from '../cpu-seconds.ts';
import type { Workload } from './workloads.ts';

export const partitions = 8;

export interface KafkaGiven {
  readonly workload: Workload;
  readonly events: number;
  /** Events that go through before anything is measured, so that broker and processors are compiled. */
  readonly warmUp: number;
  readonly seconds: number;
  readonly instances: readonly number[];
  readonly client: KafkaClientName;
}

/** What one number of instances gave. CPU seconds are those of the measured run, by party. */
export interface KafkaResult {
  readonly instances: number;
  readonly throughput: Throughput;
  readonly cpuSeconds: ReadonlyMap<string, number>;
  readonly latency: Awaited<ReturnType<typeof latency>> | null;
}

/** A broker of its own, and a bridge: no other server plays a part. */
export async function* onKafka(root: string, given: KafkaGiven): AsyncGenerator<KafkaResult> {
  const directory = join(root, 'kafka');
  await mkdir(directory, { recursive: true });
  const kafka = await kafkaServer.start({ directory, port: 0, say: console.error });
  endsWithThisProcess(kafka.pid);
  let bridge: BridgeProcess | null = null;
  try {
    bridge = await startBridge(join(root, 'warehouse'));
    for (const instances of given.instances) yield await withInstances(root, { instances, given, kafka, bridge });
  } finally {
    await bridge?.stop();
    await stopProcess(kafka.pid);
  }
}

interface Setup {
  readonly instances: number;
  readonly given: KafkaGiven;
  readonly kafka: RunningServer;
  readonly bridge: BridgeProcess;
}

/** Each number of instances has topics of its own; the servers stay. */
async function withInstances(root: string, { instances, given, kafka, bridge }: Setup): Promise<KafkaResult> {
  const { workload, events, warmUp, seconds, client } = given;
  const prefix = `n${instances}-`;
  const processes: ChildProcess[] = [];
  const warehouse = await openClickHouseWarehouse({ ...bridge, empty: true });
  await warehouse.migrate();
  const eventLog = new KafkaEventLog({
    brokers: [kafka.environment['EVENT_LOG_BROKERS'] ?? ''],
    prefix,
    client: await kafkaClient(client),
  });
  try {
    await eventLog.ensureTopics(
      Object.values(topics).map((spec) => ({ ...spec, partitions: spec.partitions === 1 ? 1 : partitions })),
    );
    const address = new URL(bridge.url);
    [address.username, address.password] = [bridge.user, bridge.password];
    const env = {
      ...process.env,
      ...kafka.environment,
      WAREHOUSE_URL: address.href,
      EVENT_LOG_PREFIX: prefix,
      EVENT_LOG_CLIENT: client,
      DATA_DIR: join(root, 'data'),
    };
    for (let n = 0; n < instances; n++) processes.push(await startProcess(workload, env));
    const target = { eventLog, warehouse };
    const { processor } = workload;
    const before = await workload.input('warm-up', warmUp, eventLog);
    await through(target, { processor, input: before });
    const input = await workload.input('run', events, eventLog);
    const pids = new Map<string, readonly number[]>([
      ['Kafka', [kafka.pid]],
      ['ClickHouse', [bridge.pid]],
      ['streams', processes.flatMap(({ pid }) => pid ?? [])],
      ['appending and asking', [process.pid]],
    ]);
    const earlier = cpuSeconds(pids);
    const throughput = await through(target, { processor, input, before: before.records.length });
    const used = [...cpuSeconds(pids)].map(([name, s]) => [name, s - (earlier.get(name) ?? 0)] as const);
    const { single, table } = workload;
    const rate = instances === 1 && single !== null ? await latency(target, { single, table, seconds }) : null;
    return { instances, throughput, cpuSeconds: new Map(used), latency: rate };
  } finally {
    for (const each of processes) each.kill('SIGTERM');
    for (const each of processes) if (each.exitCode === null && each.signalCode === null) await once(each, 'exit');
    await eventLog.close();
    await warehouse.close();
  }
}

async function startProcess({ name }: Workload, env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'stream-process.ts'), name], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line === 'runs') resolve(undefined);
    else console.error(line);
  });
  child.once('exit', (code) => reject(new Error(`a stream ended with ${code}`)));
  await promise;
  return child;
}

/** Processor time of groups of processes, from /proc; nothing where there is none. */
function cpuSeconds(groups: ReadonlyMap<string, readonly number[]>): Map<string, number> {
  return new Map([...groups].map(([name, pids]) => [name, pids.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0)]));
}
