import { Reader, ResponseError, Writer, createAPI, fetchV12, produceV11 } from '@platformatic/kafka';
import { type AbortedTransaction, withoutAborted } from './aborted.ts';
import { decodeBatches, encodeBatch } from './record-batch.ts';
import { type Chunk, type FetchFrom, type Fetched, type Placed, type Producer, WireError } from './wire.ts';

const allReplicas = -1;

/** A partition of the answer to a fetch, its batches as they came. */
interface FetchedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly stableEnd: number;
  readonly aborted: readonly AbortedTransaction[];
  readonly batches: Buffer;
}

/** The library's Fetch request, whose batches {@link decodeBatches} reads: the library makes a dozen objects of every record, and checks no checksum. */
export const fetch = createAPI<fetchV12.FetchRequest, readonly FetchedPartition[]>(
  fetchV12.api.key,
  fetchV12.api.version,
  fetchV12.createRequest,
  (_correlationId, apiKey, apiVersion, reader) => {
    // How long the broker held it back.
    reader.readInt32();
    const errorCode = reader.readInt16();
    // A session that nobody asked for.
    reader.readInt32();
    const partitions = reader.readArray(readTopic).flat();
    const errors: Record<string, [number, null]> = errorCode === 0 ? {} : { '/': [errorCode, null] };
    for (const { topic, partition, errorCode: code } of partitions)
      if (code !== 0) errors[`/${topic}/${partition}`] = [code, null];
    if (Object.keys(errors).length === 0) return partitions;
    throw new ResponseError(apiKey, apiVersion, errors, partitions);
  },
);

function readTopic(reader: Reader): FetchedPartition[] {
  const topic = reader.readString();
  return reader.readArray((each) => {
    const partition = each.readInt32();
    const errorCode = each.readInt16();
    // The high watermark.
    each.readInt64();
    const stableEnd = Number(each.readInt64());
    // The log's start.
    each.readInt64();
    const aborted = each.readArray(() => ({
      producerId: String(each.readInt64()),
      firstOffset: Number(each.readInt64()),
    }));
    // A replica that is nearer.
    each.readInt32();
    return { topic, partition, errorCode, stableEnd, aborted, batches: each.readBytes() };
  });
}

/** What a fetch of these places brought. */
export function fetchedOf(
  answer: readonly FetchedPartition[],
  wanted: readonly FetchFrom[],
  prefix: string,
): Fetched[] {
  return answer.map(({ topic: name, partition, stableEnd, aborted, batches: bytes }): Fetched => {
    const topic = name.slice(prefix.length);
    const from = wanted.find((each) => each.topic === topic && each.partition === partition)?.offset ?? 0;
    const batches = decodeBatches(bytes, `${topic}/${partition}`, wanted.length === 1);
    // A batch is of one transaction, and comes whole, also where the offset asked for lies within it.
    const records = withoutAborted(batches, aborted).flatMap((batch) => batch.records());
    return {
      topic,
      partition,
      records: records.filter(({ offset }) => offset >= from),
      // A batch says where it ends, also where compaction left nothing in it.
      next: Math.max(from, batches.at(-1)?.end ?? from),
      stableEnd,
    };
  });
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
