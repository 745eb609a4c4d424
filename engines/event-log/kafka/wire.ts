/** Bytes of one answer to a fetch, of all partitions and of each. */
export const fetchBytesMax = 16 * 1024 * 1024;
export const partitionBytesMax = 2 * 1024 * 1024;
/** How long a broker may take to store what is produced, in milliseconds. */
export const produceMsMax = 20_000;
/** The name by which members of a group know that they share partitions by the same rules. */
export const groupProtocol = 'vcos-cooperative';

/**
 * What the event log asks of Kafka's protocol, one request each. The adapter's rules (ownership, fencing, exactly-once) stand above it
 * and are the same for every client library; a library's types stay below it. Names are those of the protocol.
 */
export interface Wire {
  /** Number of partitions of a topic; null where it does not exist. */
  partitionsOf(topic: string): Promise<number | null>;
  /** The first offset that each partition still has. */
  starts(topic: string, partitions: number): Promise<readonly number[]>;
  /** The next offset of each partition, after records of transactions that are not decided yet. */
  ends(topic: string, partitions: number): Promise<readonly number[]>;
  /** Waits for at most `waitMsMax` until the partitions have so many bytes together from their offsets on, one unless told otherwise. */
  fetch(wanted: readonly FetchFrom[], waitMsMax: number, bytesMin?: number): Promise<readonly Fetched[]>;
  /** Offsets that a group has committed; null where it has none. */
  committed(group: string, topic: string, partitions: readonly number[]): Promise<readonly (number | null)[]>;
  memberCount(group: string): Promise<number>;
  join(request: JoinRequest): Promise<Joined>;
  /** The leader gives everybody's assignment; resolves with this member's. */
  sync(request: Membership & { readonly assignments: readonly MemberText[] }): Promise<string>;
  heartbeat(membership: Membership): Promise<void>;
  /** Moves a group's offset without a transaction; who is not a member in that generation any more is refused. */
  saveOffset(membership: Membership, offset: GroupOffset): Promise<void>;
  leave(membership: Membership): Promise<void>;
  /** Makes this the only producer of a transactional id: what an earlier one has open is aborted, and it is fenced. */
  initProducer(transactionalId: string, timeoutMs: number): Promise<Producer>;
  addPartitions(producer: Producer, partitions: readonly TopicPartitions[]): Promise<void>;
  produce(producer: Producer, chunks: readonly Chunk[]): Promise<readonly Placed[]>;
  addOffsets(producer: Producer, group: string): Promise<void>;
  /** Moves offsets of one group in the transaction. */
  commitOffsets(producer: Producer, group: string, offsets: readonly GroupOffset[]): Promise<void>;
  end(producer: Producer, outcome: 'commit' | 'abort'): Promise<void>;
  /** Ends the connections; requests in flight reject. */
  close(): Promise<void>;
}

export interface FetchFrom {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export interface Fetched {
  readonly topic: string;
  readonly partition: number;
  /** Committed data records in offset order; control records and aborted ones are left out. */
  readonly records: readonly WireRecord[];
  /** Where the next fetch starts: after everything that was read, also what was left out. */
  readonly next: number;
  /** Up to where everything is decided: `next` comes no further before an open transaction ends. A broker may tell too much for an instant. */
  readonly stableEnd: number;
}

export interface WireRecord {
  readonly offset: number;
  readonly key: string;
  readonly id: string;
  readonly value: string | null;
  readonly appendedAtMs: number;
}

export interface Membership {
  readonly group: string;
  readonly memberId: string;
  readonly generation: number;
}

/** A text of one member: its claims when it joins, its assignment when it has joined. */
export interface MemberText {
  readonly memberId: string;
  readonly text: string;
}

export interface JoinRequest {
  readonly group: string;
  /** Empty for a new member. */
  readonly memberId: string;
  readonly topics: readonly string[];
  readonly text: string;
  readonly sessionMsMax: number;
  readonly rebalanceMsMax: number;
}

export interface Joined extends Membership {
  /** Everybody's texts where this member leads; empty elsewhere. */
  readonly members: readonly MemberText[];
}

export interface Producer {
  readonly transactionalId: string;
  readonly producerId: string;
  readonly epoch: number;
}

export interface TopicPartitions {
  readonly topic: string;
  readonly partitions: readonly number[];
}

/** Records of one partition that travel as one batch; `sequence` is the producer's count of records before them. */
export interface Chunk {
  readonly topic: string;
  readonly partition: number;
  readonly sequence: number;
  readonly records: readonly { readonly key: string; readonly id: string; readonly value: string | null }[];
}

export interface Placed {
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: number;
}

export interface GroupOffset {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly next: number;
}

/** An error of the protocol or of the connection; `code` is the protocol's name for it, such as `REBALANCE_IN_PROGRESS`. */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export function isWireError(error: unknown, ...codes: readonly string[]): error is WireError {
  return error instanceof WireError && codes.includes(error.code);
}
