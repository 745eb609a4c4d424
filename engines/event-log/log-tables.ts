import type { TopicSpec } from '../../schema/topics.ts';
import type { TouchedStreams } from '../sqlite/commit-signal.ts';
import type { Connection } from '../sqlite/connection.ts';
import { partitionOf } from './partitioner.ts';
import { type AppendResult, type LogRecord, type OutgoingRecord, TopicError, UnknownTopicError } from './port.ts';

/** Offsets of one stream: `place = stream * span + offset`. With 2^13 streams every place is a safe integer. */
const span = 2 ** 40;
const streamsMax = 2 ** 13;
const dayMs = 86_400_000;
const expiredMax = 10_000;

export interface Topic {
  readonly topic: number;
  readonly name: string;
  readonly partitions: number;
  readonly cleanup: TopicSpec['cleanup'];
  readonly first_stream: number;
}

interface Row {
  readonly place: number;
  readonly key: string;
  readonly id: string;
  readonly value: string | null;
  readonly at: number;
}

/**
 * The log's tables, one synchronous operation each. What takes a connection runs on the writer's, inside of a job; everything else
 * reads committed data. A stream is a topic's partition.
 */
export class LogTables {
  readonly #reader: Connection;
  readonly #topics = new Map<string, Topic>();

  constructor(reader: Connection) {
    this.#reader = reader;
  }

  topic(name: string): Topic {
    const known = this.#topics.get(name) ?? this.#reader.get<Topic>('SELECT * FROM topics WHERE name = ?', name);
    if (known === undefined) throw new UnknownTopicError(name);
    this.#topics.set(name, known);
    return known;
  }

  stream(name: string, partition: number): number {
    const { partitions, first_stream } = this.topic(name);
    if (!Number.isInteger(partition) || partition < 0 || partition >= partitions) {
      throw new RangeError(
        `partition ${partition} of topic ${name} does not exist: it has partitions 0 to ${partitions - 1}`,
      );
    }
    return first_stream + partition;
  }

  streams(name: string): readonly number[] {
    const { partitions, first_stream } = this.topic(name);
    return Array.from({ length: partitions }, (_, partition) => first_stream + partition);
  }

  create(connection: Connection, spec: TopicSpec): void {
    const known = connection.get<Topic>('SELECT * FROM topics WHERE name = ?', spec.name);
    if (known !== undefined) return checkSame(known, spec);
    const first = (
      connection.get<{ next: number }>('SELECT coalesce(max(stream) + 1, 0) AS next FROM streams') as { next: number }
    ).next;
    if (!Number.isInteger(spec.partitions) || spec.partitions < 1 || first + spec.partitions > streamsMax) {
      throw new RangeError(
        `topic ${spec.name}: partitions must be from 1 to ${streamsMax - first}, not ${spec.partitions}`,
      );
    }
    for (let partition = 0; partition < spec.partitions; partition++) {
      connection.run('INSERT INTO streams VALUES (?, 0)', first + partition);
    }
    connection.run(
      'INSERT INTO topics (name, partitions, cleanup, first_stream) VALUES (?, ?, ?, ?)',
      spec.name,
      spec.partitions,
      spec.cleanup,
      first,
    );
  }

  /** Forgets deletions in compacted topics that every follower had a day to see, as Kafka does. */
  dropOldTombstones(connection: Connection, nowMs: number): void {
    const old = 'FROM records WHERE value IS NULL AND at < ?';
    connection.run(`DELETE FROM newest WHERE place IN (SELECT place ${old})`, nowMs - dayMs);
    connection.run(
      `DELETE ${old} AND EXISTS (SELECT 1 FROM topics t WHERE t.cleanup = 'compact' AND place / ${span} BETWEEN t.first_stream AND t.first_stream + t.partitions - 1)`,
      nowMs - dayMs,
    );
  }

  /** Removes what is older than its topic's `keptDays`, ids included; offsets go on. At most `expiredMax` records of a topic in one call, so that no append waits for long. */
  dropExpired(connection: Connection, specs: readonly TopicSpec[], nowMs: number): void {
    for (const { name, keptDays } of specs) {
      if (keptDays === undefined) continue;
      const { topic, first_stream, partitions } = this.topic(name);
      const old = connection.all<{ place: number; id: string }>(
        'SELECT place, id FROM records WHERE place >= ? AND place < ? AND at < ? ORDER BY place LIMIT ?',
        first_stream * span,
        (first_stream + partitions) * span,
        nowMs - keptDays * dayMs,
        expiredMax,
      );
      for (const { place, id } of old) {
        connection.run('DELETE FROM records WHERE place = ?', place);
        connection.run('DELETE FROM record_ids WHERE topic = ? AND id = ?', topic, id);
      }
    }
  }

  /** Appends in order, skipping ids that the topic has had. */
  append(connection: Connection, records: readonly OutgoingRecord[], touched: TouchedStreams): AppendResult[] {
    const nowMs = Date.now();
    const ends = new Map<number, number>();
    const results = records.map((record) => {
      const topic = this.topic(record.topic);
      const stream = this.stream(record.topic, record.partition ?? partitionOf(record.key, topic.partitions));
      const offset = ends.get(stream) ?? nextOf(connection, stream);
      const earlier = takeId(connection, topic, record.id, stream * span + offset);
      if (earlier !== null) return { ...placeOf(topic, earlier), duplicate: true };
      ends.set(stream, offset + 1);
      insert(connection, { topic, stream, offset, record, nowMs });
      return { partition: stream - topic.first_stream, offset, duplicate: false };
    });
    for (const [stream, next] of ends) {
      connection.run('UPDATE streams SET next = ? WHERE stream = ?', next, stream);
      touched.set(stream, next);
    }
    return results;
  }

  read(options: { topic: string; partition: number; from: number; limit: number }): LogRecord[] {
    const { topic, partition, from, limit } = options;
    const base = this.stream(topic, partition) * span;
    const rows = this.#reader.all<Row>(
      'SELECT place, key, id, value, at FROM records WHERE place >= ? AND place < ? ORDER BY place LIMIT ?',
      base + from,
      base + span,
      limit,
    );
    return rows.map(({ place, key, id, value, at }) => ({
      topic,
      partition,
      offset: place - base,
      key,
      id,
      value,
      appendedAtMs: at,
    }));
  }

  /** The next offset of a stream that will be given. */
  end(stream: number): number {
    return nextOf(this.#reader, stream);
  }

  committed(connection: Connection | null, group: string, stream: number): number {
    const row = (connection ?? this.#reader).get<{ next: number }>(
      'SELECT next FROM group_offsets WHERE grp = ? AND stream = ?',
      group,
      stream,
    );
    return row?.next ?? 0;
  }

  commit(connection: Connection, group: string, stream: number, next: number): void {
    connection.run(
      'INSERT INTO group_offsets VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET next = excluded.next',
      group,
      stream,
      next,
    );
  }
}

function checkSame(known: Topic, spec: TopicSpec): void {
  if (known.partitions < spec.partitions) {
    throw new TopicError(
      `topic ${spec.name} has ${known.partitions} partitions and ${spec.partitions} are asked for: with more, keys would change their places. Set EVENT_PARTITIONS=${known.partitions}, or start on an empty DATA_DIR`,
    );
  }
  if (known.cleanup !== spec.cleanup) {
    throw new TopicError(
      `topic ${spec.name} was made with cleanup '${known.cleanup}', not '${spec.cleanup}': give the topic another name`,
    );
  }
}

function placeOf(topic: Topic, place: number): { partition: number; offset: number } {
  return { partition: Math.floor(place / span) - topic.first_stream, offset: place % span };
}

function nextOf(connection: Connection, stream: number): number {
  return (connection.get<{ next: number }>('SELECT next FROM streams WHERE stream = ?', stream) as { next: number })
    .next;
}

/** Claims the id for this place; gives the place of the record that has it already, else null. */
function takeId(connection: Connection, { topic }: Topic, id: string, place: number): number | null {
  if (id === '') return null;
  // One statement for the usual case: nearly every id is new.
  if (connection.run('INSERT OR IGNORE INTO record_ids VALUES (?, ?, ?)', topic, id, place).changes === 1) return null;
  const query = 'SELECT place FROM record_ids WHERE topic = ? AND id = ?';
  return (connection.get<{ place: number }>(query, topic, id) as { place: number }).place;
}

function insert(
  connection: Connection,
  what: { topic: Topic; stream: number; offset: number; record: OutgoingRecord; nowMs: number },
): void {
  const { topic, stream, offset, record, nowMs } = what;
  const place = stream * span + offset;
  connection.run('INSERT INTO records VALUES (?, ?, ?, ?, ?)', place, record.key, record.id, record.value, nowMs);
  if (topic.cleanup !== 'compact') return;
  connection.run(
    'DELETE FROM records WHERE place = (SELECT place FROM newest WHERE stream = ? AND key = ?)',
    stream,
    record.key,
  );
  connection.run(
    'INSERT INTO newest VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET place = excluded.place',
    stream,
    record.key,
    place,
  );
}
