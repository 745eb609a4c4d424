/**
 * Loads the first lines of the demo community through this process's configuration, waits until the streams of other processes are through, and writes all tables to a file:
 * `node e2e/load-lines.ts LINES FILE`.
 */
import { join } from 'node:path';
import { openEngines } from '../composition/engines.ts';
import { drained, loadKeys, makeDependencies } from '../composition/platform.ts';
import { createStages } from '../composition/stages.ts';
import { importSource } from '../importer/read-import.ts';
import { runImport } from '../importer/run-import.ts';
import { convertStackExchange } from '../importer/stackexchange.ts';
import { readConfig } from '../runtime/config.ts';
import { createLogger } from '../runtime/logger.ts';
import { writeTables } from './tables.ts';

const [linesText = '', file = ''] = process.argv.slice(2);
const logger = createLogger('warn');
const config = readConfig();
const engines = await openEngines(config, { logger });
try {
  const dependencies = await makeDependencies(config, { engines, keys: await loadKeys(config.dataDir), logger });
  const community = convertStackExchange(join(import.meta.dirname, '..', 'demo'), 'test.example');
  await runImport(
    { ...engines, ...dependencies },
    importSource(community.header, community.lines.slice(0, Number(linesText))),
    {
      onProgress: (done) => void process.stderr.write(`line ${done}\n`),
    },
  );
  process.stderr.write('loaded\n');
  await drained(await createStages(config, { engines, logger }), engines);
  await writeTables(engines, file);
  process.stderr.write('processed\n');
} finally {
  await engines.close();
}
