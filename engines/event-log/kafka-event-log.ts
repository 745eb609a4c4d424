import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrokerLogin } from '../../runtime/config.ts';
import type { TopicSpec } from '../../schema/topics.ts';
import { Appender } from './kafka/appender.ts';
import type { ClusterAddress, KafkaClient } from './kafka/client.ts';
import { type Carrier, type CarrierOptions, openCarrier } from './kafka/carrier.ts';
import { askedAlone } from './kafka/fetch-loop.ts';
import { GroupMember, rebalanceMsOf } from './kafka/group-member.ts';
import { kafkaOutboxLog, outboxPlaces } from './kafka/outbox-log.ts';
import { type ClientCertificate, type Security, adviceOn, expectationOf } from './kafka/security.ts';
import { KafkaTail } from './kafka/tail.ts';
import { ensureTopics } from './kafka/topics.ts';
import type { PlacedRecord } from './kafka/transactions.ts';
import { type Wire, WireError, isWireError } from './kafka/wire.ts';
import type { OutboxLog } from '../outbox/port.ts';
import { partitionOf } from './partitioner.ts';
import { startOffsets } from './start-position.ts';
import {
  type AppendResult,
  type ConsumeOptions,
  type EventLog,
  type LogConsumer,
  type LogRecord,
  LogUnavailableError,
  type OutgoingRecord,
  type PartitionLag,
  type StartPosition,
  TopicError,
  type TopicPartition,
  UnknownTopicError,
} from './port.ts';

export interface KafkaEventLogOptions {
  /** The library that speaks Kafka's protocol. */
  readonly client: KafkaClient;
  /** `host:port` of some brokers of the cluster, IPv6 addresses in brackets. */
  readonly brokers: readonly string[];
  /** Whether they speak TLS. */
  readonly tls?: boolean;
  /** Null where they ask for none. */
  readonly login?: BrokerLogin | null;
  /** Null where they do not ask their clients for one. */
  readonly certificate?: ClientCertificate | null;
  /** Stands before the names of topics, groups and transactional ids, so that several platforms can share a cluster. */
  readonly prefix?: string;
  /** How long a handler in flight may hold up its partition's next owner, in milliseconds; then it can commit no more. */
  readonly revokeMsMax?: number;
  /** How long a group waits for a sign of life of a member, in milliseconds. */
  readonly sessionMsMax?: number;
}

const connectMsMax = 3_000;
const requestMsMax = 30_000;
const requestSpareMs = 5_000;
/** How long reading waits for a transaction in the way that is not decided; whoever left it open may be gone. */
const undecidedMsMax = 2_000;
const undecidedPollMs = 5;
const offsetsRetention = 'offsets.retention.minutes';
/** A year. */
const offsetsMinutesMin = 525_600;

/** The event log on Apache Kafka, 4.0 or later. Its rules are in `kafka/`; the client library is behind `kafka/wire.ts`. */
export class KafkaEventLog implements EventLog {
  readonly passesRowOf = false;
  readonly #address: ClusterAddress;
  readonly #options: Required<KafkaEventLogOptions>;
  readonly #reads: Wire;
  readonly #appends: Wire;
  readonly #appender: Appender;
  readonly #partitions = new Map<string, number>();
  readonly #members = new Set<GroupMember>();
  readonly #tails = new Set<KafkaTail>();
  readonly #carrying = new Set<Wire>();
  readonly #closing = new AbortController();
  #closed: Promise<void> | null = null;

  /** Connects when it is first asked for something. */
  constructor(options: KafkaEventLogOptions) {
    const defaults = {
      prefix: '',
      tls: false,
      login: null,
      certificate: null,
      revokeMsMax: 30_000,
      sessionMsMax: 10_000,
    };
    this.#options = { ...defaults, ...options };
    const { brokers, prefix, tls, login, certificate, revokeMsMax } = this.#options;
    const security: Security = { tls, login, certificate };
    // A join waits for all members to give back what they have.
    const requestMs = Math.max(requestMsMax, rebalanceMsOf(revokeMsMax) + requestSpareMs);
    this.#address = { brokers, prefix, security, connectMsMax, requestMsMax: requestMs };
    [this.#reads, this.#appends] = [this.#openWire(), this.#openWire()];
    this.#appender = new Appender(this.#appends, `append-${randomUUID()}`);
  }

  ensureTopics(specs: readonly TopicSpec[]): Promise<void> {
    return this.#guard(async () => {
      const admin = await this.#options.client.openAdmin(this.#address);
      try {
        await ensureTopics(admin, this.#options.prefix, specs);
      } finally {
        await admin.close();
      }
    });
  }

  /** What of the brokers' settings an operator should know of, in words; nothing where they do not let this client see them. */
  notices(): Promise<readonly string[]> {
    return this.#guard(async () => {
      const admin = await this.#options.client.openAdmin(this.#address);
      try {
        const minutes = await admin.brokerSetting(offsetsRetention).catch(() => null);
        if (minutes === null || Number(minutes) >= offsetsMinutesMin) return [];
        return [
          `Kafka forgets where a group was ${minutes} minutes after its last member has left (${offsetsRetention}): a stream that rests for longer handles everything again. Set it to 2147483647 on the brokers`,
        ];
      } finally {
        await admin.close();
      }
    });
  }

  partitionsOf(topic: string): Promise<number> {
    return this.#guard(() => this.#partitionsOf(topic));
  }

  append(records: readonly OutgoingRecord[]): Promise<readonly AppendResult[]> {
    return this.#guard(async () => {
      const placed = await this.#place(records);
      return placed.length === 0 ? [] : this.#appender.append(placed);
    });
  }

  consume(options: ConsumeOptions): Promise<LogConsumer> {
    return this.#guard(async () => {
      if (!Number.isInteger(options.batchMax) || options.batchMax < 1)
        throw new RangeError(`batchMax must be 1 or more, not ${options.batchMax}`);
      for (const topic of options.topics) await this.#partitionsOf(topic);
      const member = new GroupMember(options, {
        openWire: () => this.#openWire(),
        partitionsOf: (topic) => this.#partitionsOf(topic),
        place: (records) => this.#place(records),
        translate: (error) => (this.#closing.signal.aborted ? null : this.#translate(error)),
        revokeMsMax: this.#options.revokeMsMax,
        sessionMsMax: this.#options.sessionMsMax,
      });
      this.#members.add(member);
      return { close: () => member.close().finally(() => this.#members.delete(member)) };
    });
  }

  tail(options: { topic: string; from: StartPosition; signal?: AbortSignal }): AsyncIterableIterator<LogRecord> {
    const { topic, from, signal } = options;
    const tail = new KafkaTail({
      topic,
      openWire: () => this.#openWire(),
      start: async () => startOffsets(topic, from, await this.#ends(topic)),
      signals: [this.#closing.signal, ...(signal ? [signal] : [])],
      translate: (error) => this.#translate(error),
      onEnd: () => this.#tails.delete(tail),
    });
    this.#tails.add(tail);
    return tail;
  }

  read(options: TopicPartition & { from: number; limit: number }): Promise<readonly LogRecord[]> {
    return this.#guard(async () => {
      const { topic, partition, from, limit } = options;
      checkPartition(topic, partition, await this.#partitionsOf(topic));
      const end = (await this.#ends(topic))[partition] as number;
      const deadline = Date.now() + undecidedMsMax;
      const records: LogRecord[] = [];
      let offset = from;
      while (records.length < limit && offset < end) {
        const fetching = this.#reads.fetch([{ topic, partition, offset }], 0);
        const [first] = await fetching.catch(async (error: unknown) => {
          const start = isWireError(error, 'OFFSET_OUT_OF_RANGE') ? await this.#start(topic, partition) : offset;
          if (start <= offset) throw error;
          // What was there has expired: it is as if nothing had been.
          offset = start;
          return this.#reads.fetch([{ topic, partition, offset }], 0);
        });
        if (first === undefined) break;
        const fetched = await askedAlone(this.#reads, first, offset);
        if (fetched.next === offset && Date.now() > deadline) break;
        // A transaction is decided before its markers are there: whoever has just been told of a commit is to see it.
        if (fetched.next === offset) await sleep(undecidedPollMs);
        offset = fetched.next;
        for (const record of fetched.records) records.push({ topic, partition, ...record });
      }
      return records.slice(0, limit);
    });
  }

  ends(topic: string): Promise<readonly number[]> {
    return this.#guard(() => this.#ends(topic));
  }

  lag(group: string, topics: readonly string[]): Promise<readonly PartitionLag[]> {
    return this.#guard(async () => {
      const lags = topics.map(async (topic) => {
        const partitions = Array.from({ length: await this.#partitionsOf(topic) }, (_, partition) => partition);
        // In this order, or what is appended and handled in between would look as if the group were beyond the end.
        const committed = await this.#reads.committed(group, topic, partitions);
        const ends = await this.#ends(topic);
        return ends.map((end, partition): PartitionLag => {
          const next = committed[partition] ?? 0;
          if (next > end) throw beyondTheEnd({ group, topic, partition, next, end });
          return { topic, partition, committed: next, end, lag: end - next };
        });
      });
      return (await Promise.all(lags)).flat();
    });
  }

  hasMembers(group: string): Promise<boolean> {
    return this.#guard(async () => (await this.#reads.memberCount(group)) > 0);
  }

  /** Carries the records of an embedded log here, which commits together with its store; close it before this log. */
  carry(options: CarrierOptions): Promise<Carrier> {
    const place = (records: readonly OutgoingRecord[]): Promise<readonly PlacedRecord[]> => this.#place(records);
    const onError = (error: unknown): void => options.onError(this.#translate(error));
    const wire = this.#openWire();
    this.#carrying.add(wire);
    return openCarrier({ ...options, onError }, { wire, place });
  }

  /** This log as the end of a store's outbox, until it is closed. */
  outboxLog(): OutboxLog {
    const wire = this.#openWire();
    this.#carrying.add(wire);
    const log = kafkaOutboxLog({ wire, place: (records) => this.#place(records) });
    return {
      openWriter: (names) =>
        this.#guard(async () => {
          await this.ensureTopics([outboxPlaces]);
          const writer = await log.openWriter(names);
          return { append: (records, places) => this.#guard(() => writer.append(records, places)) };
        }),
      takeOver: (request) => this.#guard(() => log.takeOver(request)),
    };
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    const members = [...this.#members];
    this.#members.clear();
    await Promise.all([...members.map((member) => member.close()), this.#appender.idle()]);
    await this.#end();
  }

  async #end(): Promise<void> {
    const tails = [...this.#tails];
    this.#closing.abort();
    await Promise.all([this.#reads, this.#appends, ...this.#carrying].map((wire) => wire.close()));
    await Promise.all(tails.map((tail) => tail.freed));
  }

  /** Cuts all connections at once, as the end of the process would. */
  async abandon(): Promise<void> {
    this.#closed ??= Promise.resolve();
    await Promise.all([this.#end(), ...[...this.#members].map((member) => member.abandon())]);
  }

  #openWire(): Wire {
    return this.#options.client.openWire(this.#address);
  }

  async #partitionsOf(topic: string): Promise<number> {
    const count = this.#partitions.get(topic) ?? (await this.#reads.partitionsOf(topic));
    if (count === null) throw new UnknownTopicError(topic);
    this.#partitions.set(topic, count);
    return count;
  }

  async #place(records: readonly OutgoingRecord[]): Promise<readonly PlacedRecord[]> {
    const counts = new Map<string, number>();
    for (const { topic } of records) if (!counts.has(topic)) counts.set(topic, await this.#partitionsOf(topic));
    return records.map((record) => {
      const count = counts.get(record.topic) as number;
      const partition = record.partition ?? partitionOf(record.key, count);
      checkPartition(record.topic, partition, count);
      return { record, partition };
    });
  }

  async #start(topic: string, partition: number): Promise<number> {
    return (await this.#reads.starts(topic, partition + 1))[partition] ?? 0;
  }

  async #ends(topic: string): Promise<readonly number[]> {
    return this.#reads.ends(topic, await this.#partitionsOf(topic));
  }

  readonly #translate = (error: unknown): unknown => {
    if (!(error instanceof WireError)) return error;
    const { brokers, security } = this.#address;
    return new LogUnavailableError(
      `Kafka at ${brokers.join(', ')} (EVENT_LOG_BROKERS; 4.0 or later is expected there, ${expectationOf(security)}): ${error.message}${adviceOn(error, security)}`,
      { cause: error },
    );
  };

  async #guard<R>(operation: () => Promise<R>): Promise<R> {
    if (this.#closing.signal.aborted || this.#closed) throw new LogUnavailableError('the event log is closed');
    try {
      return await operation();
    } catch (error) {
      throw this.#translate(error);
    }
  }
}

/** It will pass over what is appended up to there: nothing is left to do would be the opposite of the truth. */
function beyondTheEnd(what: {
  group: string;
  topic: string;
  partition: number;
  next: number;
  end: number;
}): TopicError {
  const { group, topic, partition, next, end } = what;
  return new TopicError(
    `group ${group} is to go on at offset ${next} of ${topic}/${partition}, which ends at ${end}: the topic was made anew, or is an older copy. Bring back what it had, or set the group's offset (kafka-consumer-groups.sh --reset-offsets)`,
  );
}

function checkPartition(topic: string, partition: number, count: number): void {
  if (Number.isInteger(partition) && partition >= 0 && partition < count) return;
  throw new RangeError(`partition ${partition} of topic ${topic} does not exist: it has partitions 0 to ${count - 1}`);
}
