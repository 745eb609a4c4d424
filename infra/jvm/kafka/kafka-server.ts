import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Admin } from '@platformatic/kafka';
import { type JvmCommand, freePort, runJvm, startJvm, waitUntilHealthy } from '../jvm-process.ts';
import { resolveClasspath } from '../maven.ts';
import type { JvmServer, RunningServer, ServerPlace } from '../server.ts';
import { versions } from '../versions.ts';

const startMsMax = 300_000;
const healthMsMax = 1_000;
const here = import.meta.dirname;

/** One Apache Kafka node that is broker and controller (KRaft), for one machine: no replicas, no encryption. */
export const kafkaServer: JvmServer = {
  name: 'kafka',
  defaultPort: 9092,
  start: (place) => startKafka(place, { listeners: [], properties: {}, scramUsers: [] }),
};

interface KafkaListener {
  readonly protocol: 'SASL_SSL' | 'SASL_PLAINTEXT' | 'SSL';
  /** By which its own settings are told; its protocol unless told otherwise. */
  readonly name?: string;
  readonly address: string;
}

/** What a broker has beside its plain listener. */
interface KafkaExtras {
  readonly listeners: readonly KafkaListener[];
  readonly properties: Readonly<Record<string, string | number | boolean>>;
  /** As `--add-scram` takes them. */
  readonly scramUsers: readonly string[];
}

/** Starts a broker as {@link kafkaServer} does, with listeners and users beside. */
export async function startKafka(place: ServerPlace, extras: KafkaExtras): Promise<RunningServer> {
  const { directory, say } = place;
  const port = place.port === 0 ? await freePort() : place.port;
  const broker = `127.0.0.1:${port}`;
  const classpath = await resolveClasspath({
    pom: join(here, 'pom.xml'),
    properties: { 'kafka.version': versions.kafka, 'log4j.version': versions.log4j },
    say,
  });
  const settings = join(directory, 'server.properties');
  writeFileSync(settings, propertiesOf({ port, controllerPort: await freePort(), directory }, extras));
  const command = (mainClass: string, args: readonly string[]): JvmCommand => ({
    classpath,
    options: [
      '-Xmx512m',
      '-XX:+UseSerialGC',
      // Its first minutes are all that most of its lives have: the optimising compiler would take a third of its processor time for code that is soon gone.
      '-XX:TieredStopAtLevel=1',
      `-Dlog4j2.configurationFile=${join(here, 'log4j2.properties')}`,
    ],
    mainClass,
    args,
  });
  if (!existsSync(join(directory, 'data', 'meta.properties'))) {
    // One that begins with a hyphen is taken for an option.
    const users = extras.scramUsers.flatMap((user) => ['--add-scram', user]);
    const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A');
    runJvm(command('kafka.tools.StorageTool', ['format', '--standalone', '-t', clusterId, '-c', settings, ...users]));
  }
  const logFile = join(directory, 'server.log');
  const pid = startJvm(command('kafka.Kafka', [settings]), logFile);
  await waitUntilHealthy({ pid, logFile, timeoutMs: startMsMax, check: () => answers(broker) });
  return { pid, environment: { EVENT_LOG_BROKERS: broker } };
}

async function answers(broker: string): Promise<void> {
  const admin = new Admin({
    clientId: 'vcos-health',
    bootstrapBrokers: [broker],
    retries: 0,
    connectTimeout: healthMsMax,
    requestTimeout: healthMsMax,
  });
  try {
    await admin.listTopics();
  } finally {
    await admin.close();
  }
}

function propertiesOf(given: { port: number; controllerPort: number; directory: string }, extras: KafkaExtras): string {
  const { port, controllerPort, directory } = given;
  const listeners = [
    `PLAINTEXT://127.0.0.1:${port}`,
    ...extras.listeners.map(({ protocol, name = protocol, address }) => `${name}://${address}`),
  ];
  const protocols = [
    'CONTROLLER:PLAINTEXT',
    'PLAINTEXT:PLAINTEXT',
    ...extras.listeners.map(({ protocol, name = protocol }) => `${name}:${protocol}`),
  ];
  const properties: Readonly<Record<string, string | number | boolean>> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.bootstrap.servers': `127.0.0.1:${controllerPort}`,
    listeners: [...listeners, `CONTROLLER://127.0.0.1:${controllerPort}`].join(),
    'advertised.listeners': listeners.join(),
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': protocols.join(),
    'log.dirs': join(directory, 'data'),
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 8,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 8,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    // Tests let members die and do not want to wait the usual six seconds for it.
    'group.min.session.timeout.ms': 500,
    // Offsets of a group that rests for a week must not be forgotten: it would handle everything again.
    'offsets.retention.minutes': 2_147_483_647,
    'num.io.threads': 4,
    'num.network.threads': 2,
    'log.cleaner.dedupe.buffer.size': 16_777_216,
    ...extras.properties,
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
