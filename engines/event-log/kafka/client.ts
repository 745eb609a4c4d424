import type { Security } from './security.ts';
import type { Wire } from './wire.ts';

/** How a cluster is reached. */
export interface ClusterAddress {
  /** `host:port` of some brokers, IPv6 addresses in brackets. */
  readonly brokers: readonly string[];
  /** Stands before the names of topics, groups and transactional ids. */
  readonly prefix: string;
  readonly security: Security;
  readonly connectMsMax: number;
  /** How long the answer to one request may take, waiting included. */
  readonly requestMsMax: number;
}

/** A client library of Kafka's protocol: what the event log needs of it. */
export interface KafkaClient {
  /** A lane of connections of its own; it connects when it is first asked. */
  openWire(address: ClusterAddress): Wire;
  openAdmin(address: ClusterAddress): Promise<TopicAdmin>;
}

export interface NewTopic {
  readonly name: string;
  readonly partitions: number;
  /** Those that differ from the broker's own. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface DescribedTopic {
  readonly partitions: number;
  readonly settings: ReadonlyMap<string, string | null>;
}

/** What makes topics and looks at them; names are as they stand in the cluster. Rejects with `WireError`. */
export interface TopicAdmin {
  /** Topics that others made meanwhile are no error. */
  create(topics: readonly NewTopic[]): Promise<void>;
  names(): Promise<ReadonlySet<string>>;
  /** Rejects with `UNKNOWN_TOPIC_OR_PARTITION` or `LEADER_NOT_AVAILABLE` where the broker that is asked has not heard of one yet. */
  describe(names: readonly string[], settings: readonly string[]): Promise<ReadonlyMap<string, DescribedTopic>>;
  /** A setting of one of the brokers; null where it has none of that name. */
  brokerSetting(name: string): Promise<string | null>;
  close(): Promise<void>;
}
