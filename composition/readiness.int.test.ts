import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readConfig } from '../runtime/config.ts';
import { createLogger } from '../runtime/logger.ts';
import { startGateway, startPlatform } from './platform.ts';
import { subgraphNames } from './subgraphs.ts';

const logger = createLogger('silent');
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vcos-test-readiness-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const configOf = () => readConfig({ DATA_DIR: directory, PORT: '0', LOG_LEVEL: 'silent' });

async function checksAt(url: string): Promise<Readonly<Record<string, string>>> {
  const answer = await fetch(new URL('/health/ready', url));
  const { checks } = (await answer.json()) as { readonly checks: Readonly<Record<string, string>> };
  return checks;
}

test('a gateway alone says nothing of streams, which run elsewhere or not at all; the whole platform tells of its own', async () => {
  const subgraphUrls = Object.fromEntries(subgraphNames.map((name) => [name, 'http://127.0.0.1:9/']));
  const gateway = await startGateway(configOf(), { subgraphUrls, logger, tracing: undefined });
  const alone = await checksAt(gateway.address.url).finally(() => gateway.stop());
  expect(Object.keys(alone)).toEqual(['store', 'log', 'warehouse']);

  const platform = await startPlatform(configOf(), logger);
  const whole = await checksAt(platform.address.url).finally(() => platform.stop());
  expect(Object.keys(whole)).toEqual(['store', 'log', 'warehouse', 'streams']);
}, 120_000);
