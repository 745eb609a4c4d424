import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { startPlatform } from '../scenarios/platform.ts';
import type { Platform } from '../scenarios/platform.ts';
import { readPersistedOperations } from './persisted.ts';

// Goal: an operation is found by its hash on every transport, and where only those may run no other text does.
const text = 'query ($n: String) { hello(name: $n) }';
const id = createHash('sha256').update(text).digest('hex');
let directory: string;
let file: string;
let platform: Platform;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vcos-test-persisted-'));
  file = join(directory, 'manifest.json');
  await writeFile(file, JSON.stringify({ [id]: text }));
});
afterEach(() => platform.stop());
afterAll(() => rm(directory, { recursive: true, force: true }));
const start = async (only: boolean): Promise<void> => {
  platform = await startPlatform({ persisted: readPersistedOperations(file, only) });
};
const hello = { data: { hello: 'hello Ada' } };
const variables = { n: 'Ada' };
const persistedQuery = { version: 1, sha256Hash: id };
const codeOf = async (response: Response): Promise<unknown> =>
  ((await response.json()) as { errors: { extensions: { code: string } }[] }).errors[0]?.extensions.code;

describe('persisted operations', () => {
  test.each<[string, Record<string, unknown>]>([
    ['documentId', { documentId: `sha256:${id}` }],
    ["Apollo's extension", { extensions: { persistedQuery } }],
    ['the extension with the text', { query: text, extensions: { persistedQuery } }],
    ['the text alone', { query: text }],
  ])('by %s, where nothing else may run', async (_name, body) => {
    await start(true);
    expect(await (await platform.post({ ...body, variables })).json()).toEqual(hello);
  });

  test('over GET, SSE and WebSocket', async () => {
    await start(true);
    const search = new URLSearchParams({ extensions: JSON.stringify({ persistedQuery }), variables: '{"n":"Ada"}' });
    const got = await fetch(`${platform.url}?${search.toString()}`, { headers: { 'apollo-require-preflight': '1' } });
    expect(await got.json()).toEqual(hello);
    const events = await platform.post({ documentId: id, variables }, { accept: 'text/event-stream' });
    expect(await events.text()).toContain(JSON.stringify(hello));
    const client = createClient({ url: platform.webSocketUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
    const named = await client.iterate({ query: '', variables, extensions: { persistedQuery } }).next();
    expect(named).toMatchObject({ value: hello });
    await expect(client.iterate({ query: '{ hello }' }).next()).rejects.toMatchObject([
      { extensions: { code: 'OPERATION_NOT_PERSISTED' } },
    ]);
    await client.dispose();
  });

  test('what is not in the manifest', async () => {
    await start(true);
    expect(await codeOf(await platform.post({ query: '{ hello }' }))).toBe('OPERATION_NOT_PERSISTED');
    expect(await codeOf(await platform.post({ documentId: 'sha256:00' }))).toBe('PERSISTED_QUERY_NOT_FOUND');
    expect(await codeOf(await platform.post({ query: '{ hello }', documentId: id }))).toBe('BAD_REQUEST');
    expect(platform.scenario.calls).toHaveLength(0);
    await platform.stop();
    await start(false);
    expect(await (await platform.post({ query: '{ hello }' })).json()).toEqual({ data: { hello: 'hello you' } });
  });

  test.each([
    ['not JSON', '{', /cannot be read/],
    ['a list', '[]', /a manifest is a JSON object/],
    ['a wrong hash', '{"00":"{ hello }"}', /00 is not the SHA-256 of its text/],
  ])('a manifest that is %s is refused', async (_name, content, message) => {
    await start(false);
    const bad = join(directory, 'bad.json');
    await writeFile(bad, content);
    expect(() => readPersistedOperations(bad, true)).toThrow(message);
  });
});
