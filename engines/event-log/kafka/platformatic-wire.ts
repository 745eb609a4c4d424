import {
  type Connection,
  addOffsetsToTxnV3,
  addPartitionsToTxnV3,
  describeGroupsV5,
  endTxnV4,
  findCoordinatorV6,
  heartbeatV4,
  initProducerIdV5,
  joinGroupV9,
  leaveGroupV5,
  listOffsetsV9,
  offsetCommitV8,
  offsetFetchV9,
  syncGroupV5,
  txnOffsetCommitV3,
} from '@platformatic/kafka';
import type { ClusterAddress } from './client.ts';
import { Brokers } from './platformatic-brokers.ts';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
  fetch,
  fetchedOf,
  placedOf,
  produce,
  translate,
} from './platformatic-values.ts';
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

const readUncommitted = 0;
const readCommitted = 1;
/** A fetch without a session, an epoch that nobody checks, the first and the newest offset, a broker's own number that clients have. */
const none = -1;
const noSession = 0;
const earliest = -2n;
const latest = -1n;
const protocolType = 'consumer';
const byGroup = 0;
const byTransaction = 1;

/** One lane of connections to Kafka through the requests of `@platformatic/kafka`. */
export class PlatformaticWire implements Wire {
  readonly #brokers: Brokers;
  readonly #prefix: string;
  /** Where groups and transactional ids are coordinated; forgotten at the first error. */
  readonly #coordinators = new Map<string, { readonly host: string; readonly port: number }>();
  readonly #closing = new AbortController();

  constructor(address: ClusterAddress) {
    this.#brokers = new Brokers(address);
    this.#prefix = address.prefix;
  }

  async partitionsOf(topic: string): Promise<number | null> {
    try {
      return (await settled(() => this.#ask(() => this.#brokers.leadersOf(this.#prefix + topic)))).length;
    } catch (error) {
      if (isWireError(error, 'UNKNOWN_TOPIC_OR_PARTITION')) return null;
      throw error;
    }
  }

  starts(topic: string, partitions: number): Promise<readonly number[]> {
    return this.#offsets(topic, { partitions, timestamp: earliest });
  }

  ends(topic: string, partitions: number): Promise<readonly number[]> {
    return this.#offsets(topic, { partitions, timestamp: latest });
  }

  async #offsets(
    topic: string,
    { partitions, timestamp }: { readonly partitions: number; readonly timestamp: bigint },
  ): Promise<readonly number[]> {
    const wanted = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
    const answers = await this.#askLeaders(wanted, async (connection, those) => {
      const { topics } = await listOffsetsV9.api.async(connection, none, readUncommitted, [
        {
          name: this.#prefix + topic,
          partitions: those.map(({ partition }) => ({
            partitionIndex: partition,
            currentLeaderEpoch: none,
            timestamp,
          })),
        },
      ]);
      return topics.flatMap((each) => each.partitions);
    });
    const offsets = new Map(answers.map(({ partitionIndex, offset }) => [partitionIndex, Number(offset)]));
    return wanted.map(({ partition }) => offsets.get(partition) ?? 0);
  }

  fetch(wanted: readonly FetchFrom[], waitMsMax: number, bytesMin = 1): Promise<readonly Fetched[]> {
    return this.#askLeaders(wanted, async (connection, those) => {
      const topics = [...Map.groupBy(those, ({ topic }) => topic)].map(([topic, places]) => ({
        // Up to this version of the request topics go by their names.
        topicId: this.#prefix + topic,
        partitions: places.map(({ partition, offset }) => ({
          partition,
          currentLeaderEpoch: none,
          fetchOffset: BigInt(offset),
          lastFetchedEpoch: none,
          partitionMaxBytes: partitionBytesMax,
        })),
      }));
      const minBytes = waitMsMax === 0 ? 0 : bytesMin;
      const limits = [waitMsMax, minBytes, fetchBytesMax] as const;
      const answer = await fetch.async(connection, ...limits, readCommitted, noSession, none, topics, [], '');
      return fetchedOf(answer, those, this.#prefix);
    });
  }

  async committed(group: string, topic: string, partitions: readonly number[]): Promise<readonly (number | null)[]> {
    const topics = [{ name: this.#prefix + topic, partitionIndexes: [...partitions] }];
    const { groups } = await this.#askGroup(group, (connection, groupId) =>
      offsetFetchV9.api.async(connection, [{ groupId, memberId: null, memberEpoch: none, topics }], false),
    );
    const found = new Map(
      groups[0]?.topics[0]?.partitions.map((each) => [each.partitionIndex, Number(each.committedOffset)]),
    );
    return partitions.map((partition) => {
      const offset = found.get(partition) ?? none;
      return offset < 0 ? null : offset;
    });
  }

  async memberCount(group: string): Promise<number> {
    const { groups } = await this.#askGroup(group, (connection, groupId) =>
      describeGroupsV5.api.async(connection, [groupId], false),
    );
    return groups[0]?.members.length ?? 0;
  }

  async join(request: JoinRequest): Promise<Joined> {
    const { group, topics, text, sessionMsMax, rebalanceMsMax } = request;
    const names = topics.map((topic) => this.#prefix + topic);
    const protocols = [{ name: groupProtocol, metadata: encodeSubscription(names, text) }];
    const ask = (memberId: string): ReturnType<typeof joinGroupV9.api.async> =>
      this.#askGroup(group, (connection, groupId) =>
        joinGroupV9.api.async(
          connection,
          groupId,
          sessionMsMax,
          rebalanceMsMax,
          memberId,
          null,
          protocolType,
          protocols,
        ),
      );
    const joined = await ask(request.memberId).catch((error: unknown) => {
      // The first answer to a new member is its id, with which it asks again.
      if (isWireError(error, 'MEMBER_ID_REQUIRED')) return ask(memberIdIn(error));
      throw error;
    });
    const isLeader = joined.leader === joined.memberId;
    const members = (isLeader ? joined.members : []).map(({ memberId, metadata }): MemberText => {
      return { memberId, text: decodeSubscription(metadata) };
    });
    return { group, memberId: joined.memberId, generation: joined.generationId, members };
  }

  async sync(request: Membership & { assignments: readonly MemberText[] }): Promise<string> {
    const { generation, memberId, assignments } = request;
    const encoded = assignments.map((each) => ({ memberId: each.memberId, assignment: encodeAssignment(each.text) }));
    const { assignment } = await this.#askGroup(request.group, (connection, groupId) =>
      syncGroupV5.api.async(connection, groupId, generation, memberId, null, protocolType, groupProtocol, encoded),
    );
    return decodeAssignment(assignment);
  }

  async heartbeat({ group, memberId, generation }: Membership): Promise<void> {
    await this.#askGroup(group, (connection, groupId) =>
      heartbeatV4.api.async(connection, groupId, generation, memberId, null),
    );
  }

  async saveOffset({ memberId, generation }: Membership, offset: GroupOffset): Promise<void> {
    const topics = this.#offsetsOf([offset]);
    await this.#askGroup(offset.group, (connection, groupId) =>
      offsetCommitV8.api.async(connection, groupId, generation, memberId, null, topics),
    );
  }

  async leave({ group, memberId }: Membership): Promise<void> {
    await this.#askGroup(group, (connection, groupId) => leaveGroupV5.api.async(connection, groupId, [{ memberId }]));
  }

  async initProducer(transactionalId: string, timeoutMs: number): Promise<Producer> {
    const id = this.#prefix + transactionalId;
    const { producerId, producerEpoch } = await this.#askTransaction(id, (connection) =>
      initProducerIdV5.api.async(connection, id, timeoutMs),
    );
    return { transactionalId: id, producerId: String(producerId), epoch: producerEpoch };
  }

  async addPartitions(producer: Producer, partitions: readonly TopicPartitions[]): Promise<void> {
    const { transactionalId, producerId, epoch } = producer;
    const topics = partitions.map((each) => ({ name: this.#prefix + each.topic, partitions: [...each.partitions] }));
    const transaction = {
      transactionalId,
      producerId: BigInt(producerId),
      producerEpoch: epoch,
      verifyOnly: false,
      topics,
    };
    await this.#askTransaction(transactionalId, (connection) =>
      addPartitionsToTxnV3.api.async(connection, [transaction]),
    );
  }

  produce(producer: Producer, chunks: readonly Chunk[]): Promise<readonly Placed[]> {
    return this.#askLeaders(chunks, async (connection, those) =>
      placedOf(await produce.async(connection, producer, those, this.#prefix, produceMsMax), this.#prefix),
    );
  }

  async addOffsets(producer: Producer, group: string): Promise<void> {
    const { transactionalId, producerId, epoch } = producer;
    await this.#askTransaction(transactionalId, (connection) =>
      addOffsetsToTxnV3.api.async(connection, transactionalId, BigInt(producerId), epoch, this.#prefix + group),
    );
  }

  async commitOffsets(producer: Producer, group: string, offsets: readonly GroupOffset[]): Promise<void> {
    const { transactionalId, producerId, epoch } = producer;
    const topics = this.#offsetsOf(offsets);
    // The transactional id is what fences: it is of this partition of the group, whoever the member.
    const member = [none, '', null] as const;
    await this.#askGroup(group, (connection, groupId) =>
      txnOffsetCommitV3.api.async(connection, transactionalId, groupId, BigInt(producerId), epoch, ...member, topics),
    );
  }

  async end({ transactionalId, producerId, epoch }: Producer, outcome: 'commit' | 'abort'): Promise<void> {
    await this.#askTransaction(transactionalId, (connection) =>
      endTxnV4.api.async(connection, transactionalId, BigInt(producerId), epoch, outcome === 'commit'),
    );
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#brokers.cut();
  }

  /** One request to the leader of each of these places. Leaders change, so that each attempt looks for them anew. */
  #askLeaders<Of extends { topic: string; partition: number }, R>(
    wanted: readonly Of[],
    ask: (connection: Connection, those: readonly Of[]) => Promise<readonly R[]>,
  ): Promise<readonly R[]> {
    const once = async (): Promise<readonly R[]> => {
      const byLeader = new Map<number, Of[]>();
      for (const each of wanted) {
        const leader = (await this.#brokers.leadersOf(this.#prefix + each.topic))[each.partition] ?? none;
        if (leader < 0) throw new WireError('LEADER_NOT_AVAILABLE', `${each.topic}/${each.partition} has no leader`);
        const those = byLeader.get(leader);
        if (those === undefined) byLeader.set(leader, [each]);
        else those.push(each);
      }
      const answers = [...byLeader].map(async ([nodeId, those]) => ask(await this.#brokers.node(nodeId), those));
      return (await Promise.all(answers)).flat();
    };
    return settled(() => this.#ask(once), { topicsExist: true });
  }

  #offsetsOf(offsets: readonly GroupOffset[]): txnOffsetCommitV3.TxnOffsetCommitRequestTopic[] {
    return [...Map.groupBy(offsets, ({ topic }) => topic)].map(([topic, those]) => ({
      name: this.#prefix + topic,
      partitions: those.map(({ partition, next }) => ({
        partitionIndex: partition,
        committedOffset: BigInt(next),
        committedLeaderEpoch: none,
      })),
    }));
  }

  #askGroup<R>(group: string, ask: (connection: Connection, groupId: string) => Promise<R>): Promise<R> {
    const groupId = this.#prefix + group;
    return this.#askCoordinator(byGroup, groupId, (connection) => ask(connection, groupId));
  }

  #askTransaction<R>(transactionalId: string, ask: (connection: Connection) => Promise<R>): Promise<R> {
    return this.#askCoordinator(byTransaction, transactionalId, ask);
  }

  #askCoordinator<R>(kind: 0 | 1, key: string, ask: (connection: Connection) => Promise<R>): Promise<R> {
    const name = `${kind}/${key}`;
    const once = async (): Promise<R> => {
      const address = this.#coordinators.get(name) ?? (await this.#findCoordinator(kind, key));
      this.#coordinators.set(name, address);
      try {
        return await ask(await this.#brokers.at(address));
      } catch (error) {
        this.#coordinators.delete(name);
        throw error;
      }
    };
    // Every topic that a transaction names was found before.
    return settled(() => this.#ask(once), { topicsExist: true });
  }

  async #findCoordinator(kind: 0 | 1, key: string): Promise<{ host: string; port: number }> {
    const { coordinators } = await findCoordinatorV6.api.async(await this.#brokers.any(), kind, [key]);
    const [found] = coordinators;
    if (found === undefined) throw new WireError('COORDINATOR_NOT_AVAILABLE', `nobody coordinates ${key}`);
    return found;
  }

  async #ask<R>(ask: () => Promise<R>): Promise<R> {
    if (this.#closing.signal.aborted) throw new WireError('CLOSED', 'the connection to Kafka is closed');
    try {
      return await ask();
    } catch (error) {
      const translated = translate(error);
      if (staleMetadata.has(translated.code)) this.#brokers.forgetLeaders();
      throw translated;
    }
  }
}

/** The id that came with the error which asks for it. */
function memberIdIn({ cause }: WireError): string {
  const { response } = cause as { readonly response?: { readonly memberId?: string } };
  if (response?.memberId === undefined) throw new WireError('MEMBER_ID_REQUIRED', 'the broker named no member id');
  return response.memberId;
}
