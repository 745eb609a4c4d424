/**
 * Runs the privacy processors and their sinks on real engines over activity with canaries in it (accounts, partners, tags, refused values) and of exact counts that occur nowhere else, and then looks for them
 * in everything that others may read: every table of `analytics`, the log lines at their most talkative, the metrics.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { createStageRegistry } from '../../composition/stage-metrics.ts';
import { openSqliteEngines } from '../../engines/sqlite/open-engines.ts';
import { openChdbWarehouse } from '../../engines/warehouse/chdb-warehouse.ts';
import type { Warehouse } from '../../engines/warehouse/port.ts';
import type { EventLog, OutgoingRecord } from '../../engines/event-log/port.ts';
import { canonicalJson } from '../../schema/events/envelope.ts';
import { topics } from '../../schema/topics.ts';
import { chainOf } from '../../streams/canon/testing.ts';
import type { ContributionMessage, Item } from '../../streams/privacy/contribution.ts';
import { createPrivacyPipelines } from '../../streams/privacy/privacy-pipelines.ts';
import { createSink } from '../../streams/shared/sink.ts';
import type { Stage } from '../../streams/shared/stage.ts';
import { layKeys } from './crash-run.ts';

/** 2018-03-31, the last day of a month. */
const startUs = Date.UTC(2018, 2, 31) * 1_000;
const hourUs = 3_600_000_000;
const canary = 'canary-7d1e';
/** Accounts that register in one hour, that post in another, and that use a tag. */
const exact = { registered: 613, posted: 1_117, tagged: 827 } as const;

const tick = (hour: number): OutgoingRecord => ({
  topic: topics.events.name,
  key: 'tick:live',
  id: `tick ${hour}`,
  value: JSON.stringify({ tick: 'live', wallUs: startUs + hour * hourUs }),
});

function registrations(): readonly OutgoingRecord[] {
  return Array.from({ length: exact.registered }, (_, n) =>
    chainOf({
      entityId: `${canary}-${n}`,
      length: 1,
      change: () => ({ hlc: { wallUs: startUs + hourUs + n, counter: 0, node: 'leaks' } }),
    }).map((event) => ({ topic: topics.events.name, key: event.entity.id, id: event.id, value: canonicalJson(event) })),
  ).flat();
}

function contributions(
  count: number,
  hour: number,
  itemsOf: (n: number) => readonly Item[],
): readonly OutgoingRecord[] {
  return Array.from({ length: count }, (_, n) => {
    const message: ContributionMessage = {
      kind: 'activity',
      domain: 'live',
      account: `${canary}-${n}`,
      wallUs: startUs + hour * hourUs,
      items: [...itemsOf(n)],
      present: false,
      pair: null,
    };
    return { topic: topics.privacyContributions.name, key: 'live', id: `${hour} ${n}`, value: JSON.stringify(message) };
  });
}

/** What must not be told even where it is refused. */
function broken(): readonly OutgoingRecord[] {
  return [topics.events.name, topics.privacyContributions.name].flatMap((topic) =>
    [
      `{"${canary}`,
      JSON.stringify({ kind: 'activity', account: canary, items: [[canary, canary, -7_919, canary]] }),
    ].map((value, n) => ({ topic, key: canary, id: `${canary} broken ${topic} ${n}`, value })),
  );
}

async function drained(stages: readonly Stage[]): Promise<void> {
  for (const stage of stages) while ((await stage.lag()).some(({ lag }) => lag > 0)) await sleep(10);
}

async function feed(eventLog: EventLog, stages: readonly Stage[]): Promise<void> {
  const pieces = [
    [tick(0), ...registrations(), ...broken()],
    contributions(exact.posted, 2, () => [['activity-by-kind-hour', 'POST', 1, null]]),
    contributions(exact.tagged, 3, () => [['trending-tags', 'liked-by-many', 1, null]]),
    contributions(9, 4, (n) => [
      ['trending-tags', `${canary}-tag-${n}`, 1, null],
      ['ratings', 'POSITIVE', 1, `${canary}-judged`],
    ]),
    [tick(23), tick(24), tick(49)],
  ];
  for (const piece of pieces) {
    await eventLog.append(piece);
    await drained(stages);
  }
}

async function rowsOf(warehouse: Warehouse): Promise<ReadonlyMap<string, readonly Record<string, unknown>[]>> {
  const names = await warehouse.query<{ name: string }>("SELECT name FROM system.tables WHERE database = 'analytics'");
  const found = new Map<string, readonly Record<string, unknown>[]>();
  for (const { name } of names) found.set(name, await warehouse.query(`SELECT * FROM analytics.${name}`));
  return found;
}

export interface LeakReport {
  readonly rows: number;
  readonly logLines: number;
  readonly faults: readonly string[];
}

export async function leakScan(): Promise<LeakReport> {
  const directory = mkdtempSync(join(tmpdir(), 'vcos-test-leaks-'));
  // Fixed keys, so that a scan always ends the same: one draw in a hundred is 0, and would look like a leak.
  layKeys(directory, 'leak scan');
  const lines: string[] = [];
  const stream = new Writable({ write: (chunk: Buffer, _encoding, done) => (lines.push(chunk.toString()), done()) });
  const logger = pino({ level: 'trace', base: null }, stream);
  const registry = createStageRegistry();
  const { store, eventLog } = openSqliteEngines({ directory });
  const warehouse = await openChdbWarehouse({ path: join(directory, 'warehouse') });
  try {
    await eventLog.ensureTopics(Object.values(topics).map((spec) => ({ ...spec, partitions: 1 })));
    await warehouse.migrate();
    const deps = { eventLog, logger, metrics: registry.metrics, warehouse };
    const stages = [
      ...(await createPrivacyPipelines({ ...deps, dataDir: directory, lifetimeRho: '1/100' })),
      createSink({ topic: 'privacyReleases', table: 'analytics.releases' }, deps),
      createSink({ topic: 'privacyLedger', table: 'analytics.ledger' }, deps),
      createSink({ topic: 'privacyRoots', table: 'analytics.ledger_roots' }, deps),
    ];
    registry.watch(stages);
    for (const stage of stages) await stage.start();
    await feed(eventLog, stages);
    const found = await rowsOf(warehouse);
    const told = [lines.join(''), await registry.text()].join('\n');
    for (const stage of stages) await stage.stop();
    return { ...judge(found, told), logLines: lines.length };
  } finally {
    await warehouse.close();
    await eventLog.close();
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A number by itself: digits of a longer one, like those of a duration, say nothing. */
const tellsNumber = (text: string, value: number): boolean =>
  new RegExp(`(?<![\\d.])${value}(?!\\d|\\.\\d)`).test(text);

function judge(
  found: ReadonlyMap<string, readonly Record<string, unknown>[]>,
  told: string,
): Omit<LeakReport, 'logLines'> {
  const counts: readonly number[] = Object.values(exact);
  const faults: string[] = [];
  let rows = 0;
  for (const [table, list] of found) {
    rows += list.length;
    for (const row of list) {
      if (JSON.stringify(row).includes('canary')) faults.push(`analytics.${table} names a canary`);
      for (const [column, value] of Object.entries(row))
        if (counts.includes(Number(value)))
          faults.push(`analytics.${table}.${column} is an exact count: ${JSON.stringify(row)}`);
    }
  }
  // A scan of nothing would find nothing.
  if ((found.get('releases')?.length ?? 0) < 200 || (found.get('ledger')?.length ?? 0) < 50)
    faults.push('there are too few rows for a scan to say anything');
  if (!(found.get('releases') ?? []).some(({ key }) => key === 'liked-by-many'))
    faults.push('the tag of many does not show');
  if (!/UNDECODABLE/.test(told)) faults.push('nothing was told of what was refused');
  if (told.includes('canary')) faults.push('a log line or metric names a canary');
  if (tellsNumber(told, 7_919)) faults.push('a log line or metric tells a refused value');
  for (const count of counts)
    if (tellsNumber(told, count)) faults.push(`a log line or metric tells an exact count: ${count}`);
  return { rows, faults };
}
