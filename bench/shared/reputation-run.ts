import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { EventLog } from '../../engines/event-log/port.ts';
import type { GraphStore } from '../../engines/graph-store/port.ts';
import { openSqliteEngines } from '../../engines/sqlite/open-engines.ts';
import { openChdbWarehouse } from '../../engines/warehouse/chdb-warehouse.ts';
import type { Warehouse } from '../../engines/warehouse/port.ts';
import { createLogger } from '../../runtime/logger.ts';
import { type CanonEvent, canonicalJson } from '../../schema/events/envelope.ts';
import { topics } from '../../schema/topics.ts';
import { type RowOf, tables } from '../../schema/warehouse/tables.ts';
import {
  type ReputationOptions,
  createReputationPipelines,
  reputationSinks,
} from '../../streams/reputation/reputation-pipelines.ts';
import { createSink } from '../../streams/shared/sink.ts';
import type { Stage } from '../../streams/shared/stage.ts';

/** Reputation and its sinks on the embedded engines, and nothing else: for benchmarks and tests. */
export interface ReputationRun {
  readonly store: GraphStore;
  readonly eventLog: EventLog;
  readonly warehouse: Warehouse;
  /** Both processors, then the sinks. */
  readonly stages: readonly Stage[];
  append(events: readonly CanonEvent[]): Promise<void>;
  /** Repeated calls are harmless. */
  stop(): Promise<void>;
}

/** Everything reputation has written down. */
export interface ReputationTables {
  readonly scores: readonly RowOf<'platform.reputation_scores'>[];
  readonly ledger: readonly RowOf<'platform.reputation_evidence'>[];
}

const appendRecords = 1_000;

/** Events that are appended may be about creators who never registered, unless the options say otherwise. */
export async function startReputation(options: { directory: string } & ReputationOptions): Promise<ReputationRun> {
  const { directory, ...reputation } = options;
  await mkdir(directory, { recursive: true });
  const { store, eventLog } = openSqliteEngines({ directory });
  const warehouse = await openChdbWarehouse({ path: join(directory, 'warehouse') });
  await eventLog.ensureTopics(Object.values(topics).map((spec) => ({ ...spec, partitions: 1 })));
  await warehouse.migrate();
  const deps = { eventLog, warehouse, logger: createLogger('silent') };
  const stages = [
    ...createReputationPipelines(deps, { anybodyIsKnown: true, ...reputation }),
    ...reputationSinks.map((sink) => createSink(sink, deps)),
  ];
  for (const stage of stages) await stage.start();
  let stopping: Promise<void> | null = null;
  async function stop(): Promise<void> {
    for (const stage of stages) await stage.stop();
    for (const engine of [warehouse, eventLog, store]) await engine.close();
  }
  return {
    store,
    eventLog,
    warehouse,
    stages,
    async append(events) {
      const records = events.map((event) => ({
        topic: topics.events.name,
        key: event.entity.id,
        id: event.id,
        value: canonicalJson(event),
      }));
      for (let at = 0; at < records.length; at += appendRecords)
        await eventLog.append(records.slice(at, at + appendRecords));
    },
    stop: () => (stopping ??= stop()),
  };
}

export async function reputationTables(warehouse: Warehouse): Promise<ReputationTables> {
  const columnsOf = (table: 'platform.reputation_scores' | 'platform.reputation_evidence'): string =>
    Object.keys(tables[table].shape).join(', ');
  return {
    scores: await warehouse.query(
      `SELECT ${columnsOf('platform.reputation_scores')} FROM platform.reputation_scores FINAL ORDER BY creator_id, dimension`,
    ),
    ledger: await warehouse.query(
      `SELECT ${columnsOf('platform.reputation_evidence')} FROM platform.reputation_evidence FINAL ORDER BY creator_id, dimension, event_id, rule`,
    ),
  };
}
