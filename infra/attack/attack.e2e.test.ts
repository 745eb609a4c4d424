import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type PlatformProcess, makeDataDir, startPlatformProcess } from '../../e2e/platform-process.ts';
import { runAttacks } from './attack.ts';
import { operationAttacks, variableAttacks } from './operations.ts';
import { createTarget } from './target.ts';
import { httpAttacks, socketAttacks, tokenAttacks } from './transports.ts';

// Goal: what security tools send is refused, with the error that says why, before any subgraph hears of it.
const dataDir = makeDataDir();
let platform: PlatformProcess;
beforeAll(async () => {
  platform = await startPlatformProcess(dataDir.path);
}, 60_000);
afterAll(async () => {
  await platform.stop();
  dataDir.remove();
});

test('each attack is refused before a subgraph is called, and honest requests are answered as before', async () => {
  const target = createTarget(platform.url);
  const honest = (): ReturnType<typeof target.post> =>
    target.post('{"query":"{ creator(username: \\"ada\\") { id } }"}');
  expect(await honest()).toEqual({ status: 200, code: null });
  const callsOfOne = await target.subgraphCalls();
  expect(callsOfOne).toBeGreaterThan(0);

  const attacks = [...operationAttacks, ...variableAttacks, ...httpAttacks, ...tokenAttacks, ...socketAttacks];
  const verdicts = await runAttacks(target, attacks);

  expect(verdicts.filter(({ refused }) => !refused)).toEqual([]);
  expect(await honest()).toEqual({ status: 200, code: null });
}, 120_000);
