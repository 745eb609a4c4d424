import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { jwtVerify } from 'jose';
import { BUILT_IN_AUDIENCE, BUILT_IN_ISSUER, issueToken, loadOrCreateIssuerKey } from './issuer.ts';

// Goal: one installation has one signing key, private to its user, and tokens say what was asked for.
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vcos-test-issuer-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('the built-in issuer', () => {
  test('starters at the same time agree on one key, readable by its owner only', async () => {
    const file = join(directory, 'keys', 'issuer.json');
    const keys = await Promise.all(Array.from({ length: 4 }, () => loadOrCreateIssuerKey(file)));
    expect(new Set(keys.map((key) => key.kid)).size).toBe(1);
    expect(((await stat(file)).mode & 0o777).toString(8)).toBe('600');
  });

  test('a token carries subject, scopes and expiry', async () => {
    const key = await loadOrCreateIssuerKey(join(directory, 'keys', 'issuer.json'));
    const token = await issueToken({ key, subject: 'ada', scopes: ['read'], ttlS: 60 });
    const { payload } = await jwtVerify(token, key.publicKey, { issuer: BUILT_IN_ISSUER, audience: BUILT_IN_AUDIENCE });
    expect(payload).toMatchObject({ sub: 'ada', scope: 'read' });
    expect(Number(payload.exp) - Number(payload.iat)).toBe(60);
  });

  test('a damaged key file is named and left as it is', async () => {
    const file = join(directory, 'damaged.json');
    await writeFile(file, '{"kty":');
    await expect(loadOrCreateIssuerKey(file)).rejects.toThrow(/damaged\.json does not hold an Ed25519/);
    expect(await readFile(file, 'utf8')).toBe('{"kty":');
  });
});
