/**
 * Loads the first lines of the demo community, waits until every processor is through, writes all tables to a file and ends. Run as a process of its
 * own, so that it can be killed: `node e2e/load-and-dump.ts LINES FILE` with DATA_DIR in the environment.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startPlatform } from '../composition/platform.ts';
import { importSource } from '../importer/read-import.ts';
import { runImport } from '../importer/run-import.ts';
import { convertStackExchange } from '../importer/stackexchange.ts';
import { readConfig } from '../runtime/config.ts';
import { createLogger } from '../runtime/logger.ts';
import { nodeCatalogue } from '../schema/graph/catalogue.ts';
import { topics } from '../schema/topics.ts';

const [linesText = '', file = ''] = process.argv.slice(2);
const config = readConfig();
const platform = await startPlatform(config, createLogger('warn'));
const { header, lines } = convertStackExchange(join(import.meta.dirname, '..', 'demo'), 'test.example');
process.stderr.write('loading\n');
await runImport(
  { ...platform.engines, ...platform.dependencies },
  importSource(header, lines.slice(0, Number(linesText))),
  {
    onProgress: (done) => void process.stderr.write(`line ${done}\n`),
  },
);
await platform.drained();

const { warehouse, store, eventLog } = platform.engines;
/** Hashes and ciphertexts differ from run to run: subjects' keys and nonces are random. */
const dump = {
  canonEvents: await warehouse.query(
    'SELECT event_id, entity_type, entity_id, entity_version, type, hlc, actor, source, status, status_seq, caused_by, log_partition, toString(log_offset) AS log_offset FROM platform.canon_events FINAL ORDER BY event_id',
  ),
  canonStatus: await warehouse.query(
    'SELECT event_id, seq, status, decider, contradiction FROM platform.canon_status FINAL ORDER BY event_id, seq',
  ),
  scores: await warehouse.query(
    'SELECT creator_id, dimension, score, low, high, positive, negative, evidence_count, toString(as_of) AS as_of FROM platform.reputation_scores FINAL ORDER BY creator_id, dimension',
  ),
  evidence: await warehouse.query(
    'SELECT creator_id, dimension, event_id, rule, source_id, weight, trust, counted, refusal FROM platform.reputation_evidence FINAL ORDER BY creator_id, dimension, event_id, rule',
  ),
  releases: await warehouse.query(
    'SELECT release_id, metric, toString(window_start) AS start, key, toString(value) AS value, toString(low) AS low, toString(high) AS high, sigma2, rho FROM analytics.releases FINAL ORDER BY metric, key, window_start',
  ),
  deadLetters: (await eventLog.ends(topics.deadLetters.name))[0] ?? 0,
  nodes: await Promise.all(Object.keys(nodeCatalogue).map((type) => store.count(type as keyof typeof nodeCatalogue))),
};
writeFileSync(file, JSON.stringify(dump));
await platform.stop();
