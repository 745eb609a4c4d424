import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { EventLog } from '../../engines/event-log/port.ts';
import type { GraphStore } from '../../engines/graph-store/port.ts';
import { openSqliteEngines } from '../../engines/sqlite/open-engines.ts';
import { openChdbWarehouse } from '../../engines/warehouse/chdb-warehouse.ts';
import type { Warehouse } from '../../engines/warehouse/port.ts';
import { readConfig } from '../../runtime/config.ts';
import { createLogger } from '../../runtime/logger.ts';
import { type DeadLetter, deadLetterSchema } from '../../schema/dead-letter.ts';
import { type CanonEvent, canonicalJson } from '../../schema/events/envelope.ts';
import { noteSigner } from '../../schema/merkle/signed-note.ts';
import { topics } from '../../schema/topics.ts';
import { type RowOf, tables } from '../../schema/warehouse/tables.ts';
import { createCanonPipeline } from '../../streams/canon/canon-pipeline.ts';
import { createTreeBuilder } from '../../streams/canon/tree-builder.ts';
import { createSink } from '../../streams/shared/sink.ts';
import type { Stage } from '../../streams/shared/stage.ts';

/** Canon and its sinks on the embedded engines, and nothing else: for benchmarks and tests of streams. */
export interface CanonRun {
  readonly eventLog: EventLog;
  readonly store: GraphStore;
  readonly warehouse: Warehouse;
  /** The processor, then its sinks. */
  readonly stages: readonly Stage[];
  append(events: readonly (CanonEvent | undefined)[]): Promise<void>;
  /** Repeated calls are harmless. */
  stop(): Promise<void>;
}

/** Everything canon has written down, in an order of its own. */
export interface CanonTables {
  readonly events: readonly RowOf<'platform.canon_events'>[];
  readonly statuses: readonly RowOf<'platform.canon_status'>[];
}

/** Signs the tree heads of every run. */
export const benchSigner = noteSigner('vcos.bench/canon', Buffer.alloc(32, 5));
const appendRecords = 1_000;
const pollMs = 10;

export async function startCanon(options: { directory: string; partitions?: number }): Promise<CanonRun> {
  const { directory, partitions = 1 } = options;
  await mkdir(directory, { recursive: true });
  const { store, eventLog } = openSqliteEngines({ directory });
  const warehouse = await openChdbWarehouse({ path: join(directory, 'warehouse') });
  await eventLog.ensureTopics(
    Object.values(topics).map((spec) => ({ ...spec, partitions: spec.partitions === 1 ? 1 : partitions })),
  );
  await warehouse.migrate();
  const deps = { eventLog, warehouse, logger: createLogger('silent'), hasThreads: readConfig().streamThreads };
  const stages = [
    createCanonPipeline(deps),
    createTreeBuilder({ ...deps, store, signer: benchSigner }),
    createSink({ topic: 'canonRecords', table: 'platform.canon_events' }, deps),
    createSink({ topic: 'canonStatus', table: 'platform.canon_status' }, deps),
    createSink({ topic: 'canonCases', table: 'platform.canon_cases' }, deps),
    createSink({ topic: 'canonBranches', table: 'platform.canon_branches' }, deps),
  ];
  for (const stage of stages) await stage.start();
  let stopping: Promise<void> | null = null;
  async function stop(): Promise<void> {
    for (const part of [...stages.map((stage) => ({ close: () => stage.stop() })), warehouse, eventLog, store])
      await part.close();
  }
  return {
    eventLog,
    store,
    warehouse,
    stages,
    append: (events) => appendEvents(eventLog, events),
    stop: () => (stopping ??= stop()),
  };
}

async function appendEvents(eventLog: EventLog, events: readonly (CanonEvent | undefined)[]): Promise<void> {
  const records = events
    .filter((event) => event !== undefined)
    .map((event) => ({ topic: topics.events.name, key: event.entity.id, id: event.id, value: canonicalJson(event) }));
  for (let at = 0; at < records.length; at += appendRecords)
    await eventLog.append(records.slice(at, at + appendRecords));
}

/** Resolves when no stage has anything left to do: each in turn, since each feeds the next. */
export async function whenDrained(stages: readonly Stage[]): Promise<void> {
  for (const stage of stages) {
    while ((await stage.lag()).some(({ lag }) => lag > 0)) await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

export async function tablesOf(warehouse: Warehouse): Promise<CanonTables> {
  const eventColumns = Object.keys(tables['platform.canon_events'].shape).join(', ');
  const statusColumns = Object.keys(tables['platform.canon_status'].shape).join(', ');
  return {
    events: await warehouse.query(
      `SELECT ${eventColumns} FROM platform.canon_events FINAL ORDER BY entity_id, entity_version, event_id`,
    ),
    statuses: await warehouse.query(`SELECT ${statusColumns} FROM platform.canon_status FINAL ORDER BY event_id, seq`),
  };
}

export async function deadLettersOf(eventLog: EventLog): Promise<readonly DeadLetter[]> {
  const records = await eventLog.read({ topic: topics.deadLetters.name, partition: 0, from: 0, limit: 1_000 });
  return records.map(({ value }) => deadLetterSchema.parse(JSON.parse(value ?? '')));
}
