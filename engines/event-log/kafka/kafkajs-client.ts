import { compressionsAlgorithms } from '@platformatic/kafka';
import kafkajs, { Kafka, type KafkaConfig, type SASLOptions, logLevel } from 'kafkajs';
import type { BrokerLogin } from '../../../runtime/config.ts';
import type { ClusterAddress, DescribedTopic, KafkaClient, NewTopic, TopicAdmin } from './client.ts';
import { connectSocket, nameWithoutColons } from './kafkajs-internals.ts';
import { translate } from './kafkajs-values.ts';
import { KafkajsWire } from './kafkajs-wire.ts';

// A module cannot import these by name.
const { TOPIC: topicResource, BROKER: brokerResource } = kafkajs.ConfigResourceTypes;
const { KafkaJSAggregateError, CompressionCodecs, CompressionTypes } = kafkajs;

// What others write may be compressed in any of Kafka's ways, of which kafkajs brings one: a batch that nobody can read would hold its partition for ever.
for (const name of ['Snappy', 'LZ4', 'ZSTD'] as const) {
  const { decompressSync } = compressionsAlgorithms[name.toLowerCase() as Lowercase<typeof name>];
  CompressionCodecs[CompressionTypes[name]] = () => ({ decompress: async (batch: Buffer) => decompressSync(batch) });
}

type Admin = ReturnType<Kafka['admin']>;

/** kafkajs: pinned, as its last release is. */
export const kafkajsClient: KafkaClient = {
  openWire: (address) => new KafkajsWire(configOf(address), address.prefix),
  async openAdmin(address) {
    const admin = new Kafka(configOf(address)).admin();
    await admin.connect().catch((error: unknown) => {
      throw translate(error);
    });
    return adminOf(admin);
  },
};

function configOf({ brokers, security, connectMsMax, requestMsMax }: ClusterAddress): KafkaConfig {
  const { tls, login, certificate } = security;
  return {
    clientId: 'vcos',
    brokers: brokers.map(nameWithoutColons),
    socketFactory: connectSocket,
    ...(tls && { ssl: { ...certificate } }),
    ...(login && { sasl: saslOf(login) }),
    connectionTimeout: connectMsMax,
    requestTimeout: requestMsMax,
    logLevel: logLevel.NOTHING,
    // The log has its own backoff, which tells of each failure.
    retry: { retries: 2, initialRetryTime: 100, maxRetryTime: 1_000 },
  };
}

function saslOf({ mechanism, user: username, password }: BrokerLogin): SASLOptions {
  const names = { PLAIN: 'plain', 'SCRAM-SHA-256': 'scram-sha-256', 'SCRAM-SHA-512': 'scram-sha-512' } as const;
  return { mechanism: names[mechanism], username, password };
}

function adminOf(admin: Admin): TopicAdmin {
  const told = async <R>(work: () => Promise<R>): Promise<R> => {
    try {
      return await work();
    } catch (error) {
      throw translate(error);
    }
  };
  return {
    names: () => told(async () => new Set(await admin.listTopics())),
    create: (topics) => create(admin, topics),
    describe: (names, settings) => told(() => describe(admin, names, settings)),
    brokerSetting: (name) =>
      told(async () => {
        const [broker] = (await admin.describeCluster()).brokers;
        if (broker === undefined) return null;
        const { resources } = await admin.describeConfigs({
          includeSynonyms: false,
          resources: [{ type: brokerResource, name: String(broker.nodeId), configNames: [name] }],
        });
        return resources[0]?.configEntries[0]?.configValue ?? null;
      }),
    close: () => admin.disconnect(),
  };
}

async function create(admin: Admin, topics: readonly NewTopic[]): Promise<void> {
  try {
    await admin.createTopics({
      topics: topics.map(({ name, partitions, settings }) => ({
        topic: name,
        numPartitions: partitions,
        replicationFactor: -1,
        configEntries: Object.entries(settings).map(([key, value]) => ({ name: key, value })),
      })),
      waitForLeaders: false,
    });
  } catch (error) {
    // One answer for each topic.
    const errors: readonly unknown[] = error instanceof KafkaJSAggregateError ? error.errors : [error];
    const failure = errors.map(translate).find(({ code }) => code !== 'TOPIC_ALREADY_EXISTS');
    if (failure !== undefined) throw failure;
  }
}

async function describe(
  admin: Admin,
  names: readonly string[],
  settings: readonly string[],
): Promise<ReadonlyMap<string, DescribedTopic>> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [...names] });
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: names.map((name) => ({ type: topicResource, name, configNames: [...settings] })),
  });
  const values = new Map(
    resources.map(({ resourceName, configEntries }) => [
      resourceName,
      new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
    ]),
  );
  return new Map(
    topics.map(({ name, partitions }) => [
      name,
      { partitions: partitions.length, settings: values.get(name) ?? new Map<string, string>() },
    ]),
  );
}
