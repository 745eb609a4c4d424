import { writeFileSync } from 'node:fs';
import type { Engines } from '../composition/engines.ts';
import type { EventLog } from '../engines/event-log/port.ts';
import { nodeCatalogue } from '../schema/graph/catalogue.ts';
import { topics } from '../schema/topics.ts';

export type Row = Readonly<Record<string, unknown>>;
const queries = {
  canonEvents:
    'SELECT event_id, entity_type, entity_id, entity_version, type, hlc, actor, source, status, status_seq, caused_by, log_partition, toString(log_offset) AS log_offset FROM platform.canon_events FINAL ORDER BY event_id',
  canonStatus:
    'SELECT event_id, seq, status, decider, contradiction FROM platform.canon_status FINAL ORDER BY event_id, seq',
  scores:
    'SELECT creator_id, dimension, score, low, high, positive, negative, evidence_count, toString(as_of) AS as_of FROM platform.reputation_scores FINAL ORDER BY creator_id, dimension',
  evidence:
    'SELECT creator_id, dimension, event_id, rule, source_id, weight, trust, counted, refusal FROM platform.reputation_evidence FINAL ORDER BY creator_id, dimension, event_id, rule',
  releases:
    'SELECT release_id, metric, toString(window_start) AS start, key, toString(value) AS value, toString(low) AS low, toString(high) AS high, sigma2, rho FROM analytics.releases FINAL ORDER BY metric, key, window_start',
} as const;

/** What a set-up ends up with; hashes and ciphertexts, which differ from run to run (subjects' keys and nonces are random), left out. */
export type Tables = Readonly<Record<keyof typeof queries, readonly Row[]>> & {
  readonly deadLetters: number;
  /** Nodes of each type in the graph. */
  readonly nodes: readonly number[];
};

/** Writes all tables to a file, as JSON. */
export async function writeTables({ warehouse, store, eventLog }: Engines, file: string): Promise<void> {
  const rows: Record<string, readonly Row[]> = {};
  for (const [table, query] of Object.entries(queries)) rows[table] = await warehouse.query(query);
  const types = Object.keys(nodeCatalogue) as (keyof typeof nodeCatalogue)[];
  const deadLetters = await countDeadLetters(eventLog);
  const nodes = await Promise.all(types.map((type) => store.count(type)));
  writeFileSync(file, JSON.stringify({ ...rows, deadLetters, nodes }));
}

/** By reading them: offsets of Kafka count the marks of transactions, too. */
async function countDeadLetters(eventLog: EventLog): Promise<number> {
  const topic = topics.deadLetters.name;
  let count = 0;
  for (let partition = 0; partition < (await eventLog.partitionsOf(topic)); partition += 1) {
    for (let from = 0; ;) {
      const page = await eventLog.read({ topic, partition, from, limit: 1_000 });
      const last = page.at(-1);
      if (!last) break;
      count += page.length;
      from = last.offset + 1;
    }
  }
  return count;
}

/** Of an event's row what does not say in which partition it lies. */
export function withoutPlace({ log_partition: _partition, log_offset: _offset, ...row }: Row): Row {
  return row;
}

/** A pattern is dated as the sighting that made it enough, and sightings of several partitions have no order towards each other. */
export function withoutPatternTime(row: Row): Row {
  return row['entity_type'] === 'Pattern' ? { ...row, hlc: 'as the sighting that was enough' } : row;
}

/** Releases of windows of the community's own time: at a full hour the live clock closes one more. */
export const itsOwn = ({ start }: Row): boolean => String(start) < '2020';
