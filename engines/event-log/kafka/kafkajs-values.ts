import { withoutAborted } from './aborted.ts';
import { type FetchResponse, type RawMessage, type TopicData, colonsOf } from './kafkajs-internals.ts';
import { type Chunk, type FetchFrom, type Fetched, type Producer, type WireRecord, WireError } from './wire.ts';

/** What a fetch of these places brought for one topic. */
export function fetchedOf(
  { topicName, partitions }: FetchResponse['responses'][number],
  wanted: readonly FetchFrom[],
  prefix: string,
): Fetched[] {
  const topic = topicName.slice(prefix.length);
  return partitions.map(({ partition, lastStableOffset, abortedTransactions, messages }): Fetched => {
    const from = wanted.find((each) => each.topic === topic && each.partition === partition)?.offset ?? 0;
    const aborted = abortedTransactions.map(({ producerId, firstOffset }) => ({
      producerId,
      firstOffset: Number(firstOffset),
    }));
    const raw = messages.map(rawOf);
    const last = raw.at(-1);
    return {
      topic,
      partition,
      // A batch comes whole, also where the offset asked for lies within it.
      records: withoutAborted(raw, aborted)
        .filter(({ offset }) => offset >= from)
        .map(({ message, offset }) => recordOf(message, offset)),
      next: Math.max(from, last === undefined ? from : last.offset + 1),
      stableEnd: Number(lastStableOffset),
    };
  });
}

/** Records as kafkajs sends them. */
export function topicDataOf(chunks: readonly Chunk[], prefix: string): TopicData[] {
  return [...Map.groupBy(chunks, ({ topic }) => topic)].map(([topic, those]) => ({
    topic: prefix + topic,
    partitions: those.map(({ partition, sequence, records }) => ({
      partition,
      firstSequence: sequence,
      messages: records.map(({ key, id, value }) => ({
        key: Buffer.from(key),
        value: value === null ? null : Buffer.from(value),
        headers: { id: Buffer.from(id) },
      })),
    })),
  }));
}

export function txnOf({ transactionalId, producerId, epoch }: Producer): {
  transactionalId: string;
  producerId: string;
  producerEpoch: number;
} {
  return { transactionalId, producerId, producerEpoch: epoch };
}

function rawOf(message: RawMessage) {
  const { producerId, inTransaction } = message.batchContext;
  return { message, offset: Number(message.offset), producerId, inTransaction, isControl: message.isControlRecord };
}

function recordOf({ key, value, headers, timestamp }: RawMessage, offset: number): WireRecord {
  return {
    offset,
    key: key?.toString() ?? '',
    id: headers['id']?.toString() ?? '',
    value: value?.toString() ?? null,
    appendedAtMs: Number(timestamp),
  };
}

/** kafkajs wraps an error in one that says how often it retried; what happened is the innermost. */
export function translate(error: unknown): WireError {
  if (error instanceof WireError) return error;
  if (!(error instanceof Error)) return new WireError('CONNECTION', String(error));
  const { message, cause } = error;
  if ('type' in error && typeof error.type === 'string')
    return new WireError(error.type, `${error.type}: ${message}`, { cause: error });
  if (cause instanceof Error) return translate(cause);
  const at = 'broker' in error && typeof error.broker === 'string' ? `${colonsOf(error.broker)}: ` : '';
  return new WireError('CONNECTION', `${at}${message}`, { cause: error });
}
