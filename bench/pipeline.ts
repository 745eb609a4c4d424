/**
 * `npm run bench -- pipeline [embedded|kafka] [--processor canon|reputation|reputation-fast|privacy] [--events N] [--warm-up N] [--seconds N] [--instances 1,2,4] [--client platformatic|kafkajs]`: events from the log
 * through a processor and its sinks until their rows are in the warehouse. `embedded` is canon (with its tree) in one process; `kafka` runs the chosen processor as
 * often as asked, each a process of its own, on a broker that was warmed up.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { KafkaClientName } from '../engines/event-log/kafka/clients.ts';
import { startCanon } from './shared/canon-run.ts';
import { latency, ratePerSecond, through, throughBacklog } from './shared/pipeline/measure.ts';
import { onKafka, partitions } from './shared/pipeline/on-kafka.ts';
import { type Workload, workloads } from './shared/pipeline/workloads.ts';

interface Given {
  readonly client: KafkaClientName;
  readonly workload: Workload;
  readonly events: number;
  readonly warmUp: number;
  readonly seconds: number;
  readonly instances: readonly number[];
}

export async function run(args: readonly string[]): Promise<void> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      processor: { type: 'string', default: 'canon' },
      events: { type: 'string', default: '40000' },
      'warm-up': { type: 'string' },
      seconds: { type: 'string', default: '10' },
      instances: { type: 'string', default: '1,2,4' },
      client: { type: 'string', default: 'platformatic' },
    },
  });
  const workload = workloads.find(({ name }) => name === values.processor);
  if (!workload) {
    throw new RangeError(
      `--processor ${values.processor}: it must be one of ${workloads.map(({ name }) => name).join(', ')}`,
    );
  }
  const given = {
    workload,
    events: count('--events', values.events),
    warmUp: count('--warm-up', values['warm-up'] ?? values.events),
    seconds: count('--seconds', values.seconds),
    instances: values.instances.split(',').map((each) => count('--instances', each)),
    client: values.client === 'kafkajs' ? ('kafkajs' as const) : ('platformatic' as const),
  };
  const [only] = positionals;
  if (only === 'embedded' && workload.name !== 'canon')
    throw new RangeError(
      `--processor ${workload.name}: in one process canon is measured; leave embedded out, or say kafka`,
    );
  const directory = await mkdtemp(join(tmpdir(), 'vcos-bench-pipeline-'));
  try {
    if (only !== 'kafka' && workload.name === 'canon') await embedded(join(directory, 'embedded'), given);
    if (only !== 'embedded') await distributed(join(directory, 'distributed'), given);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function count(option: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new RangeError(`${option} ${text}: it must be a whole number from 1`);
  return number;
}

async function embedded(directory: string, { workload, events, warmUp, seconds }: Given): Promise<void> {
  const canon = await startCanon({ directory });
  try {
    const before = await workload.input('warm-up', warmUp, canon.eventLog);
    await through(canon, { ...workload, input: before });
    const input = await workload.input('run', events, canon.eventLog);
    const cpu = process.cpuUsage();
    const main = process.threadCpuUsage();
    const { count, stored } = await through(canon, { ...workload, input, before: before.records.length });
    const { user, system } = process.cpuUsage(cpu);
    const cpuS = (user + system) / 1e6;
    const ofMain = process.threadCpuUsage(main);
    const mainUs = (ofMain.user + ofMain.system) / count;
    print(
      'embedded, one process',
      stored,
      `events/s from append to row; ${Math.round(count / cpuS)} per second of its CPU, ${mainUs.toFixed(1)} µs of its main thread each (bar: 20,000/s)`,
    );
    const backlog = await workload.input('backlog', events, canon.eventLog);
    const after = before.records.length + count;
    print(
      'embedded, out of a full log',
      await throughBacklog(canon, { input: backlog, before: after }),
      'events/s from the log to the row, appending not counted',
    );
    const { single, table } = workload;
    if (single) printLatency('embedded', workload, await latency(canon, { single, table, seconds }));
  } finally {
    await canon.stop();
  }
}

async function distributed(root: string, given: Given): Promise<void> {
  const { workload } = given;
  let alone = 0;
  for await (const { instances, throughput, cpuSeconds, latency: rate } of onKafka(root, given)) {
    const { count, appended, processed, stored } = throughput;
    const all = [...cpuSeconds.values()].reduce((sum, s) => sum + s, 0);
    const used = [...cpuSeconds].map(([name, s]) => `${name} ${s.toFixed(1)}`).join(', ');
    alone ||= stored;
    print(
      `${workload.name} on Kafka, ${instances} instance(s)`,
      stored,
      `${workload.unit}/s from append to row, ${(stored / alone).toFixed(2)} times that of ${given.instances[0]}; through the processor ${figure(processed)}/s, into the log ${figure(appended)}/s`,
    );
    console.log(
      `    CPU seconds for ${figure(count)} over ${partitions} partitions: ${used}; ${figure(Math.round(count / all))} per second of CPU of all together`,
    );
    if (rate) printLatency(`${workload.name} on Kafka`, workload, rate);
  }
}

function printLatency(
  name: string,
  { unit }: Workload,
  { perSecond, waitsMs }: Awaited<ReturnType<typeof latency>>,
): void {
  const at = (share: number): string => (waitsMs[Math.floor(share * waitsMs.length)] ?? NaN).toFixed(0);
  print(
    `${name}, at a steady rate`,
    perSecond,
    `${unit}/s (${ratePerSecond} asked for); append to row p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms of ${waitsMs.length} (bar: p99 2,000 ms)`,
  );
}

const figure = (n: number): string => n.toLocaleString('en');

function print(what: string, perSecond: number, more: string): void {
  console.log(`${what.padEnd(38)} ${figure(perSecond).padStart(8)} ${more}`);
}
