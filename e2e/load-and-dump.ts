/**
 * Loads the first lines of the demo community, waits until every processor is through, writes all tables to a file and ends. Run as a process of its
 * own, so that it can be killed: `node e2e/load-and-dump.ts LINES FILE` with DATA_DIR in the environment.
 */
import { join } from 'node:path';
import { startPlatform } from '../composition/platform.ts';
import { importSource } from '../importer/read-import.ts';
import { runImport } from '../importer/run-import.ts';
import { convertStackExchange } from '../importer/stackexchange.ts';
import { readConfig } from '../runtime/config.ts';
import { createLogger } from '../runtime/logger.ts';
import { writeTables } from './tables.ts';

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

await writeTables(platform.engines, file);
await platform.stop();
