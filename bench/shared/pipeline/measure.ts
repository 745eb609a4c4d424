import { setTimeout as sleep } from 'node:timers/promises';
import type { EventLog } from '../../../engines/event-log/port.ts';
import type { Warehouse } from '../../../engines/warehouse/port.ts';
import { topics } from '../../../schema/topics.ts';
import type { TableName } from '../../../schema/warehouse/tables.ts';
import type { Stage } from '../../../streams/shared/stage.ts';
import { collectGarbage } from '../collect-garbage.ts';
import type { Input, Workload } from './workloads.ts';

export interface Target {
  readonly eventLog: EventLog;
  readonly warehouse: Warehouse;
}

/** Per second, from the first append on. */
export interface Throughput {
  readonly count: number;
  /** Until everything was in the log. */
  readonly appended: number;
  /** Until the processor had committed everything, outputs and state included. */
  readonly processed: number;
  /** Until the last row was in the warehouse. */
  readonly stored: number;
}

const appendRecords = 1_000;
const pollMs = 50;
/** Of the time that the rest is likely to take, what passes before it is asked again: asking costs the servers what they are measured by. */
const patientShare = 0.25;
const patientMsMax = 1_000;
const patienceMs = 600_000;
/** Events at a steady rate: batches of 50 ms, one event of each watched until its row is found. */
export const ratePerSecond = 1_000;
const batchesPerSecond = 20;

/** Appends an input and waits for all its rows. `before` counts the events whose rows are there already. */
export async function through(
  { eventLog, warehouse }: Target,
  { processor, input, before = 0 }: Pick<Workload, 'processor'> & { readonly input: Input; readonly before?: number },
): Promise<Throughput> {
  const { records } = input;
  // What making them left behind is not the pipeline's.
  collectGarbage();
  const startedMs = performance.now();
  const perSecond = (): number => Math.round(records.length / ((performance.now() - startedMs) / 1_000));
  const processed = (async () => {
    await untilTaken(eventLog, processor, records.length);
    return perSecond();
  })();
  await appendAll(eventLog, input);
  const appended = perSecond();
  const stored = Math.round(records.length / (((await untilStored(warehouse, input, before)) - startedMs) / 1_000));
  return { count: records.length, appended, processed: await processed, stored };
}

async function appendAll(eventLog: EventLog, { records }: Input): Promise<void> {
  for (let at = 0; at < records.length; at += appendRecords)
    await eventLog.append(records.slice(at, at + appendRecords));
}

/** Events per second out of a log that holds them all: from the start of the stages, which take up their state first, until their last row is in the warehouse. */
export async function throughBacklog(
  { eventLog, warehouse, stages }: Target & { readonly stages: readonly Stage[] },
  { input, before }: { readonly input: Input; readonly before: number },
): Promise<number> {
  for (const stage of stages) await stage.stop();
  await appendAll(eventLog, input);
  const startedMs = performance.now();
  for (const stage of stages) await stage.start();
  const storedMs = await untilStored(warehouse, input, before);
  return Math.round(input.records.length / ((storedMs - startedMs) / 1_000));
}

/** How much a group has committed, from the offsets it left. */
async function untilTaken(eventLog: EventLog, { group, topic }: Workload['processor'], count: number): Promise<void> {
  const lags = (): ReturnType<EventLog['lag']> => eventLog.lag(group, [topics[topic].name]);
  const sum = (all: Awaited<ReturnType<typeof lags>>): number => all.reduce((n, { committed }) => n + committed, 0);
  const first = sum(await lags());
  await untilDone(`group ${group}`, count, async () => {
    const all = await lags();
    // Control records count as offsets too, so that the end of the lag decides and not a number.
    return all.every(({ lag }) => lag === 0) ? sum(all) - first : Math.min(count - 1, sum(all) - first);
  });
}

/** Waits for all rows and gives the moment at which they were there. */
async function untilStored(warehouse: Warehouse, { rows, last }: Input, before: number): Promise<number> {
  const ask = async (table: TableName, what: string): Promise<number> => {
    const [row] = await warehouse.query<{ n: string }>(`SELECT ${what} AS n FROM ${table}`);
    return Number(row?.n);
  };
  // Rows are counted out of what parts say of themselves, so that asking costs next to nothing.
  for (const { table, events, each } of rows)
    await untilDone(table, events * each, async () => (await ask(table, 'count()')) - before * each);
  if (last !== null) await untilDone('the last row', 1, async () => (await warehouse.query(last)).length);
  let storedMs = performance.now();
  // That they are all there shows in their ids, which is looked at when nothing waits for it; rows that came twice may have stood for others.
  for (const { table, events, each } of rows) {
    const areAll = async (): Promise<number> => (await ask(table, 'uniqExact(event_id)')) - before;
    const isExact = (await ask(table, 'count()')) === (before + events) * each;
    if (isExact && (await areAll()) === events) continue;
    await untilDone(table, events, areAll);
    storedMs = performance.now();
  }
  return storedMs;
}

/** Asks until so many are done, the more often the nearer that is. */
async function untilDone(what: string, count: number, done: () => Promise<number>): Promise<void> {
  const startedMs = performance.now();
  for (;;) {
    const n = await done();
    if (n >= count) return;
    const tookMs = performance.now() - startedMs;
    if (tookMs > patienceMs) throw new Error(`${what}: ${n} of ${count} came in ${patienceMs / 1_000} s`);
    const leftMs = n > 0 ? ((count - n) * tookMs) / n : 0;
    await sleep(Math.min(patientMsMax, Math.max(pollMs, patientShare * leftMs)));
  }
}

/** From a record's commit in the log until a query of the warehouse finds its row, at a steady rate. One of each batch is watched, all of them by one query. */
export async function latency(
  { eventLog, warehouse }: Target,
  { single, table, seconds }: Pick<Workload, 'table'> & { single: NonNullable<Workload['single']>; seconds: number },
): Promise<{ readonly perSecond: number; readonly waitsMs: readonly number[] }> {
  const size = ratePerSecond / batchesPerSecond;
  const watched = new Map<string, number>();
  const waitsMs: number[] = [];
  const startedMs = performance.now();
  const sent = new AbortController();
  const watching = (async () => {
    while (!sent.signal.aborted || watched.size > 0) {
      const sql = `SELECT event_id AS id FROM ${table} WHERE event_id IN {ids:Array(String)}`;
      const found = watched.size === 0 ? [] : await warehouse.query<{ id: string }>(sql, { ids: [...watched.keys()] });
      for (const id of new Set(found.map((row) => row.id))) {
        waitsMs.push(performance.now() - (watched.get(id) ?? NaN));
        watched.delete(id);
      }
      await sleep(pollMs);
    }
  })();
  for (let batch = 0; batch < batchesPerSecond * seconds; batch++) {
    const records = Array.from({ length: size }, (_, n) => single(`at-rate-${batch}-${n}`));
    await eventLog.append(records);
    watched.set(records[0]?.id ?? '', performance.now());
    await sleep(Math.max(0, startedMs + ((batch + 1) * 1_000) / batchesPerSecond - performance.now()));
  }
  const tookS = (performance.now() - startedMs) / 1_000;
  sent.abort();
  await watching;
  return {
    perSecond: Math.round((batchesPerSecond * seconds * size) / tookS),
    waitsMs: waitsMs.toSorted((a, b) => a - b),
  };
}
