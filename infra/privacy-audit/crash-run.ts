/** The privacy processors on real engines in a directory, fed piece by piece with the same three days, and what they have left there. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventLog, OutgoingRecord } from '../../engines/event-log/port.ts';
import { openSqliteEngines } from '../../engines/sqlite/open-engines.ts';
import { openChdbWarehouse } from '../../engines/warehouse/chdb-warehouse.ts';
import { createLogger } from '../../runtime/logger.ts';
import { canonicalJson } from '../../schema/events/envelope.ts';
import { ledgerRowSchema } from '../../schema/metrics/ledger-row.ts';
import { signedRootSchema } from '../../schema/metrics/signed-root.ts';
import { type TopicName, topics } from '../../schema/topics.ts';
import { tables } from '../../schema/warehouse/tables.ts';
import { chainOf } from '../../streams/canon/testing.ts';
import { hourUs } from '../../streams/privacy/clock.ts';
import { createPrivacyPipelines } from '../../streams/privacy/privacy-pipelines.ts';
import type { ReleaseExport } from '../../streams/privacy/verify-export.ts';
import { createSink } from '../../streams/shared/sink.ts';
import type { Stage } from '../../streams/shared/stage.ts';

/** 2018-03-30: the second of the three days ends a month. */
const startUs = Date.UTC(2018, 2, 30) * 1_000;
const hours = 73;
const hoursOfPiece = 6;
const accounts = 12;
const closedEpoch = '2018-03';

/** Keys that follow from the name of a chain, so that an undisturbed run draws the same noise. */
export function layKeys(directory: string, chain: string): void {
  const folder = join(directory, 'keys');
  mkdirSync(folder, { recursive: true });
  for (const name of ['privacy-root', 'privacy-epoch-2018-03', 'privacy-epoch-2018-04'])
    writeFileSync(join(folder, `${name}.key`), `${createHash('sha256').update(`${chain} ${name}`).digest('hex')}\n`, {
      mode: 0o600,
    });
}

export const isKeyDestroyed = (directory: string): boolean =>
  existsSync(join(directory, 'keys', `privacy-epoch-${closedEpoch}.destroyed`)) &&
  !existsSync(join(directory, 'keys', `privacy-epoch-${closedEpoch}.key`));

/** Events and ticks in pieces: what each account does is spread over all hours. */
function pieces(): readonly (readonly OutgoingRecord[])[] {
  const events = Array.from({ length: accounts }, (_, n) =>
    chainOf({
      entityId: `account-${n}`,
      length: 10,
      change: (_event, index) => ({
        hlc: { wallUs: startUs + (n + index * 7) * hourUs + 1, counter: 0, node: 'crash' },
      }),
    }),
  ).flat();
  const topic = topics.events.name;
  const found: OutgoingRecord[][] = [];
  for (let hour = 0; hour < hours; hour += 1) {
    const wallUs = startUs + hour * hourUs;
    const own = events.filter((event) => event.hlc.wallUs >= wallUs - hourUs && event.hlc.wallUs < wallUs);
    const piece = (found[Math.floor(hour / hoursOfPiece)] ??= []);
    piece.push(...own.map((event) => ({ topic, key: event.entity.id, id: event.id, value: canonicalJson(event) })));
    piece.push({
      topic,
      key: 'tick:live',
      id: `tick:live:${wallUs}:0`,
      value: JSON.stringify({ tick: 'live', wallUs }),
    });
  }
  return found;
}

async function drained(stages: readonly Stage[]): Promise<void> {
  for (const stage of stages) while ((await stage.lag()).some(({ lag }) => lag > 0)) await sleep(2);
}

/** Runs the processors, with the warehouse's sinks if asked for, until all pieces are through. A piece that was appended before is not appended again: its records have ids. */
export async function runToEnd(directory: string, withWarehouse: boolean): Promise<void> {
  const { store, eventLog } = openSqliteEngines({ directory });
  await eventLog.ensureTopics(Object.values(topics).map((spec) => ({ ...spec, partitions: 1 })));
  const logger = createLogger('silent');
  const warehouse = withWarehouse ? await openChdbWarehouse({ path: join(directory, 'warehouse') }) : null;
  await warehouse?.migrate();
  const stages = [...(await createPrivacyPipelines({ eventLog, logger, dataDir: directory, lifetimeRho: '1/100' }))];
  if (warehouse) {
    const deps = { eventLog, logger, warehouse };
    stages.push(createSink({ topic: 'privacyReleases', table: 'analytics.releases' }, deps));
    stages.push(createSink({ topic: 'privacyLedger', table: 'analytics.ledger' }, deps));
  }
  for (const stage of stages) await stage.start();
  for (const piece of pieces()) {
    await eventLog.append(piece);
    await drained(stages);
  }
  for (const stage of stages) await stage.stop();
  await warehouse?.close();
  await eventLog.close();
  await store.close();
}

async function textsOf(eventLog: EventLog, topic: TopicName): Promise<readonly string[]> {
  const records = await eventLog.read({ topic: topics[topic].name, partition: 0, from: 0, limit: 100_000 });
  return records.map(({ value }) => value ?? '');
}

/** What stands on the log: the texts as they are, and the same parsed. */
export interface Left extends ReleaseExport {
  readonly texts: readonly (readonly string[])[];
}

/** Looks into a directory in which no process runs. */
export async function leftIn(directory: string): Promise<Left> {
  const { store, eventLog } = openSqliteEngines({ directory });
  await eventLog.ensureTopics(Object.values(topics).map((spec) => ({ ...spec, partitions: 1 })));
  const texts = [
    await textsOf(eventLog, 'privacyLedger'),
    await textsOf(eventLog, 'privacyReleases'),
    await textsOf(eventLog, 'privacyRoots'),
  ];
  await eventLog.close();
  await store.close();
  const [ledger = [], releases = [], roots = []] = texts.map((list) => list.map((text) => JSON.parse(text) as unknown));
  return {
    texts,
    ledger: ledger.map((row) => ledgerRowSchema.parse(row)),
    releases: releases.map((row) => tables['analytics.releases'].parse(row)),
    roots: roots.map((root) => signedRootSchema.parse(root)),
  };
}

/** Ids in the warehouse's releases and ledger. */
export async function storedIn(
  directory: string,
): Promise<{ readonly releases: readonly string[]; readonly ledger: readonly string[] }> {
  const warehouse = await openChdbWarehouse({ path: join(directory, 'warehouse') });
  await warehouse.migrate();
  const releases = await warehouse.query<{ id: string }>(
    'SELECT release_id AS id FROM analytics.releases FINAL ORDER BY id',
  );
  const ledger = await warehouse.query<{ id: string }>('SELECT hash AS id FROM analytics.ledger FINAL ORDER BY seq');
  await warehouse.close();
  return { releases: releases.map(({ id }) => id), ledger: ledger.map(({ id }) => id) };
}
