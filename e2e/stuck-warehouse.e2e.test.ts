import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, renameSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { type Answer, ask, eventually, makeDataDir, run, tokenFor } from './platform-process.ts';

// Goal: a statement that the embedded warehouse never ends stops nobody for good: the platform notices, and is there again by itself with everything it knew.
const data = makeDataDir();
afterAll(() => data.remove());

/** Files of a table's rows. */
function rowsOf(table: string): readonly string[] {
  const warehouse = join(data.path, 'warehouse');
  const [database = '', name = ''] = table.split('.');
  const uuid = /UUID '([0-9a-f-]{36})'/.exec(
    readFileSync(join(warehouse, 'metadata', database, `${name}.sql`), 'utf8'),
  )?.[1];
  const folder = join(warehouse, 'store', uuid?.slice(0, 3) ?? '', uuid ?? '');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((file) =>
    file.endsWith('data.bin') ? [join(folder, file)] : [],
  );
}

const events = '{ canonEvents(first: 10) { nodes { id type status } } }';
const nodesOf = ({ data: answer }: Answer): readonly unknown[] =>
  (answer?.['canonEvents'] as { nodes: readonly unknown[] } | undefined)?.nodes ?? [];

test('the platform begins anew in its own place, and answers as before', async () => {
  const env = { DATA_DIR: data.path, WAREHOUSE_STUCK_MS: '6000' };
  const { child, until, said, ended } = run('main.ts', [], env);
  await until(/ready at \S+/);
  const urls = (): readonly string[] => [...said().matchAll(/ready at (\S+)/g)].map(([, url]) => url ?? '');
  const token = await tokenFor(data.path, 'ada');
  const input = { username: 'ada', displayName: 'Ada', type: 'ARTIST' };
  const register =
    'mutation ($input: RegisterCreatorInput!) { registerCreator(input: $input) { userErrors { code } } }';
  await ask(urls()[0] ?? '', register, { variables: { input }, token });
  const tell = (): Promise<Answer> => ask(urls().at(-1) ?? '', events, { token });
  const before = nodesOf(await eventually(tell, (answer) => nodesOf(answer).length > 0));

  // Whoever reads a pipe that nobody writes waits for ever, as ClickHouse does here.
  const files = rowsOf('platform.canon_events');
  for (const file of files) {
    renameSync(file, `${file}.kept`);
    execFileSync('mkfifo', [file]);
  }
  const stuck = tell();
  await until('has not ended a statement in 6 s and never will: only a new process has it work again');
  for (const file of files) {
    unlinkSync(file);
    renameSync(`${file}.kept`, file);
  }
  expect((await stuck).errors?.map(({ extensions }) => extensions?.['code'])).toEqual(['SERVICE_UNAVAILABLE']);

  await until(/ready at [\s\S]*ready at \S+/);
  expect(nodesOf(await eventually(tell, (answer) => nodesOf(answer).length > 0))).toEqual(before);
  expect([files.length > 0, before.length > 0, child.exitCode]).toEqual([true, true, null]);
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
}, 120_000);
