import {
  Reader,
  type RecordsBatch,
  ResponseError,
  Writer,
  createAPI,
  type fetchV12,
  produceV11,
} from '@platformatic/kafka';
import { withoutAborted } from './aborted.ts';
import { encodeBatch } from './record-batch.ts';
import {
  type Chunk,
  type FetchFrom,
  type Fetched,
  type Placed,
  type Producer,
  type WireRecord,
  WireError,
} from './wire.ts';

const allReplicas = -1;
const isTransactional = 0x10;
const isControl = 0x20;
const isLogAppendTime = 0x08;
const idHeader = Buffer.from('id');

/** What a fetch of these places brought for one topic. */
export function fetchedOf(
  { topicId: name, partitions }: fetchV12.FetchResponse['responses'][number],
  wanted: readonly FetchFrom[],
  prefix: string,
): Fetched[] {
  const topic = name.slice(prefix.length);
  return partitions.map(({ partitionIndex: partition, lastStableOffset, abortedTransactions, records }): Fetched => {
    const from = wanted.find((each) => each.topic === topic && each.partition === partition)?.offset ?? 0;
    const batches = records ?? [];
    const last = batches.at(-1);
    const aborted = (abortedTransactions ?? []).map(({ producerId, firstOffset }) => ({
      producerId: String(producerId),
      firstOffset: Number(firstOffset),
    }));
    const raw = batches.flatMap(rawOf);
    return {
      topic,
      partition,
      // A batch comes whole, also where the offset asked for lies within it.
      records: withoutAborted(raw, aborted)
        .filter(({ offset }) => offset >= from)
        .map(recordOf),
      // A batch says where it ends, also where compaction left nothing in it.
      next: Math.max(from, last === undefined ? from : Number(last.firstOffset) + last.lastOffsetDelta + 1),
      stableEnd: Number(lastStableOffset),
    };
  });
}

interface Raw {
  readonly offset: number;
  readonly producerId: string;
  readonly inTransaction: boolean;
  readonly isControl: boolean;
  readonly batch: RecordsBatch;
  readonly record: RecordsBatch['records'][number];
}

function rawOf(batch: RecordsBatch): Raw[] {
  const { attributes } = batch;
  const first = Number(batch.firstOffset);
  const common = {
    producerId: String(batch.producerId),
    inTransaction: (attributes & isTransactional) !== 0,
    isControl: (attributes & isControl) !== 0,
    batch,
  };
  return batch.records.map((record) => ({ ...common, offset: first + record.offsetDelta, record }));
}

function recordOf({ offset, batch, record: { key, value, headers, timestampDelta } }: Raw): WireRecord {
  const isAppendTime = (batch.attributes & isLogAppendTime) !== 0;
  return {
    offset,
    key: key?.toString() ?? '',
    id: headers.find(([name]) => name !== null && idHeader.equals(name))?.[1]?.toString() ?? '',
    value: value?.toString() ?? null,
    appendedAtMs: Number(isAppendTime ? batch.maxTimestamp : batch.firstTimestamp + timestampDelta),
  };
}

type ProduceArguments = [producer: Producer, chunks: readonly Chunk[], prefix: string, waitMsMax: number];

/** The library's Produce request, with batches that {@link encodeBatch} makes. */
export const produce = createAPI<ProduceArguments, produceV11.ProduceResponse>(
  produceV11.api.key,
  produceV11.api.version,
  (...[{ transactionalId, producerId, epoch }, chunks, prefix, waitMsMax]: ProduceArguments) => {
    const common = { timestampMs: Date.now(), producerId: BigInt(producerId), epoch };
    return Writer.create()
      .appendString(transactionalId)
      .appendInt16(allReplicas)
      .appendInt32(waitMsMax)
      .appendArray([...Map.groupBy(chunks, ({ topic }) => topic)], (topics, [topic, those]) => {
        topics.appendString(prefix + topic).appendArray(those, (writer, { partition, sequence, records }) => {
          const batch = encodeBatch(records, { ...common, sequence });
          writer.appendInt32(partition).appendBytes(batch);
        });
      })
      .appendTaggedFields();
  },
  produceV11.parseResponse,
);

export function placedOf({ responses }: produceV11.ProduceResponse, prefix: string): Placed[] {
  return responses.flatMap(({ name, partitionResponses }) =>
    partitionResponses.map(({ index, baseOffset }) => ({
      topic: name.slice(prefix.length),
      partition: index,
      firstOffset: Number(baseOffset),
    })),
  );
}

/** The embedded protocol of consumer groups: version, topics, and a text of our own. */
const consumerVersion = 1;

export function encodeSubscription(topics: readonly string[], text: string): Buffer {
  return Writer.create()
    .appendInt16(consumerVersion)
    .appendArray([...topics], (writer, name) => writer.appendString(name, false), false, false)
    .appendBytes(Buffer.from(text), false).buffer;
}

export function decodeSubscription(encoded: Buffer): string {
  const reader = Reader.from(encoded);
  reader.readInt16();
  reader.readArray((each) => each.readString(false), false, false);
  return reader.readBytes(false).toString();
}

/** An assignment without partitions of the broker's kind: whose they are stands in the text. */
export function encodeAssignment(text: string): Buffer {
  return Writer.create().appendInt16(consumerVersion).appendInt32(0).appendBytes(Buffer.from(text), false).buffer;
}

export function decodeAssignment(encoded: Buffer): string {
  if (encoded.length === 0) return '';
  const reader = Reader.from(encoded);
  reader.readInt16();
  reader.readInt32();
  return reader.readBytes(false).toString();
}

interface ProtocolFailure {
  readonly apiId: string;
  readonly message: string;
}

function failuresOf(error: unknown): readonly ProtocolFailure[] {
  if (!(error instanceof Error) || !ResponseError.isMultipleErrors(error)) return [];
  return error.errors.filter(
    (each: unknown): each is ProtocolFailure => typeof (each as Partial<ProtocolFailure>).apiId === 'string',
  );
}

/** Kafka's names of everything that an answer says went wrong. */
export const codesOf = (error: unknown): readonly string[] => failuresOf(error).map(({ apiId }) => apiId);

/** The library gathers the errors of an answer; one is what happened to the request, others may only say that it was not tried. */
export function translate(error: unknown): WireError {
  if (error instanceof WireError) return error;
  if (!(error instanceof Error)) return new WireError('CONNECTION', String(error));
  const failures = failuresOf(error);
  const failure = failures.find(({ apiId }) => !vague.has(apiId)) ?? failures[0];
  if (failure === undefined) return new WireError('CONNECTION', messageOf(error), { cause: error });
  return new WireError(failure.apiId, `${failure.apiId}: ${failure.message}`, { cause: error });
}

const vague = new Set(['UNKNOWN_SERVER_ERROR', 'OPERATION_NOT_ATTEMPTED']);

function messageOf(error: Error): string {
  return error.cause instanceof Error ? `${error.message} ${error.cause.message}` : error.message;
}
