import { setTimeout as sleep } from 'node:timers/promises';
import { AssignerProtocol, type KafkaConfig } from 'kafkajs';
import { type Broker, type Cluster, type Lane, openLane } from './kafkajs-internals.ts';
import { fetchedOf, topicDataOf, translate, txnOf } from './kafkajs-values.ts';
import { settled, staleMetadata } from './settled.ts';
import {
  type Chunk,
  type FetchFrom,
  type Fetched,
  type GroupOffset,
  type JoinRequest,
  type Joined,
  type MemberText,
  type Membership,
  type Placed,
  type Producer,
  type TopicPartitions,
  type Wire,
  WireError,
  fetchBytesMax,
  groupProtocol,
  isWireError,
  partitionBytesMax,
  produceMsMax,
} from './wire.ts';

/** So many empty answers in a row, and the time between them, say that a batch is empty. */
const emptyAnswers = 5;
const emptyPauseMs = 10;

/** One lane of connections to Kafka through kafkajs. `prefix` stands before the names of topics, groups and transactional ids. */
export class KafkajsWire implements Wire {
  readonly #lane: Lane;
  readonly #prefix: string;
  /** Who coordinates a group or a transactional id; forgotten at the first error. */
  readonly #coordinators = new Map<string, Broker>();
  readonly #known = new Set<string>();
  #connected: Promise<void> | null = null;
  readonly #closing = new AbortController();

  constructor(config: KafkaConfig, prefix: string) {
    this.#lane = openLane(config);
    this.#prefix = prefix;
  }

  async partitionsOf(topic: string): Promise<number | null> {
    try {
      return (await this.#leaders(topic)).length;
    } catch (error) {
      if (isWireError(error, 'UNKNOWN_TOPIC_OR_PARTITION')) return null;
      throw error;
    }
  }

  starts(topic: string, partitions: number): Promise<readonly number[]> {
    return this.#offsets(topic, { partitions, fromBeginning: true });
  }

  ends(topic: string, partitions: number): Promise<readonly number[]> {
    return this.#offsets(topic, { partitions, fromBeginning: false });
  }

  async #offsets(
    topic: string,
    { partitions, fromBeginning }: { readonly partitions: number; readonly fromBeginning: boolean },
  ): Promise<readonly number[]> {
    await this.#leaders(topic);
    const numbers = Array.from({ length: partitions }, (_, partition) => ({ partition }));
    const answer = await this.#askLeaders(() =>
      this.#ask((cluster) =>
        cluster.fetchTopicsOffset([{ topic: this.#prefix + topic, partitions: numbers, fromBeginning }]),
      ),
    );
    const offsets = new Map(answer[0]?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
    return numbers.map(({ partition }) => offsets.get(partition) ?? 0);
  }

  async fetch(wanted: readonly FetchFrom[], waitMsMax: number, bytesMin = 1): Promise<readonly Fetched[]> {
    const answers = await this.#fetchOnce(wanted, waitMsMax, bytesMin);
    const [first] = wanted;
    return first !== undefined && wanted.length === 1 ? this.#pastEmptyBatch(first, answers) : answers;
  }

  /**
   * kafkajs gives the records of batches and not their ends, so that a batch in which compaction left nothing looks as if nothing had come. An answer may be empty for other reasons: what is
   * nothing several times, for a partition that is asked for alone, is such a batch.
   */
  async #pastEmptyBatch(wanted: FetchFrom, answers: readonly Fetched[]): Promise<readonly Fetched[]> {
    let [answer] = answers;
    for (let asked = 1; answer !== undefined && answer.next === wanted.offset; asked += 1) {
      if (wanted.offset >= answer.stableEnd) break;
      if (asked === emptyAnswers) return [{ ...answer, next: wanted.offset + 1 }];
      await sleep(emptyPauseMs);
      [answer] = await this.#fetchOnce([wanted], 0, 1);
    }
    return answer === undefined ? [] : [answer];
  }

  async #fetchOnce(wanted: readonly FetchFrom[], waitMsMax: number, bytesMin: number): Promise<readonly Fetched[]> {
    const minBytes = waitMsMax === 0 ? 0 : bytesMin;
    return this.#askLeaders(async () => {
      const byLeader = await this.#byLeader(wanted);
      const answers = [...byLeader].map(([nodeId, those]) =>
        this.#fetchFrom(nodeId, those, { maxWaitTime: waitMsMax, minBytes }),
      );
      return (await Promise.all(answers)).flat();
    });
  }

  async #fetchFrom(
    nodeId: number,
    wanted: readonly FetchFrom[],
    patience: { readonly maxWaitTime: number; readonly minBytes: number },
  ): Promise<Fetched[]> {
    const topics = [...Map.groupBy(wanted, ({ topic }) => topic)].map(([topic, those]) => ({
      topic: this.#prefix + topic,
      partitions: those.map(({ partition, offset }) => ({
        partition,
        fetchOffset: String(offset),
        maxBytes: partitionBytesMax,
      })),
    }));
    const { responses } = await this.#ask(async (cluster) =>
      (await cluster.findBroker({ nodeId })).fetch({
        isolationLevel: 1,
        ...patience,
        maxBytes: fetchBytesMax,
        topics,
      }),
    );
    return responses.flatMap((response) => fetchedOf(response, wanted, this.#prefix));
  }

  async committed(group: string, topic: string, partitions: readonly number[]): Promise<readonly (number | null)[]> {
    const { responses } = await this.#askGroup(group, (broker) =>
      broker.offsetFetch({
        groupId: this.#prefix + group,
        topics: [{ topic: this.#prefix + topic, partitions: partitions.map((partition) => ({ partition })) }],
      }),
    );
    const found = new Map(responses[0]?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
    return partitions.map((partition) => {
      const offset = found.get(partition) ?? -1;
      return offset < 0 ? null : offset;
    });
  }

  async memberCount(group: string): Promise<number> {
    const { groups } = await this.#askGroup(group, (broker) =>
      broker.describeGroups({ groupIds: [this.#prefix + group] }),
    );
    return groups[0]?.members.length ?? 0;
  }

  async join(request: JoinRequest): Promise<Joined> {
    const { group, memberId, topics, text, sessionMsMax, rebalanceMsMax } = request;
    const userData = Buffer.from(text);
    const joined = await this.#askGroup(group, (broker) =>
      broker.joinGroup({
        groupId: this.#prefix + group,
        memberId,
        sessionTimeout: sessionMsMax,
        rebalanceTimeout: rebalanceMsMax,
        groupProtocols: [
          {
            name: groupProtocol,
            metadata: AssignerProtocol.MemberMetadata.encode({
              version: 1,
              topics: topics.map((topic) => this.#prefix + topic),
              userData,
            }),
          },
        ],
      }),
    );
    const members = joined.members.map((member): MemberText => {
      const decoded = AssignerProtocol.MemberMetadata.decode(member.memberMetadata);
      return { memberId: member.memberId, text: decoded?.userData.toString() ?? '' };
    });
    return { group, memberId: joined.memberId, generation: joined.generationId, members };
  }

  async sync(request: Membership & { assignments: readonly MemberText[] }): Promise<string> {
    const { memberAssignment } = await this.#askGroup(request.group, (broker) =>
      broker.syncGroup({
        groupId: this.#prefix + request.group,
        memberId: request.memberId,
        generationId: request.generation,
        groupAssignment: request.assignments.map(({ memberId, text }) => ({
          memberId,
          memberAssignment: AssignerProtocol.MemberAssignment.encode({
            version: 1,
            assignment: {},
            userData: Buffer.from(text),
          }),
        })),
      }),
    );
    return AssignerProtocol.MemberAssignment.decode(memberAssignment)?.userData.toString() ?? '';
  }

  async heartbeat({ group, memberId, generation }: Membership): Promise<void> {
    await this.#askGroup(group, (broker) =>
      broker.heartbeat({ groupId: this.#prefix + group, memberId, groupGenerationId: generation }),
    );
  }

  async saveOffset({ memberId, generation }: Membership, offset: GroupOffset): Promise<void> {
    const { group, topic, partition, next } = offset;
    await this.#askGroup(group, (broker) =>
      broker.offsetCommit({
        groupId: this.#prefix + group,
        groupGenerationId: generation,
        memberId,
        topics: [{ topic: this.#prefix + topic, partitions: [{ partition, offset: String(next) }] }],
      }),
    );
  }

  async leave({ group, memberId }: Membership): Promise<void> {
    await this.#askGroup(group, (broker) => broker.leaveGroup({ groupId: this.#prefix + group, memberId }));
  }

  async initProducer(transactionalId: string, timeoutMs: number): Promise<Producer> {
    const id = this.#prefix + transactionalId;
    const { producerId, producerEpoch } = await this.#askTransaction(id, (broker) =>
      broker.initProducerId({ transactionalId: id, transactionTimeout: timeoutMs }),
    );
    return { transactionalId: id, producerId, epoch: producerEpoch };
  }

  async addPartitions(producer: Producer, partitions: readonly TopicPartitions[]): Promise<void> {
    const topics = partitions.map((each) => ({ ...each, topic: this.#prefix + each.topic }));
    await this.#askTransaction(producer.transactionalId, (broker) =>
      broker.addPartitionsToTxn({ ...txnOf(producer), topics }),
    );
  }

  async produce(producer: Producer, chunks: readonly Chunk[]): Promise<readonly Placed[]> {
    return this.#askLeaders(async () => {
      const byLeader = await this.#byLeader(chunks);
      const answers = [...byLeader].map(([nodeId, those]) => this.#produceTo(nodeId, producer, those));
      return (await Promise.all(answers)).flat();
    });
  }

  async #produceTo(nodeId: number, producer: Producer, chunks: readonly Chunk[]): Promise<Placed[]> {
    const topicData = topicDataOf(chunks, this.#prefix);
    const { topics } = await this.#ask(async (cluster) =>
      (await cluster.findBroker({ nodeId })).produce({
        ...txnOf(producer),
        acks: -1,
        timeout: produceMsMax,
        topicData,
      }),
    );
    return topics.flatMap(({ topicName, partitions }) =>
      partitions.map(({ partition, baseOffset }) => ({
        topic: topicName.slice(this.#prefix.length),
        partition,
        firstOffset: Number(baseOffset),
      })),
    );
  }

  async addOffsets(producer: Producer, group: string): Promise<void> {
    await this.#askTransaction(producer.transactionalId, (broker) =>
      broker.addOffsetsToTxn({ ...txnOf(producer), groupId: this.#prefix + group }),
    );
  }

  async commitOffsets(producer: Producer, group: string, offsets: readonly GroupOffset[]): Promise<void> {
    const topics = [...Map.groupBy(offsets, ({ topic }) => topic)].map(([topic, those]) => ({
      topic: this.#prefix + topic,
      partitions: those.map(({ partition, next }) => ({ partition, offset: String(next) })),
    }));
    await this.#askGroup(group, (broker) =>
      broker.txnOffsetCommit({
        ...txnOf(producer),
        groupId: this.#prefix + group,
        topics,
      }),
    );
  }

  async end(producer: Producer, outcome: 'commit' | 'abort'): Promise<void> {
    await this.#askTransaction(producer.transactionalId, (broker) =>
      broker.endTxn({ ...txnOf(producer), transactionResult: outcome === 'commit' }),
    );
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#lane.cut();
  }

  async #leaders(topic: string): Promise<readonly { partitionId: number; leader: number }[]> {
    const name = this.#prefix + topic;
    if (!this.#known.has(name)) {
      await settled(() => this.#ask((cluster) => cluster.addTargetTopic(name)));
      this.#known.add(name);
    }
    return this.#lane.cluster.findTopicPartitionMetadata(name);
  }

  async #byLeader<Of extends { topic: string; partition: number }>(given: readonly Of[]): Promise<Map<number, Of[]>> {
    const byLeader = new Map<number, Of[]>();
    for (const each of given) {
      const { topic, partition } = each;
      const leader = (await this.#leaders(topic)).find(({ partitionId }) => partitionId === partition)?.leader;
      if (leader === undefined || leader < 0) {
        await this.#ask((cluster) => cluster.refreshMetadata());
        throw new WireError('LEADER_NOT_AVAILABLE', `${topic}/${partition} has no leader`);
      }
      byLeader.set(leader, [...(byLeader.get(leader) ?? []), each]);
    }
    return byLeader;
  }

  /** Leaders change, so that each attempt looks for them anew. */
  #askLeaders<R>(ask: () => Promise<R>): Promise<R> {
    return settled(ask, { topicsExist: true });
  }

  #askGroup<R>(group: string, ask: (broker: Broker) => Promise<R>): Promise<R> {
    return this.#askCoordinator({ groupId: this.#prefix + group, coordinatorType: 0 }, ask);
  }

  #askTransaction<R>(transactionalId: string, ask: (broker: Broker) => Promise<R>): Promise<R> {
    return this.#askCoordinator({ groupId: transactionalId, coordinatorType: 1 }, ask);
  }

  #askCoordinator<R>(of: { groupId: string; coordinatorType: 0 | 1 }, ask: (broker: Broker) => Promise<R>): Promise<R> {
    const name = `${of.coordinatorType}/${of.groupId}`;
    const askOnce = async (cluster: Cluster): Promise<R> => {
      const broker = this.#coordinators.get(name) ?? (await cluster.findGroupCoordinator(of));
      this.#coordinators.set(name, broker);
      return ask(broker).catch((error: unknown) => {
        this.#coordinators.delete(name);
        throw error;
      });
    };
    // Every topic that a transaction names was found before.
    return settled(() => this.#ask(askOnce), { topicsExist: true });
  }

  async #ask<R>(ask: (cluster: Cluster) => Promise<R>): Promise<R> {
    const { cluster } = this.#lane;
    if (this.#closing.signal.aborted) throw new WireError('CLOSED', 'the connection to Kafka is closed');
    try {
      this.#connected ??= cluster.connect();
      await this.#connected;
      return await ask(cluster);
    } catch (error) {
      const translated = translate(error);
      if (translated.code === 'CONNECTION') this.#connected = null;
      if (staleMetadata.has(translated.code)) await cluster.refreshMetadata().catch(() => undefined);
      throw translated;
    }
  }
}
