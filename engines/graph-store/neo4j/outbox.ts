import { randomInt, randomUUID } from 'node:crypto';
import { int } from 'neo4j-driver';
import { partitionOf } from '../../event-log/partitioner.ts';
import type { OutgoingRecord } from '../../event-log/port.ts';
import {
  type ClaimedShard,
  type HeldShard,
  type Outbox,
  type OutboxDepth,
  type OutboxRecord,
  type ShardPlace,
  shardsCount as shards,
} from '../../outbox/port.ts';
import type { Run } from './cypher.ts';

/** How long a carried record stays, so that a transaction whose commit got no answer can be looked up. */
const keptMs = 60_000;
const pruneMax = 5_000;

/** Where a transaction can be found again, when it was committed. */
export interface CommitMark {
  readonly shard: number;
  readonly id: string;
}

/** The shards' counters and the relays' places. Can be repeated. */
export async function makeShards(run: Run): Promise<void> {
  await run(
    `UNWIND range(0, $last) AS shard
     MERGE (s:OutboxShard {shard: shard}) ON CREATE SET s.seq = 0
     MERGE (p:OutboxPlace {shard: shard}) ON CREATE SET p.carried = 0, p.fence = 0, p.owner = '', p.leaseUntil = 0`,
    { last: int(shards - 1) },
  );
  await run('MATCH (s:OutboxShard {shard: 0}) REMOVE s._lock WITH s SET s.source = coalesce(s.source, $source)', {
    source: randomUUID(),
  });
}

/**
 * Stores records as the last thing that a transaction does. Each shard's counter is locked until the commit, so that within a shard
 * the order of the numbers is the order of the commits. A record that names its partition speaks of all that came to that partition before (a tick of a clock): it is kept with the place of every
 * shard that it must not overtake. A transaction without records leaves an empty one as its mark.
 */
export async function storeRecords(run: Run, records: readonly OutgoingRecord[]): Promise<CommitMark> {
  const empty: OutgoingRecord = { topic: '', key: '', id: randomUUID(), value: null };
  const counts = records.some(({ partition }) => partition !== undefined) ? await lockAll(run) : null;
  const placed = (records.length === 0 ? [empty] : records).map((record) => {
    const shard = records.length === 0 ? randomInt(shards) : partitionOf(record.key, shards);
    const after = counts === null || record.partition === undefined ? {} : { after: counts.map((count) => int(count)) };
    if (counts) counts[shard] = (counts[shard] ?? 0) + 1;
    return { shard, props: { ...record, ...after, mark: `${record.topic}|${record.id}` } };
  });
  const groups = [...Map.groupBy(placed, ({ shard }) => shard)]
    .sort(([a], [b]) => a - b)
    .map(([shard, each]) => ({ shard: int(shard), records: each.map(({ props }) => props) }));
  await run(
    `UNWIND $groups AS group
     MATCH (s:OutboxShard {shard: group.shard}) REMOVE s._lock
     WITH s, group.records AS records, s.seq AS before
     SET s.seq = before + size(records)
     WITH s.shard AS shard, before, records
     UNWIND range(0, size(records) - 1) AS n
     CREATE (o:Outbox) SET o = records[n], o.shard = shard, o.seq = before + n + 1, o.at = timestamp()`,
    { groups },
  );
  const [first] = placed as [(typeof placed)[number]];
  return { shard: first.shard, id: first.props.mark };
}

/**
 * Locks every shard's counter, in the order in which all do, and tells how far each has counted. The lock is taken by itself, before anything is read: `SET s.seq = s.seq` writes what was read before the wait for the
 * lock, so that a counter goes back and its next number is taken twice.
 */
async function lockAll(run: Run): Promise<number[]> {
  const rows = await run(
    `UNWIND range(0, $last) AS shard
     MATCH (s:OutboxShard {shard: shard}) REMOVE s._lock
     WITH shard, s
     RETURN s.seq AS seq ORDER BY shard`,
    { last: int(shards - 1) },
  );
  return rows.map(({ seq }) => Number(seq));
}

/** Whether the transaction that left this mark was committed. Waits for it where the server still works on it. */
export async function wasCommitted(run: Run, mark: CommitMark): Promise<boolean> {
  const rows = await run(
    `MATCH (s:OutboxShard {shard: $shard}) REMOVE s._lock
     WITH s MATCH (o:Outbox {mark: $id}) RETURN o.seq`,
    { shard: int(mark.shard), id: mark.id },
  );
  return rows.length > 0;
}

/** The outbox as its relay sees it. Leases are told by the server's clock, of which there is one. */
export class Neo4jOutbox implements Outbox {
  readonly #read: Run;
  readonly #write: Run;

  constructor(runs: { readonly read: Run; readonly write: Run }) {
    this.#read = runs.read;
    this.#write = runs.write;
  }

  async source(): Promise<string> {
    const [row] = await this.#read('MATCH (s:OutboxShard {shard: 0}) RETURN s.source AS source', {});
    return String(row?.['source']);
  }

  async claim(writer: string, leaseMs: number, former: readonly string[]): Promise<readonly ClaimedShard[]> {
    const rows = await this.#write(
      `MATCH (p:OutboxPlace) REMOVE p._lock
       WITH p, timestamp() AS now, p.owner AS before WHERE before = $writer OR before IN $former OR p.leaseUntil < now
       WITH p, now, before, before = $writer AND p.leaseUntil >= now AS isHeld
       SET p.writers = coalesce(p.writers, []) + CASE WHEN before IN ['', $writer] THEN [] ELSE [before] END,
           p.fence = CASE WHEN isHeld THEN p.fence ELSE p.fence + 1 END,
           p.owner = $writer, p.leaseUntil = now + $leaseMs
       WITH p MATCH (s:OutboxShard {shard: p.shard})
       RETURN p.shard AS shard, p.fence AS fence, p.writers AS writers, s.seq AS last`,
      { writer, former, leaseMs: int(Math.round(leaseMs)) },
    );
    return rows as unknown as readonly ClaimedShard[];
  }

  async settle(places: readonly ShardPlace[]): Promise<void> {
    await this.#write(
      `UNWIND $places AS place
       MATCH (p:OutboxPlace {shard: place.shard}) REMOVE p._lock
       WITH p, place WHERE p.fence = place.fence
       SET p.writers = [], p.carried = CASE WHEN p.carried < place.seq THEN toInteger(place.seq) ELSE p.carried END`,
      { places },
    );
  }

  async waiting(held: readonly HeldShard[], limit: number): Promise<readonly OutboxRecord[]> {
    const rows = await this.#write(
      `MATCH (all:OutboxPlace) WITH all ORDER BY all.shard
       WITH collect(all.carried) AS carried
       UNWIND $held AS shard
       MATCH (p:OutboxPlace {shard: shard})
       CALL (p) { MATCH (o:Outbox {shard: p.shard}) WHERE o.seq > p.carried RETURN o ORDER BY o.seq LIMIT $each }
       WITH o, o.after IS NOT NULL AND any(i IN range(0, size(carried) - 1) WHERE i <> o.shard AND o.after[i] > carried[i]) AS waits
       RETURN o {.shard, .seq, .topic, .key, .id, .value, .partition} AS o, waits`,
      { held: held.map(({ shard }) => int(shard)), each: int(Math.ceil(limit / held.length)) },
    );
    // What a record waits for, whatever follows it in its shard waits for, too.
    const stopped = new Set<number>();
    return rows.flatMap(({ o, waits }) => {
      const { partition, ...record } = o as Omit<OutboxRecord, 'partition'> & { partition: number | null };
      if (waits === true) stopped.add(record.shard);
      if (stopped.has(record.shard)) return [];
      return [partition === null ? record : { ...record, partition }];
    });
  }

  async carried(places: readonly ShardPlace[]): Promise<void> {
    await this.#write(
      `UNWIND $places AS place
       MATCH (p:OutboxPlace {shard: place.shard}) REMOVE p._lock
       WITH p, place WHERE p.fence = place.fence AND p.carried < place.seq
       SET p.carried = toInteger(place.seq)`,
      { places },
    );
  }

  async prune(): Promise<void> {
    await this.#write(
      `MATCH (p:OutboxPlace)
       CALL (p) {
         MATCH (o:Outbox {shard: p.shard}) WHERE o.seq <= p.carried
         WITH o ORDER BY o.seq LIMIT $max
         WITH o WHERE o.at < timestamp() - $keptMs
         DELETE o
       }`,
      { max: int(pruneMax), keptMs: int(keptMs) },
    );
  }

  async release(held: readonly HeldShard[]): Promise<void> {
    await this.#write(
      `UNWIND $held AS each MATCH (p:OutboxPlace {shard: each.shard}) REMOVE p._lock
       WITH p, each WHERE p.fence = each.fence SET p.leaseUntil = 0, p.owner = ''`,
      { held },
    );
  }

  async depth(): Promise<OutboxDepth> {
    const [row] = (await this.#read(
      `MATCH (s:OutboxShard) MATCH (p:OutboxPlace {shard: s.shard})
       OPTIONAL MATCH (o:Outbox {shard: s.shard, seq: p.carried + 1})
       RETURN sum(s.seq - p.carried) AS records, timestamp() - min(o.at) AS ageMs`,
      {},
    )) as [{ records: number; ageMs: number | null }];
    return { records: row.records, ageMs: row.ageMs ?? 0 };
  }
}
