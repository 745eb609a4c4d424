import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { Kafka, type KafkaConfig } from 'kafkajs';
import type { TopicSpec } from '../../../schema/topics.ts';
import { TopicError } from '../port.ts';
import { translate } from './kafkajs-values.ts';
import { isWireError } from './wire.ts';

const maxMessageBytes = 8 * 1024 * 1024;
/** A changelog is compacted once a segment is full: small ones keep a restart short. */
const changelogSegmentBytes = 16 * 1024 * 1024;
const dayMs = 86_400_000;
const knownMsMax = 15_000;
const knownPollMs = 20;
// A module cannot import these by name.
const topicResource = kafkajs.ConfigResourceTypes.TOPIC;
const { KafkaJSAggregateError } = kafkajs;

/** Makes topics that are absent; a topic that is there and differs is an error that names both. */
export async function ensureTopics(config: KafkaConfig, prefix: string, specs: readonly TopicSpec[]): Promise<void> {
  const admin = new Kafka(config).admin();
  try {
    await admin.connect();
    const names = new Set(await admin.listTopics());
    const absent = specs.filter(({ name }) => !names.has(prefix + name));
    if (absent.length > 0) await create(admin, prefix, absent);
    await known(
      admin,
      specs.map(({ name }) => prefix + name),
    );
    // Also of what was absent: another process may have been the one to make it.
    if (specs.length > 0) await check(admin, prefix, specs);
  } catch (error) {
    throw error instanceof TopicError ? error : translate(error);
  } finally {
    await admin.disconnect();
  }
}

type Admin = ReturnType<Kafka['admin']>;

async function create(admin: Admin, prefix: string, specs: readonly TopicSpec[]): Promise<void> {
  try {
    await admin.createTopics({
      topics: specs.map((spec) => ({
        topic: prefix + spec.name,
        numPartitions: spec.partitions,
        replicationFactor: -1,
        configEntries: Object.entries(settingsOf(spec)).map(([key, value]) => ({ name: key, value })),
      })),
      waitForLeaders: false,
    });
  } catch (error) {
    // One answer for each topic; those that another process made meanwhile are there.
    const errors: readonly unknown[] = error instanceof KafkaJSAggregateError ? error.errors : [error];
    const failure = errors.map(translate).find(({ code }) => code !== 'TOPIC_ALREADY_EXISTS');
    if (failure !== undefined) throw failure;
  }
}

/** The controller answers before the brokers have heard of the topics. */
async function known(admin: Admin, names: readonly string[]): Promise<void> {
  const deadline = Date.now() + knownMsMax;
  for (;;) {
    try {
      await admin.fetchTopicMetadata({ topics: [...names] });
      return;
    } catch (error) {
      const passing = isWireError(translate(error), 'UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE');
      if (!passing || Date.now() > deadline) throw error;
      await sleep(knownPollMs);
    }
  }
}

const retentionOf = ({ keptDays }: TopicSpec): string => (keptDays === undefined ? '-1' : String(keptDays * dayMs));

function settingsOf(spec: TopicSpec): Readonly<Record<string, string>> {
  const common = { 'max.message.bytes': String(maxMessageBytes), 'message.timestamp.type': 'LogAppendTime' };
  if (spec.cleanup === 'keep') {
    // The log is the truth: nothing of it may expire, but what is declared to. Brokers remove whole segments, so those of such a topic are a day long.
    const segments = spec.keptDays === undefined ? {} : { 'segment.ms': String(dayMs) };
    const retention = { 'retention.ms': retentionOf(spec), 'retention.bytes': '-1' };
    return { ...common, ...segments, ...retention, 'cleanup.policy': 'delete' };
  }
  return {
    ...common,
    'cleanup.policy': 'compact',
    'segment.bytes': String(changelogSegmentBytes),
    'min.cleanable.dirty.ratio': '0.2',
    'delete.retention.ms': String(dayMs),
  };
}

async function check(admin: Admin, prefix: string, specs: readonly TopicSpec[]): Promise<void> {
  const { topics } = await admin.fetchTopicMetadata({ topics: specs.map(({ name }) => prefix + name) });
  const partitions = new Map(topics.map((topic) => [topic.name, topic.partitions.length]));
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: specs.map(({ name }) => ({
      type: topicResource,
      name: prefix + name,
      configNames: ['cleanup.policy', 'retention.ms'],
    })),
  });
  const settings = new Map(
    resources.map(({ resourceName, configEntries }) => [
      resourceName,
      new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
    ]),
  );
  for (const spec of specs) {
    const has = partitions.get(prefix + spec.name) ?? 0;
    if (has < spec.partitions) {
      throw new TopicError(
        `topic ${prefix}${spec.name} has ${has} partitions and ${spec.partitions} are asked for: with more, keys would change their places. Set EVENT_PARTITIONS=${has}, or start with new topics (EVENT_LOG_PREFIX)`,
      );
    }
    const of = settings.get(prefix + spec.name);
    const policy = of?.get('cleanup.policy');
    if (policy !== (spec.cleanup === 'compact' ? 'compact' : 'delete')) {
      throw new TopicError(
        `topic ${prefix}${spec.name} has cleanup.policy=${policy}, not what '${spec.cleanup}' needs: correct the topic`,
      );
    }
    if (spec.cleanup === 'keep' && of?.get('retention.ms') !== retentionOf(spec)) {
      const why = spec.keptDays === undefined ? 'the log is the record of everything' : 'its records must expire';
      throw new TopicError(
        `topic ${prefix}${spec.name} has retention.ms=${of?.get('retention.ms')}: set it to ${retentionOf(spec)}, ${why}`,
      );
    }
  }
}
