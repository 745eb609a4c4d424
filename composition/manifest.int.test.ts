import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type JWK, compactVerify, importJWK } from 'jose';
import { readConfig } from '../runtime/config.ts';
import { createLogger } from '../runtime/logger.ts';
import { canonicalJson } from '../schema/events/envelope.ts';
import { parseVerifierKey } from '../schema/merkle/signed-note.ts';
import { createSubgraphExecutor } from '../subgraphs/shared/subgraph-executor.ts';
import { canonPublicKeyFile } from './canon-key.ts';
import { type Platform, startPlatform } from './platform.ts';
import { makeSubgraph } from './subgraphs.ts';

// Goal: each published version of a work has a manifest that an independent JOSE library verifies with the key of canon's tree heads; it tells what canon tells, and
// nothing of it can be changed.
let directory: string;
let platform: Platform;

async function ask<T>(login: string, subgraph: string, query: string, variables: object = {}): Promise<T> {
  const execute = createSubgraphExecutor(makeSubgraph(subgraph), platform.dependencies);
  const claims = { issuer: 'test', subject: login, scopes: ['read', 'write'], expiresAt: Number.MAX_SAFE_INTEGER };
  const { data, errors } = await execute({ query, variables: { ...variables } }, claims);
  if (errors) throw new Error(errors.map(({ message }) => message).join('; '));
  return data as T;
}

interface Work {
  readonly id: string;
  readonly version: number;
}
async function change(login: string, name: string, input: object): Promise<Work> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) { answer: ${name}(input: $input) { artifact { id version } userErrors { code message } } }`;
  type Answer = { answer: { artifact: Work | null; userErrors: readonly { code: string }[] } };
  const { answer } = await ask<Answer>(login, 'artifacts', query, { input });
  if (answer.artifact === null) throw new Error(answer.userErrors.map(({ code }) => code).join());
  return answer.artifact;
}

interface Manifest {
  readonly revision: number;
  readonly content: { readonly assertions: readonly { label: string; data: Record<string, unknown> }[] };
  readonly jws: string;
  readonly publicKey: JWK;
  readonly c2pa: string | null;
  readonly c2paRoot: string;
}
async function manifestOf(login: string, id: string, revision: number | null = null): Promise<Manifest | null> {
  const query = `query ($r: [_Any!]!, $revision: Int) { _entities(representations: $r) { ... on Artifact { manifest(revision: $revision) { revision content jws publicKey c2pa c2paRoot } } } }`;
  const variables = { r: [{ __typename: 'Artifact', id }], revision };
  const { _entities } = await ask<{ _entities: [{ manifest: Manifest | null }] }>(login, 'canon', query, variables);
  return _entities[0].manifest;
}
const dataOf = (manifest: Manifest | null, label: string): unknown =>
  manifest?.content.assertions.filter((assertion) => assertion.label === label).map(({ data }) => data);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vcos-test-manifest-'));
  const config = readConfig({ DATA_DIR: directory, PORT: '0', LOG_LEVEL: 'silent' });
  platform = await startPlatform(config, createLogger('silent'));
  for (const username of ['ada', 'bob'])
    await ask(
      username,
      'creators',
      'mutation ($input: RegisterCreatorInput!) { registerCreator(input: $input) { userErrors { code } } }',
      { input: { username, displayName: username, type: 'ARTIST' } },
    );
}, 60_000);
afterAll(async () => {
  await platform.stop();
  await rm(directory, { recursive: true, force: true });
}, 30_000);

test('a version’s manifest verifies, tells its sources, shares and how it was made, and changes in nothing', async () => {
  const hash = 'ab'.repeat(32);
  const source = await change('ada', 'publishArtifact', { title: 'Canary Tide', kind: 'MEDIA' });
  const remix = await change('bob', 'deriveArtifact', {
    ...{ title: 'Canary Remix', kind: 'MEDIA', derivedFrom: [source.id], contentHash: `sha256:${hash}` },
  });
  const digitalSourceType = 'COMPOSITE_WITH_TRAINED_ALGORITHMIC_MEDIA';
  const statement = { artifactId: remix.id, expectedVersion: remix.version, digitalSourceType };
  await expect(change('ada', 'stateAiAssistance', statement)).rejects.toThrow('FORBIDDEN');
  await change('bob', 'stateAiAssistance', statement);
  await change('bob', 'reviseArtifact', { artifactId: remix.id, expectedVersion: remix.version, contentHash: 'v2' });
  const secret = await change('bob', 'publishArtifact', { title: 'Secret', kind: 'MEDIA', visibility: 'PRIVATE' });
  await platform.drained();

  const first = await manifestOf('ada', remix.id, 1);
  const newest = await manifestOf('ada', remix.id);
  expect([first?.revision, newest?.revision]).toEqual([1, 2]);
  expect(dataOf(first, 'c2pa.hash.data')).toEqual([{ alg: 'sha256', hash }]);
  expect(dataOf(first, 'c2pa.actions.v2')).toMatchObject([
    {
      actions: [
        {
          action: 'c2pa.opened',
          digitalSourceType: 'http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia',
        },
      ],
    },
  ]);
  expect(dataOf(first, 'c2pa.ingredient.v3')).toMatchObject([
    { instanceID: `urn:vcos:artifact:${source.id}`, relationship: 'parentOf' },
  ]);
  expect(dataOf(first, 'org.vcos.credits')).toMatchObject([{ credits: [{ sharePercent: 100 }] }]);
  expect(dataOf(newest, 'org.vcos.content-hash')).toEqual([{ value: 'v2' }]);
  // The statement was about the first version.
  expect(dataOf(newest, 'c2pa.actions.v2')).toMatchObject([{ actions: [{ action: 'c2pa.edited' }] }]);
  expect(canonicalJson(dataOf(newest, 'c2pa.actions.v2'))).not.toContain('digitalSourceType');
  expect(canonicalJson([first, newest])).not.toContain('Canary');
  expect(await manifestOf('ada', remix.id, 3)).toBeNull();
  expect(await manifestOf('ada', secret.id)).toBeNull();
  expect(await manifestOf('bob', secret.id)).not.toBeNull();
  expect((await manifestOf('bob', remix.id, 1))?.jws).toBe(first?.jws);

  const { jws, publicKey, content } = first as Manifest;
  const key = await importJWK(publicKey);
  const { payload, protectedHeader } = await compactVerify(jws, key, { algorithms: ['EdDSA'] });
  expect(JSON.parse(Buffer.from(payload).toString())).toEqual(content);
  expect(protectedHeader).toMatchObject({ alg: 'EdDSA', kid: publicKey.kid });
  // The same as a file for C2PA's own tools (subgraphs/canon/c2pa says what they make of it), by a certificate of the same key.
  const root = new X509Certificate(first?.c2paRoot ?? '');
  expect([root.ca, root.checkIssued(root), root.verify(root.publicKey)]).toEqual([true, true, true]);
  const store = Buffer.from(first?.c2pa ?? '', 'base64');
  expect(store.toString('latin1', 4, 8)).toBe('jumb');
  expect(store.includes(Buffer.from(hash, 'hex'))).toBe(true);
  expect(store.includes(Buffer.from(publicKey.x ?? '', 'base64url'))).toBe(true);
  expect(store.includes('Canary')).toBe(false);
  expect(newest?.c2pa).toBeNull();
  // The key is the one that whoever verifies canon has.
  const kept = parseVerifierKey(await readFile(canonPublicKeyFile(directory), 'utf8'));
  expect(kept.key.export({ format: 'jwk' })).toMatchObject({ x: publicKey.x });
  const parts = jws.split('.');
  for (const [at, part] of parts.entries()) {
    const middle = part.length >> 1;
    const bent = `${part.slice(0, middle)}${part[middle] === 'A' ? 'B' : 'A'}${part.slice(middle + 1)}`;
    const text = parts.with(at, bent).join('.');
    await expect(compactVerify(text, key, { algorithms: ['EdDSA'] })).rejects.toThrow();
  }
}, 60_000);
