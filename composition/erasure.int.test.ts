import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readConfig } from '../runtime/config.ts';
import { createLogger } from '../runtime/logger.ts';
import type { NodeProps } from '../schema/graph/catalogue.ts';
import { verifyCertificate } from '../schema/merkle/certificate.ts';
import { verifyExport } from '../schema/merkle/export-file.ts';
import { NoteError, parseVerifierKey } from '../schema/merkle/signed-note.ts';
import { treeNodeId } from '../schema/merkle/stored-tree.ts';
import { revocationKeyOf, subjectIdOf } from '../schema/revocations.ts';
import { topics } from '../schema/topics.ts';
import { type SubgraphExecutor, createSubgraphExecutor } from '../subgraphs/shared/subgraph-executor.ts';
import { exportLines, writeLines } from './canon-export.ts';
import { verifyLog } from './canon-verify-log.ts';
import { type Platform, startPlatform } from './platform.ts';
import { makeSubgraph } from './subgraphs.ts';

// Goal: after eraseCreator none of the creator's words stands in any file of DATA_DIR, canon and its proofs verify as before, and the
// certificate can be checked offline. The canaries are the words: each a different one, in every place that takes text.
let directory: string;
let platform: Platform;
const executors = new Map<string, SubgraphExecutor>();
let canaries = 0;
const canary = (): string => `Zanarium${String((canaries += 1)).padStart(4, '0')}`;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vcos-test-erasure-'));
  const config = readConfig({ DATA_DIR: directory, PORT: '0', LOG_LEVEL: 'silent' });
  platform = await startPlatform(config, createLogger('silent'));
});
afterAll(async () => {
  await platform.stop();
  await rm(directory, { recursive: true, force: true });
});

async function ask<T>(login: string, subgraph: string, query: string, variables: object = {}): Promise<T> {
  const execute = executors.get(subgraph) ?? createSubgraphExecutor(makeSubgraph(subgraph), platform.dependencies);
  executors.set(subgraph, execute);
  const claims = { issuer: 'test', subject: login, scopes: ['read', 'write'], expiresAt: Number.MAX_SAFE_INTEGER };
  const { data, errors } = await execute({ query, variables: { ...variables } }, claims);
  if (errors) throw new Error(errors.map(({ message }) => message).join('; '));
  return data as T;
}

/** What a mutation makes; whatever has words has an idempotency key with a canary, too. */
async function mutate(login: string, subgraph: string, name: string, input: object, made: string): Promise<string> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) { answer: ${name}(input: $input) { ${made} userErrors { code message } } }`;
  const { answer } = await ask<{ answer: Record<string, { id: string; version?: number } | null> }>(
    login,
    subgraph,
    query,
    {
      input: { idempotencyKey: canary(), ...input },
    },
  );
  const [thing] = Object.entries(answer).filter(([field]) => field !== 'userErrors');
  if (!thing?.[1]) throw new Error(`${name}: ${JSON.stringify(answer['userErrors'])}`);
  return thing[1].id;
}

async function filesWith(word: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    if ((await readFile(file).catch(() => Buffer.alloc(0))).includes(word)) found.push(file);
  }
  return found;
}

const head = async (): Promise<NodeProps['CanonTree']> =>
  (await platform.engines.store.get('CanonTree', [treeNodeId(0)]))[0]?.props as NodeProps['CanonTree'];

test('an erased creator’s words are in no file, and everything still verifies', async () => {
  const login = canary();
  const bob = await mutate(
    'bob',
    'creators',
    'registerCreator',
    { username: 'bob', type: 'ARTIST', skills: ['poetry'] },
    'creator { id }',
  );
  const username = canary();
  const profile = { username, displayName: canary(), bio: `${canary()} ${'x'.repeat(1_500)}`, type: 'ARTIST' };
  const id = await mutate(login, 'creators', 'registerCreator', profile, 'creator { id }');
  const work = { title: canary(), summary: canary(), kind: 'CODE' };
  const artifactId = await mutate(login, 'artifacts', 'publishArtifact', work, 'artifact { id }');
  const revision = { artifactId, expectedVersion: 1, note: canary(), title: canary(), summary: canary() };
  await mutate(login, 'artifacts', 'reviseArtifact', revision, 'artifact { id }');
  const bobs = await mutate(
    'bob',
    'artifacts',
    'publishArtifact',
    { title: 'of bob', kind: 'CODE' },
    'artifact { id }',
  );
  const comment = { artifactId: bobs, kind: 'COMMENT', text: `${canary()} ${'y'.repeat(3_000)}` };
  await mutate(login, 'artifacts', 'contributeToArtifact', comment, 'contribution { id }');
  const space = { name: canary(), kind: 'SOCIAL', description: canary() };
  const spaceId = await mutate(login, 'collaboration', 'createSpace', space, 'space { id }');
  await mutate(login, 'collaboration', 'postToSpace', { spaceId, body: canary() }, 'post { id }');
  const endorsement = { creatorId: bob, skill: 'poetry', note: canary() };
  await mutate(login, 'relationships', 'endorse', endorsement, 'creator { id }');
  const mentorship = { mentorId: bob, topic: canary() };
  await mutate(login, 'relationships', 'startMentorship', mentorship, 'creator { id }');
  await platform.drained();
  // The words are there, or their absence would say nothing.
  expect(await filesWith('Zanarium')).not.toEqual([]);
  const kept = await head();

  const { creator } = await ask<{ creator: { version: number } }>(
    login,
    'creators',
    `{ creator(id: "${id}") { version } }`,
  );
  const wrong = { expectedVersion: creator.version, confirmUsername: 'somebody' };
  const query =
    'mutation ($input: EraseCreatorInput!) { eraseCreator(input: $input) { creator { username } keyId eventIds userErrors { code path } } }';
  const refused = await ask<{ eraseCreator: { keyId: null } }>(login, 'creators', query, { input: wrong });
  expect(refused.eraseCreator).toMatchObject({ keyId: null, userErrors: [{ path: ['input', 'confirmUsername'] }] });
  const input = { expectedVersion: creator.version, confirmUsername: username, idempotencyKey: canary() };
  const { eraseCreator } = await ask<{ eraseCreator: { keyId: string } }>(login, 'creators', query, { input });
  expect(eraseCreator).toMatchObject({ userErrors: [], keyId: expect.any(String) });
  expect(await filesWith('Zanarium')).toEqual([]);
  expect((await platform.engines.store.edges('MENTORS', [{ from: bob, to: id }]))[0]?.props.topic).toBe('');
  // No token that the login had so far is good any more, and that is told to every gateway without telling whose they were.
  const topic = topics.revocations.name;
  const [revoked] = await platform.engines.eventLog.read({ topic, partition: 0, from: 0, limit: 10 });
  const subjectId = subjectIdOf(revocationKeyOf(platform.keys.master), `test|${login}`);
  expect(JSON.parse(revoked?.value ?? '{}')).toMatchObject({ kind: 'SUBJECT', subjectId });
  const repeated = await ask(login, 'creators', query, { input });
  expect(repeated).toEqual({ eraseCreator });
  await platform.drained();
  const file = join(directory, 'export.jsonl');
  await writeLines(
    file,
    exportLines(platform.engines.warehouse, await head(), { creatorId: id, scopes: ['guardian', 'audit'] }),
  );
  expect(await filesWith('Zanarium')).toEqual([]);

  const log = parseVerifierKey(kept.verifierKey);
  expect((await verifyLog(platform.engines, await head(), { log, kept: [] })).fault).toBeNull();
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  expect((await verifyExport(lines, { last: lines.at(-1) ?? '', log, kept: [] })).fault).toBeNull();
  const { deletionCertificate } = await ask<{ deletionCertificate: string }>(
    'bob',
    'canon',
    `{ deletionCertificate(creatorId: "${id}") }`,
  );
  expect(verifyCertificate(deletionCertificate, log)).toMatchObject({ creatorId: id, keyId: eraseCreator.keyId });
  expect(() =>
    verifyCertificate(
      deletionCertificate.replace(/extra .{40}/, (text) => `${text.slice(0, -1)}A`),
      log,
    ),
  ).toThrow(NoteError);
  const nobody = await ask<{ deletionCertificate: null }>(
    'bob',
    'canon',
    `{ deletionCertificate(creatorId: "${bob}") }`,
  );
  expect(nobody.deletionCertificate).toBeNull();

  // The login is free again, and stands for somebody else.
  const again = await mutate(
    login,
    'creators',
    'registerCreator',
    { username: 'anew', type: 'ARTIST' },
    'creator { id }',
  );
  expect(again).not.toBe(id);
});
