import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { type ISocketFactory, Kafka, type KafkaConfig } from 'kafkajs';
import { hostAndPort, onTlsRecord, speaksTls } from './security.ts';

/**
 * kafkajs's protocol layer. Its public consumer can neither read without a group nor keep partitions over a rebalance, and its producers each
 * hold connections of their own; the requests below it can. The version is pinned exactly and has been the last one since 2023.
 */
export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  refreshMetadata(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  findBroker(options: { nodeId: string | number }): Promise<Broker>;
  findTopicPartitionMetadata(topic: string): readonly { partitionId: number; leader: number }[];
  findGroupCoordinator(options: { groupId: string; coordinatorType?: 0 | 1 }): Promise<Broker>;
  fetchTopicsOffset(
    topics: readonly { topic: string; partitions: readonly { partition: number }[]; fromBeginning: boolean }[],
  ): Promise<readonly { topic: string; partitions: readonly { partition: number; offset: string }[] }[]>;
}

interface Txn {
  readonly transactionalId: string;
  readonly producerId: string;
  readonly producerEpoch: number;
}

interface Member {
  readonly groupId: string;
  readonly memberId: string;
}

export interface RawMessage {
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestamp: string;
  readonly headers: Readonly<Record<string, Buffer | undefined>>;
  readonly isControlRecord: boolean;
  readonly batchContext: { readonly producerId: string; readonly inTransaction: boolean };
}

export interface FetchResponse {
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly lastStableOffset: string;
      readonly abortedTransactions: readonly { producerId: string; firstOffset: string }[];
      readonly messages: readonly RawMessage[];
    }[];
  }[];
}

export interface TopicData {
  readonly topic: string;
  readonly partitions: readonly {
    readonly partition: number;
    readonly firstSequence: number;
    readonly messages: readonly {
      readonly key: Buffer;
      readonly value: Buffer | null;
      readonly headers: Readonly<Record<string, Buffer>>;
    }[];
  }[];
}

export interface Broker {
  fetch(options: {
    isolationLevel: 1;
    maxWaitTime: number;
    minBytes: number;
    maxBytes: number;
    topics: readonly {
      topic: string;
      partitions: readonly { partition: number; fetchOffset: string; maxBytes: number }[];
    }[];
  }): Promise<FetchResponse>;
  joinGroup(
    options: Member & {
      sessionTimeout: number;
      rebalanceTimeout: number;
      groupProtocols: readonly { name: string; metadata: Buffer }[];
    },
  ): Promise<{
    generationId: number;
    leaderId: string;
    memberId: string;
    members: readonly { memberId: string; memberMetadata: Buffer }[];
  }>;
  syncGroup(
    options: Member & {
      generationId: number;
      groupAssignment: readonly { memberId: string; memberAssignment: Buffer }[];
    },
  ): Promise<{ memberAssignment: Buffer }>;
  heartbeat(options: Member & { groupGenerationId: number }): Promise<unknown>;
  offsetCommit(
    options: Member & {
      groupGenerationId: number;
      topics: readonly { topic: string; partitions: readonly { partition: number; offset: string }[] }[];
    },
  ): Promise<unknown>;
  leaveGroup(options: Member): Promise<unknown>;
  offsetFetch(options: {
    groupId: string;
    topics: readonly { topic: string; partitions: readonly { partition: number }[] }[];
  }): Promise<{
    responses: readonly { topic: string; partitions: readonly { partition: number; offset: string }[] }[];
  }>;
  describeGroups(options: {
    groupIds: readonly string[];
  }): Promise<{ groups: readonly { members: readonly unknown[] }[] }>;
  initProducerId(options: {
    transactionalId: string;
    transactionTimeout: number;
  }): Promise<{ producerId: string; producerEpoch: number }>;
  addPartitionsToTxn(
    options: Txn & { topics: readonly { topic: string; partitions: readonly number[] }[] },
  ): Promise<unknown>;
  addOffsetsToTxn(options: Txn & { groupId: string }): Promise<unknown>;
  txnOffsetCommit(
    options: Txn & {
      groupId: string;
      topics: readonly { topic: string; partitions: readonly { partition: number; offset: string }[] }[];
    },
  ): Promise<unknown>;
  endTxn(options: Txn & { transactionResult: boolean }): Promise<unknown>;
  produce(options: Txn & { acks: -1; timeout: number; topicData: readonly TopicData[] }): Promise<{
    topics: readonly { topicName: string; partitions: readonly { partition: number; baseOffset: string }[] }[];
  }>;
}

type ClusterOptions = KafkaConfig & Record<string, unknown>;

/** The part of a connection's queue that is put right below. */
interface RequestQueue {
  pending: readonly unknown[];
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

const require = createRequire(import.meta.url);
const ClusterClass = require('kafkajs/src/cluster/index.js') as new (options: ClusterOptions) => Cluster;
const connectTo = (require('kafkajs/src/network/socketFactory.js') as () => ISocketFactory)();
const queue = (require('kafkajs/src/network/requestQueue/index.js') as { prototype: RequestQueue }).prototype;

/** Ends of partitions are told with what is not decided yet; fetches say for themselves what they want. */
const readUncommitted = 0;
const metadataMsMax = 300_000;
const recheckMs = 10;

// kafkajs sets a timer of a negative time after every answer, also with nothing pending: each connection then wakes a thousand times a second for
// ever, and Node 24 warns of it.
queue.scheduleCheckPendingRequests = function (this: RequestQueue): void {
  if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return;
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    },
    Math.max(recheckMs, this.throttledUntil - Date.now()),
  );
};

/** kafkajs takes what stands before the first colon for the host, which an IPv6 address has several of: they are put back by {@link colonsOf}. */
export function nameWithoutColons(broker: string): string {
  const { host, port } = hostAndPort(broker);
  return `${host.replaceAll(':', ';')}:${port}`;
}

export const colonsOf = (host: string): string => host.replaceAll(';', ':');

/** A connection as kafkajs makes it, that fails in words where the other side speaks TLS: kafkajs would wait for the rest of an answer. */
export const connectSocket: ISocketFactory = (options) => {
  const socket = connectTo({ ...options, host: colonsOf(options.host) });
  // Not what its declaration says, where no encryption is asked for.
  const { ssl } = options as { readonly ssl?: object | null };
  if (!ssl) onTlsRecord(socket, () => void socket.destroy(new Error(speaksTls)));
  guardAnswers(socket);
  return socket;
};

/** What no broker would say makes kafkajs throw where nobody catches it, which would end the process: it ends the connection instead. */
function guardAnswers(socket: Socket): void {
  const on = socket.on.bind(socket) as (event: string, listener: (...args: never[]) => void) => Socket;
  const guarded =
    (listener: (bytes: Buffer) => void) =>
    (bytes: Buffer): void => {
      try {
        listener(bytes);
      } catch (error) {
        socket.destroy(new Error(`what is there does not speak Kafka's protocol (${(error as Error).message})`));
      }
    };
  socket.on = ((event: string, listener: (bytes: Buffer) => void) =>
    on(event, event === 'data' ? guarded(listener) : listener)) as typeof socket.on;
}

/** Connections of one lane: requests of a lane are answered one after the other. */
export interface Lane {
  readonly cluster: Cluster;
  /** Ends the connections at once; kafkajs's own way waits for every answer. */
  cut(): Promise<void>;
}

export function openLane(config: KafkaConfig): Lane {
  const sockets = new Set<Socket>();
  let isCut = false;
  const socketFactory: ISocketFactory = (options) => {
    // Retries that are still on their way must not connect again.
    if (isCut) throw new Error('closed');
    const socket = connectSocket(options);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    return socket;
  };
  const cluster = new ClusterClass({
    ...config,
    logger: new Kafka(config).logger(),
    socketFactory,
    enforceRequestTimeout: true,
    metadataMaxAge: metadataMsMax,
    allowAutoTopicCreation: false,
    maxInFlightRequests: null,
    isolationLevel: readUncommitted,
  });
  const cut = async (): Promise<void> => {
    isCut = true;
    for (const socket of sockets) socket.destroy(new Error('closed'));
    await cluster.disconnect();
  };
  return { cluster, cut };
}
