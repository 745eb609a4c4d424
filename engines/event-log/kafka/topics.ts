import { setTimeout as sleep } from 'node:timers/promises';
import type { TopicSpec } from '../../../schema/topics.ts';
import { TopicError } from '../port.ts';
import type { DescribedTopic, TopicAdmin } from './client.ts';
import { isWireError } from './wire.ts';

const maxMessageBytes = 8 * 1024 * 1024;
/** A changelog is compacted once a segment is full: small ones keep a restart short. */
const changelogSegmentBytes = 16 * 1024 * 1024;
const dayMs = 86_400_000;
const knownMsMax = 15_000;
const knownPollMs = 20;
const checked = ['cleanup.policy', 'retention.ms', 'retention.bytes', 'max.message.bytes'];

/** Makes topics that are absent; a topic that is there and differs is an error that names both. */
export async function ensureTopics(admin: TopicAdmin, prefix: string, specs: readonly TopicSpec[]): Promise<void> {
  if (specs.length === 0) return;
  const names = await admin.names();
  const absent = specs.filter(({ name }) => !names.has(prefix + name));
  if (absent.length > 0) {
    await admin.create(
      absent.map((spec) => ({ name: prefix + spec.name, partitions: spec.partitions, settings: settingsOf(spec) })),
    );
  }
  // Also of what was absent: another process may have been the one to make it.
  const described = await known(
    admin,
    specs.map(({ name }) => prefix + name),
  );
  for (const spec of specs) check(prefix + spec.name, spec, described.get(prefix + spec.name));
}

/** The controller answers before the brokers have heard of the topics. */
async function known(admin: TopicAdmin, names: readonly string[]): Promise<ReadonlyMap<string, DescribedTopic>> {
  const deadline = Date.now() + knownMsMax;
  for (;;) {
    try {
      return await admin.describe(names, checked);
    } catch (error) {
      const passing = isWireError(error, 'UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE');
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

function check(name: string, spec: TopicSpec, topic: DescribedTopic | undefined): void {
  const has = topic?.partitions ?? 0;
  if (has < spec.partitions) {
    const told = `topic ${name} has ${has} partitions and ${spec.partitions} are asked for`;
    // States have as many as their input had when they were first kept.
    throw new TopicError(
      spec.cleanup === 'compact'
        ? `${told}: the topic that it holds the states of was given more since it was made, so that keys have changed their places. Kafka takes no partitions back: bring back a copy of the log from before, or start with new topics (EVENT_LOG_PREFIX)`
        : `${told}: with more, keys would change their places. Set EVENT_PARTITIONS=${has}, or start with new topics (EVENT_LOG_PREFIX)`,
    );
  }
  const policy = topic?.settings.get('cleanup.policy');
  if (policy !== (spec.cleanup === 'compact' ? 'compact' : 'delete')) {
    throw new TopicError(
      `topic ${name} has cleanup.policy=${policy}, not what '${spec.cleanup}' needs: correct the topic`,
    );
  }
  const retention = topic?.settings.get('retention.ms');
  if (spec.cleanup === 'keep' && retention !== retentionOf(spec)) {
    const why = spec.keptDays === undefined ? 'the log is the record of everything' : 'its records must expire';
    throw new TopicError(`topic ${name} has retention.ms=${retention}: set it to ${retentionOf(spec)}, ${why}`);
  }
  const bytes = topic?.settings.get('retention.bytes');
  if (spec.cleanup === 'keep' && bytes !== '-1')
    throw new TopicError(
      `topic ${name} has retention.bytes=${bytes}: set it to -1, none of its records may go for want of room`,
    );
  const message = topic?.settings.get('max.message.bytes');
  if (Number(message) < maxMessageBytes)
    throw new TopicError(
      `topic ${name} has max.message.bytes=${message}: set it to ${maxMessageBytes}, or batches that are written together are refused`,
    );
}
