import {
  ConfigResourceTypes,
  type Connection,
  createTopicsV7,
  describeConfigsV4,
  metadataV12,
} from '@platformatic/kafka';
import type { DescribedTopic, KafkaClient, NewTopic, TopicAdmin } from './client.ts';
import { Brokers } from './platformatic-brokers.ts';
import { codesOf, translate } from './platformatic-values.ts';
import { PlatformaticWire } from './platformatic-wire.ts';

const createMsMax = 15_000;

/** `@platformatic/kafka`: its requests, without its own producer and consumer. */
export const platformaticClient: KafkaClient = {
  openWire: (address) => new PlatformaticWire(address),
  async openAdmin(address) {
    const brokers = new Brokers(address);
    const ask = async <R>(work: (connection: Connection) => Promise<R>): Promise<R> => {
      try {
        return await work(await brokers.any());
      } catch (error) {
        throw translate(error);
      }
    };
    await ask(() => Promise.resolve());
    return adminOf(ask, brokers);
  },
};

type Ask = <R>(work: (connection: Connection) => Promise<R>) => Promise<R>;

function adminOf(ask: Ask, brokers: Brokers): TopicAdmin {
  return {
    names: () =>
      ask(async (connection) => {
        const { topics } = await metadataV12.api.async(connection, null, false, false);
        return new Set(topics.flatMap(({ name }) => name ?? []));
      }),
    create: (topics) => ask((connection) => create(connection, topics)),
    describe: (names, settings) => ask((connection) => describe(connection, names, settings)),
    brokerSetting: (name) =>
      ask(async (connection) => {
        const [broker] = (await metadataV12.api.async(connection, [], false, false)).brokers;
        if (broker === undefined) return null;
        // Each knows its own only.
        const { results } = await describeConfigsV4.api.async(
          await brokers.at(broker),
          [
            {
              resourceType: ConfigResourceTypes.BROKER,
              resourceName: String(broker.nodeId),
              configurationKeys: [name],
            },
          ],
          false,
          false,
        );
        return results[0]?.configs[0]?.value ?? null;
      }),
    close: () => brokers.cut(),
  };
}

async function create(connection: Connection, topics: readonly NewTopic[]): Promise<void> {
  const wanted = topics.map(({ name, partitions, settings }) => ({
    name,
    numPartitions: partitions,
    replicationFactor: -1,
    assignments: [],
    configs: Object.entries(settings).map(([key, value]) => ({ name: key, value })),
  }));
  try {
    await createTopicsV7.api.async(connection, wanted, createMsMax, false);
  } catch (error) {
    const codes = codesOf(error);
    if (codes.length === 0 || codes.some((code) => code !== 'TOPIC_ALREADY_EXISTS')) throw error;
  }
}

async function describe(
  connection: Connection,
  names: readonly string[],
  settings: readonly string[],
): Promise<ReadonlyMap<string, DescribedTopic>> {
  const { topics } = await metadataV12.api.async(connection, [...names], false, false);
  const { results } = await describeConfigsV4.api.async(
    connection,
    names.map((name) => ({
      resourceType: ConfigResourceTypes.TOPIC,
      resourceName: name,
      configurationKeys: [...settings],
    })),
    false,
    false,
  );
  const values = new Map(
    results.map(({ resourceName, configs }) => [
      resourceName,
      new Map(configs.map(({ name, value }) => [name, value ?? null])),
    ]),
  );
  return new Map(
    topics.map(({ name, partitions }) => [
      name ?? '',
      { partitions: partitions.length, settings: values.get(name ?? '') ?? new Map<string, string>() },
    ]),
  );
}
