/**
 * What must be so in a data directory after chaos: `node infra/chaos/check.ts FILE FILE`, with DATA_DIR in the environment, reads what the client was told from the first
 * file and writes what is wrong, and what is to be compared with an undisturbed run, into the second.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parseVerifierKey } from '../../schema/merkle/signed-note.ts';
import { canonPublicKeyFile } from '../../composition/canon-key.ts';
import { verifyLog } from '../../composition/canon-verify-log.ts';
import { type Engines, openEngines } from '../../composition/engines.ts';
import { rebuild } from '../../composition/rebuild.ts';
import { recomputable } from '../../composition/stages.ts';
import { readConfig } from '../../runtime/config.ts';
import { createLogger } from '../../runtime/logger.ts';
import { decodeEventRecord } from '../../schema/events/catalogue.ts';
import { isOfCreator } from '../../schema/events/envelope.ts';
import { clockDomain } from '../../schema/hlc.ts';
import { metrics } from '../../schema/metrics/catalogue.ts';
import type { LedgerRow } from '../../schema/metrics/ledger-row.ts';
import type { SignedRoot } from '../../schema/metrics/signed-root.ts';
import { type TopicName, topics } from '../../schema/topics.ts';
import type { RowOf } from '../../schema/warehouse/tables.ts';
import { verifyReleases } from '../../streams/privacy/verify-export.ts';
import { rebuildState } from '../../streams/shared/rebuild-state.ts';
import { tableContents } from '../table-contents.ts';
import type { Acknowledged } from './client.ts';
import { readTopic, tablesAgainstLog } from './tables-and-log.ts';
import { canary } from './workload.ts';

/** What the client was told, and what it made. */
export interface Told {
  readonly acknowledged: readonly Acknowledged[];
  readonly creatorIds: readonly string[];
  readonly isErased: boolean;
  /** Whether warehouse and states are to be made anew from the log, too. */
  readonly isRebuilt: boolean;
}

export interface Findings {
  readonly faults: readonly string[];
  /** Rows about the imported community alone, which do not depend on what happened meanwhile. */
  readonly imported: Readonly<Record<string, readonly unknown[]>>;
}

async function checkMutations({ eventLog }: Engines, { acknowledged }: Told): Promise<readonly string[]> {
  const counts = new Map<string, number>();
  for (const { value } of await readTopic(eventLog, 'events')) {
    const decoded = decodeEventRecord(value);
    if (decoded.kind === 'tick') continue;
    if (decoded.kind !== 'event') return [`the log holds a record that is no event: ${value?.slice(0, 100)}`];
    const { id, hlc, source } = decoded.event;
    if (clockDomain(hlc) === 'live' && isOfCreator(source)) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  const faults: string[] = [];
  for (const { key, eventIds } of acknowledged) {
    if (eventIds.length === 0) faults.push(`mutation ${key} was acknowledged without an event`);
    for (const id of eventIds)
      if (counts.get(id) !== 1)
        faults.push(`event ${id} of mutation ${key} is in the log ${counts.get(id) ?? 0} times`);
  }
  const known = new Set(acknowledged.flatMap(({ eventIds }) => eventIds));
  for (const id of counts.keys())
    if (!known.has(id)) faults.push(`event ${id} is in the log, and no mutation was told of it`);
  return faults;
}

async function checkCanon(engines: Engines, dataDir: string): Promise<readonly string[]> {
  const log = parseVerifierKey(readFileSync(canonPublicKeyFile(dataDir), 'utf8'));
  const { items } = await engines.store.find({ type: 'CanonTree', orderBy: 'partition', order: 'asc', limit: 100 });
  const faults: string[] = [];
  let leaves = 0;
  for (const { props } of items) {
    const { fault, events } = await verifyLog(engines, props, { log, kept: [] });
    leaves += events;
    if (fault) faults.push(`canon does not hold at leaf ${fault.leaf}: ${fault.reason}`);
  }
  const [row] = await engines.warehouse.query<{ n: string }>(
    'SELECT count() AS n FROM platform.canon_events FINAL WHERE leaf_index IS NOT NULL',
  );
  if (Number(row?.n) !== leaves) faults.push(`the tree has ${leaves} leaves, the warehouse ${row?.n}`);
  if (leaves === 0) faults.push('canon is empty');
  return faults;
}

async function checkReleases({ eventLog }: Engines): Promise<readonly string[]> {
  const valuesOf = async <T>(topic: 'privacyLedger' | 'privacyReleases' | 'privacyRoots'): Promise<T[]> =>
    (await readTopic(eventLog, topic)).map(({ value }) => JSON.parse(value ?? 'null') as T);
  const releases = await valuesOf<RowOf<'analytics.releases'>>('privacyReleases');
  const [ledger, roots] = [await valuesOf<LedgerRow>('privacyLedger'), await valuesOf<SignedRoot>('privacyRoots')];
  const faults = [...verifyReleases({ ledger, releases, roots }, { metrics, publicKey: null }).faults];
  const cells = new Set<string>();
  for (const { metric, key, window_start: start } of releases) {
    const cell = `${metric} ${key} ${start}`;
    if (cells.has(cell)) faults.push(`cell ${cell} was released twice`);
    cells.add(cell);
  }
  if (releases.length === 0) faults.push('nothing was released');
  return faults;
}

async function checkDeadLetters({ eventLog }: Engines): Promise<readonly string[]> {
  return (await readTopic(eventLog, 'deadLetters')).map(({ value }) => {
    const { processor, reason, message } = JSON.parse(value ?? 'null') as {
      processor: string;
      reason: string;
      message: string;
    };
    return `a dead letter that nothing explains: ${processor} ${reason}: ${message}`;
  });
}

function checkErasure(dataDir: string): readonly string[] {
  const files = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((file) => readFileSync(file).includes(canary))
    .map((file) => `the words of the erased creator are still in ${file.slice(dataDir.length + 1)}`);
}

/** The data file keeps records compressed: no word of theirs can be found in its bytes. */
async function checkErasedRecords({ eventLog }: Engines): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const topic of Object.keys(topics) as TopicName[]) {
    const traces = (await readTopic(eventLog, topic)).filter(({ key, value }) => `${key} ${value}`.includes(canary));
    if (traces.length > 0)
      faults.push(`the words of the erased creator are still in ${traces.length} records of ${topics[topic].name}`);
  }
  return faults;
}

/** Offsets and versions count the records of the live community, too, which come at other times in every run. */
async function importedRows({ warehouse }: Engines, creatorIds: readonly string[]): Promise<Findings['imported']> {
  const own = { ids: creatorIds };
  return {
    canonEvents: await warehouse.query(
      "SELECT event_id, entity_type, entity_id, entity_version, type, hlc, actor, source, status, status_seq, caused_by FROM platform.canon_events FINAL WHERE position(hlc, 'replay:') > 0 ORDER BY event_id",
    ),
    canonStatus: await warehouse.query(
      "SELECT event_id, seq, status, decider, contradiction FROM platform.canon_status FINAL WHERE event_id IN (SELECT event_id FROM platform.canon_events WHERE position(hlc, 'replay:') > 0) ORDER BY event_id, seq",
    ),
    scores: await warehouse.query(
      'SELECT creator_id, dimension, score, low, high, positive, negative, evidence_count, toString(as_of) AS as_of FROM platform.reputation_scores FINAL WHERE creator_id NOT IN {ids:Array(String)} ORDER BY creator_id, dimension',
      own,
    ),
    evidence: await warehouse.query(
      'SELECT creator_id, dimension, event_id, rule, source_id, weight, trust, counted, refusal FROM platform.reputation_evidence FINAL WHERE creator_id NOT IN {ids:Array(String)} ORDER BY creator_id, dimension, event_id, rule',
      own,
    ),
    releases: await warehouse.query(
      "SELECT release_id, metric, toString(window_start) AS start, key, toString(value) AS value, toString(low) AS low, toString(high) AS high, sigma2, rho FROM analytics.releases FINAL WHERE window_start < '2020-01-01' ORDER BY metric, key, window_start",
    ),
  };
}

/** Everything that was written under faults is what the log gives without them. */
async function checkRebuild(before: Readonly<Record<string, readonly unknown[]>>): Promise<readonly string[]> {
  const { signal } = new AbortController();
  const logger = createLogger('error');
  const mended = await rebuild({ config, logger, args: [], until: Promise.resolve(), signal });
  const again = await openEngines(config, { logger });
  const after = await tableContents(again.warehouse);
  await again.close();
  const states = mended > 0 ? [`${mended} entries of state were not what the log gives`] : [];
  const tables = Object.keys(before).filter((table) => !isDeepStrictEqual(before[table], after[table]));
  return [...states, ...tables.map((table) => `${table} is another after a rebuild`)];
}

/** On servers nothing is made anew, but what processors know must be what the log gives; scores follow from it. */
async function checkStates(engines: Engines): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const processor of await recomputable(config, engines)) {
    const { mended } = await rebuildState(processor, engines.eventLog);
    if (mended > 0) faults.push(`${mended} entries of the state of ${processor.name} are not what the log gives`);
  }
  return faults;
}

const [toldFile = '', findingsFile = ''] = process.argv.slice(2);
const told = JSON.parse(readFileSync(toldFile, 'utf8')) as Told;
const config = readConfig();
const engines = await openEngines(config, { logger: createLogger('error') });
const faults = [
  ...(await checkMutations(engines, told)),
  ...(await checkCanon(engines, config.dataDir)),
  ...(await checkReleases(engines)),
  ...(await checkDeadLetters(engines)),
  ...(await tablesAgainstLog(engines)),
  ...(told.isErased ? await checkErasedRecords(engines) : []),
  ...(config.eventLog === null ? [] : await checkStates(engines)),
];
const imported = await importedRows(engines, told.creatorIds);
const before = await tableContents(engines.warehouse);
await engines.close();
if (told.isRebuilt) faults.push(...(await checkRebuild(before)));
const findings: Findings = { faults: [...faults, ...(told.isErased ? checkErasure(config.dataDir) : [])], imported };
writeFileSync(findingsFile, JSON.stringify(findings));
