import type { TopicSpec } from '../../schema/topics.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { WriteScope } from '../sqlite/writer.ts';
import { BlockReader, type BlockStream, writeBlocks } from './blocks.ts';
import { partitionOf } from './partitioner.ts';
import { type AppendResult, type LogRecord, type OutgoingRecord, TopicError, UnknownTopicError } from './port.ts';

/** Offsets of one stream: `place = stream * span + offset`. With 2^13 streams every place is a safe integer. */
const span = 2 ** 40;
const streamsMax = 2 ** 13;
const dayMs = 86_400_000;
const expiredMax = 10_000;
/** Records of a row each that are read at once: each may be as long as a block. */
const singlesMax = 500;
/** So many records of one stream that are appended together make a block. */
const blockMin = 8;

/** What of a job's scope appending takes. */
type AppendScope = Pick<WriteScope, 'connection' | 'touched' | 'committed'>;

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
  readonly #blocks: BlockReader;
  readonly #topics = new Map<string, Topic>();
  readonly #derived = new Set<string>();
  /** Topics whose records stay as they are, so that they may stand in blocks. */
  readonly #lasting = new Set<string>();

  constructor(reader: Connection) {
    this.#reader = reader;
    this.#blocks = new BlockReader(reader);
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

  #streamOf(topic: Topic, { partition, key }: OutgoingRecord): number {
    return this.stream(topic.name, partition ?? partitionOf(key, topic.partitions));
  }

  streams(name: string): readonly number[] {
    const { partitions, first_stream } = this.topic(name);
    return Array.from({ length: partitions }, (_, partition) => first_stream + partition);
  }

  create(connection: Connection, spec: TopicSpec): void {
    if (spec.derived === true) this.#derived.add(spec.name);
    if (spec.cleanup === 'keep' && spec.keptDays === undefined) this.#lasting.add(spec.name);
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
    connection.run('DELETE FROM records WHERE value IS NULL AND at < ? AND compacted IS NOT NULL', nowMs - dayMs);
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
  append(scope: AppendScope, records: readonly OutgoingRecord[]): AppendResult[] {
    const { connection } = scope;
    const parts = new Map<number, Part>();
    const results = records.map((record) => {
      const topic = this.topic(record.topic);
      const stream = this.#streamOf(topic, record);
      const part = parts.get(stream) ?? { topic, first: nextOf(connection, stream), records: [] };
      const offset = part.first + part.records.length;
      const earlier = takeId(connection, topic, record.id, stream * span + offset);
      if (earlier !== null) return { ...placeOf(topic, earlier), duplicate: true };
      parts.set(stream, part);
      part.records.push(record);
      return { partition: stream - topic.first_stream, offset, duplicate: false };
    });
    this.#write(scope, parts);
    return results;
  }

  /** Appends what a processor made of the batch whose offsets commit with it. To derived topics it comes once, so their ids are not looked at. */
  appendOutputs(scope: AppendScope, records: readonly OutgoingRecord[]): void {
    const derived = new Map<number, Part>();
    const others: OutgoingRecord[] = [];
    for (const record of records) {
      if (!this.#derived.has(record.topic)) {
        others.push(record);
        continue;
      }
      const topic = this.topic(record.topic);
      const stream = this.#streamOf(topic, record);
      const earlier = derived.get(stream);
      if (earlier) earlier.records.push(record);
      else derived.set(stream, { topic, first: nextOf(scope.connection, stream), records: [record] });
    }
    if (others.length > 0) this.append(scope, others);
    this.#write(scope, derived);
  }

  #write(scope: AppendScope, parts: ReadonlyMap<number, Part>): void {
    const { connection, committed } = scope;
    const nowMs = Date.now();
    for (const [number, { topic, first, records }] of parts) {
      const isDerived = this.#derived.has(topic.name);
      if (isDerived || (records.length >= blockMin && this.#lasting.has(topic.name))) {
        const stream = blockStream(topic, number);
        const blocks = writeBlocks(connection, { stream, place: stream.base + first, nowMs }, records);
        committed.push(() => this.#blocks.keep(blocks));
      } else {
        for (const [n, record] of records.entries())
          insert(connection, { topic, stream: number, offset: first + n, record, nowMs });
      }
    }
    moveEnds(scope, parts);
  }

  /** Records that came together stand in blocks, those that came one by one (all, in older files) in a row each. */
  read(options: {
    topic: string;
    partition: number;
    from: number;
    limit: number;
    /** Characters of values beyond which no more is read. */
    charsMax?: number;
  }): LogRecord[] {
    const { topic, partition, from, limit, charsMax = Infinity } = options;
    const stream = blockStream(this.topic(topic), this.stream(topic, partition));
    const found: LogRecord[] = [];
    let at = stream.base + from;
    let chars = 0;
    const isFull = (): boolean => found.length >= limit || chars >= charsMax;
    const take = (records: readonly LogRecord[]): void => {
      for (const record of records) {
        if (isFull()) return;
        found.push(record);
        chars += record.value?.length ?? 0;
      }
    };
    while (!isFull()) {
      const block = this.#blocks.holding(stream, at);
      if (block) {
        take(at === block.place ? block.records : block.records.slice(at - block.place));
        at = block.place + block.records.length;
        continue;
      }
      const next = this.#blocks.nextPlace(stream, at);
      const page = this.#single(stream, { at, next, limit: Math.min(singlesMax, limit - found.length) });
      take(page);
      const last = page.at(-1);
      if (last && page.length === singlesMax) at = stream.base + last.offset + 1;
      else if (next === stream.end) break;
      else at = next;
    }
    return found;
  }

  #single(
    { topic, partition, base }: BlockStream,
    { at, next, limit }: { readonly at: number; readonly next: number; readonly limit: number },
  ): LogRecord[] {
    const rows = this.#reader.all<Row>(
      'SELECT place, key, id, value, at FROM records WHERE place >= ? AND place < ? ORDER BY place LIMIT ?',
      at,
      next,
      limit,
    );
    return rows.map(({ place, key, id, value, at: appendedAtMs }) => ({
      topic,
      partition,
      offset: place - base,
      key,
      id,
      value,
      appendedAtMs,
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

/** Records that go to one stream together. */
interface Part {
  readonly topic: Topic;
  /** Offset of the first. */
  readonly first: number;
  readonly records: OutgoingRecord[];
}

function blockStream({ name, first_stream }: Topic, stream: number): BlockStream {
  return { topic: name, partition: stream - first_stream, base: stream * span, end: (stream + 1) * span };
}

function moveEnds({ connection, touched }: AppendScope, parts: ReadonlyMap<number, Part>): void {
  for (const [stream, { first, records }] of parts) {
    const next = first + records.length;
    connection.run('UPDATE streams SET next = ? WHERE stream = ?', next, stream);
    touched.set(stream, next);
  }
}

function insert(
  connection: Connection,
  what: { topic: Topic; stream: number; offset: number; record: OutgoingRecord; nowMs: number },
): void {
  const { topic, stream, offset, record, nowMs } = what;
  const { key, id, value } = record;
  // On a compacted topic it takes the place of the last record of its key. (INSERT OR REPLACE opens a savepoint of its own each time, and SQLite then walks through all that the job has changed so far.)
  const compacted = topic.cleanup === 'compact' ? stream : null;
  const sql = `INSERT INTO records (place, key, id, value, at, compacted) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (compacted, key) WHERE compacted IS NOT NULL
    DO UPDATE SET place = excluded.place, id = excluded.id, value = excluded.value, at = excluded.at`;
  connection.run(sql, stream * span + offset, key, id, value, nowMs, compacted);
}
