/**
 * Loads the first lines of the demo community through this process's configuration and waits until the streams of other processes are through:
 * `node e2e/load-lines.ts LINES`.
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

const lines = Number(process.argv[2]);
const logger = createLogger('warn');
const config = readConfig();
const engines = await openEngines(config, { logger });
try {
  const dependencies = await makeDependencies(config, { engines, keys: await loadKeys(config.dataDir), logger });
  const community = convertStackExchange(join(import.meta.dirname, '..', 'demo'), 'test.example');
  await runImport({ ...engines, ...dependencies }, importSource(community.header, community.lines.slice(0, lines)), {
    onProgress: (done) => void process.stderr.write(`line ${done}\n`),
  });
  process.stderr.write('loaded\n');
  await drained(await createStages(config, { engines, logger }), engines);
  process.stderr.write('processed\n');
} finally {
  await engines.close();
}
