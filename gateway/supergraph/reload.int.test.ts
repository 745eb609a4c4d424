import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { startPlatform } from '../scenarios/platform.ts';
import type { Platform } from '../scenarios/platform.ts';
import { watchSupergraph } from './watch-supergraph.ts';

// Goal: another supergraph is taken up while requests run, none is lost, nothing is left behind, and a broken one changes nothing.
let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.stop());

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
async function heapBytes(): Promise<number> {
  for (let round = 0; round < 4; round += 1) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return process.memoryUsage().heapUsed;
}
const withField = (field: string): string =>
  platform.scenario.supergraphSdl.replace(
    'whoAmI: String',
    `${field}: String @join__field(graph: TALK) whoAmI: String`,
  );
const ask = async (query: string): Promise<unknown> => (await platform.post({ query })).json();
const unknownField = (field: string): object => ({
  errors: [{ message: expect.stringContaining(field), extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
});

describe('reloading', () => {
  test('the next request sees the new schema; one that runs ends as it began', async () => {
    expect(await ask('{ __type(name: "Query") { name } added }')).toMatchObject(unknownField('added'));
    const running = ask('{ slow }');
    while (!platform.scenario.calls.some(({ request }) => request.query.includes('slow')))
      await new Promise((resolve) => setImmediate(resolve));
    platform.gateway.reload(withField('added'));
    expect(await ask('{ __type(name: "Query") { fields { name } } }')).toMatchObject({
      data: { __type: { fields: expect.arrayContaining([{ name: 'added' }]) } },
    });
    expect(await running).toEqual({ data: { slow: 1 } });
  });

  test('a supergraph that cannot be served is refused, and the one before goes on', async () => {
    expect(() => platform.gateway.reload('type Query { a: Int }')).toThrow(/no enum join__Graph/);
    expect(await ask('{ hello }')).toEqual({ data: { hello: 'hello you' } });
  });

  test('40 reloads under requests answer all of them, and the heap stays flat', async () => {
    const reloadAndAsk = async (round: number): Promise<void> => {
      const before = ask(`{ a${round}: hello }`);
      platform.gateway.reload(withField(`added${round}`));
      const after = ask(`{ b${round}: hello }`);
      expect(await before).toEqual({ data: { [`a${round}`]: 'hello you' } });
      expect(await after).toEqual({ data: { [`b${round}`]: 'hello you' } });
    };
    for (let round = 0; round < 10; round += 1) await reloadAndAsk(round);
    const first = await heapBytes();
    for (let round = 10; round < 50; round += 1) await reloadAndAsk(round);
    expect((await heapBytes()) / first).toBeLessThan(1.1);
  });
});

describe('the file', () => {
  test('is taken up when it changes, and passed over while it is broken', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'vcos-test-supergraph-'));
    const file = join(directory, 'supergraph.graphql');
    await writeFile(file, platform.scenario.supergraphSdl);
    const tried: string[] = [];
    const reload = (text: string): void => {
      tried.push(text);
      platform.gateway.reload(text);
    };
    const { supergraphSdl: supergraph } = platform.scenario;
    const stop = watchSupergraph({ file, supergraph, reload, logger: pino({ level: 'silent' }), everyMs: 10 });
    const replace = async (text: string): Promise<void> => {
      await writeFile(`${file}.new`, text);
      await rename(`${file}.new`, file);
      while (tried.at(-1) !== text) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await replace('type {');
    await replace(withField('fromFile'));
    expect(await ask('{ __type(name: "Query") { fields { name } } }')).toMatchObject({
      data: { __type: { fields: expect.arrayContaining([{ name: 'fromFile' }]) } },
    });
    stop();
    await rm(directory, { recursive: true, force: true });
  });
});
