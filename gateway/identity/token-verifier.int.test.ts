import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { CryptoKey } from 'jose';
import { BUILT_IN_AUDIENCE, issueToken } from '../../runtime/issuer.ts';
import { authenticate, authenticateConnection } from './bearer.ts';
import { createTokenVerifier } from './token-verifier.ts';
import { IdentityUnavailableError } from './unavailable.ts';

// Goal: a token is believed only when the right key signed it for us and it has not expired; a refusal says why.
let built: { privateKey: CryptoKey; publicKey: CryptoKey };
let outside: { privateKey: CryptoKey; publicKey: CryptoKey };
let server: Server;
let issuer: string;
/** What the issuer answers who asks for its keys, and whether the one that signed is no longer among them. */
let keysStatus = 200;
let isWithdrawn = false;
/** In place of the issuer's. */
let answer: ((response: ServerResponse, url?: string) => unknown) | null = null;

beforeAll(async () => {
  built = await generateKeyPair('EdDSA', { extractable: true });
  outside = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(outside.publicKey)), kid: 'one', alg: 'ES256' };
  server = createServer((request, response) => {
    if (answer) return void answer(response, request.url);
    const isConfiguration = request.url === '/.well-known/openid-configuration';
    response.setHeader('content-type', 'application/json');
    if (!isConfiguration) response.statusCode = keysStatus;
    const keys = isWithdrawn ? [{ ...jwk, kid: 'two' }] : [jwk];
    response.end(JSON.stringify(isConfiguration ? { jwks_uri: `${issuer}/keys` } : { keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

let nowMs = Date.now();
const verifier = (): ReturnType<typeof createTokenVerifier> =>
  createTokenVerifier({ builtInKey: built.publicKey, issuers: [{ issuer, audience: 'us' }], clock: () => nowMs });
const key = (): Parameters<typeof issueToken>[0]['key'] => ({ kid: 'k', ...built });
const outsideToken = (
  claims: Record<string, unknown> = {},
  alg = 'ES256',
  signer: CryptoKey | Uint8Array = outside.privateKey,
): Promise<string> =>
  new SignJWT({
    sub: 'ada',
    aud: 'us',
    iss: issuer,
    iat: Math.floor(nowMs / 1000),
    exp: Math.floor(nowMs / 1000) + 60,
    scp: ['read'],
    ...claims,
  })
    .setProtectedHeader({ alg, kid: 'one' })
    .sign(signer);

describe('tokens', () => {
  test('of the built-in issuer and of a configured one, its keys found by its OpenID configuration', async () => {
    const own = await issueToken({ key: key(), subject: 'ada', scopes: ['read', 'write'], ttlS: 60, nowMs });
    expect(await authenticate(verifier(), `Bearer ${own}`)).toMatchObject({
      issuer: 'vcos',
      subject: 'ada',
      scopes: ['read', 'write'],
    });
    expect(await authenticate(verifier(), `bearer ${await outsideToken()}`)).toMatchObject({
      issuer,
      subject: 'ada',
      scopes: ['read'],
    });
    expect(await authenticate(verifier(), undefined)).toBeNull();
  });

  test('on a WebSocket under either name', async () => {
    const own = await issueToken({ key: key(), subject: 'ada', ttlS: 60, nowMs });
    expect(await authenticateConnection(verifier(), { authToken: own })).toMatchObject({ subject: 'ada' });
    expect(await authenticateConnection(verifier(), { Authorization: `Bearer ${own}` })).toMatchObject({
      subject: 'ada',
    });
    expect(await authenticateConnection(verifier(), {})).toBeNull();
  });

  test('one that was good is refused once it has expired, although it was remembered', async () => {
    const it = verifier();
    const own = await issueToken({ key: key(), subject: 'ada', ttlS: 60, nowMs });
    await it.verify(own);
    nowMs += 70_000;
    await expect(it.verify(own)).rejects.toThrow(/expired at 20/);
    nowMs -= 70_000;
  });

  describe('whose issuer withdraws its key', () => {
    const minuteMs = 60_000;
    const startMs = Date.now();
    const elapse = (minutes: number): void => {
      nowMs = startMs + minutes * minuteMs;
      // jose keeps time by itself.
      jest.spyOn(Date, 'now').mockReturnValue(nowMs);
    };
    afterEach(() => {
      jest.restoreAllMocks();
      nowMs = Date.now();
      keysStatus = 200;
      isWithdrawn = false;
    });
    const remembered = async (): Promise<{ it: ReturnType<typeof createTokenVerifier>; token: string }> => {
      elapse(0);
      const it = verifier();
      const token = await outsideToken({ exp: Math.floor(startMs / 1000) + 86_400 });
      await it.verify(token);
      return { it, token };
    };

    test('is refused within minutes, although it was remembered', async () => {
      const { it, token } = await remembered();
      isWithdrawn = true;
      elapse(5);
      expect(await it.verify(token)).toMatchObject({ subject: 'ada' });
      elapse(11);
      await expect(it.verify(token)).rejects.toThrow(/key is not one of its issuer's/);
      await expect(it.verify(token)).rejects.toThrow(/key is not one of its issuer's/);
    });

    test('stands while the issuer does not answer, and no other token does', async () => {
      const { it, token } = await remembered();
      keysStatus = 503;
      isWithdrawn = true;
      elapse(11);
      const other = await outsideToken({ sub: 'bob' });
      expect(await it.verify(token)).toMatchObject({ subject: 'ada' });
      await expect(it.verify(other)).rejects.toThrow(/cannot be had at the moment/);
      keysStatus = 200;
      elapse(12);
      await expect(it.verify(token)).rejects.toThrow(/key is not one of its issuer's/);
    });
  });

  test.each<[string, () => Promise<string>, RegExp]>([
    [
      'another key',
      async () =>
        issueToken({ key: { kid: 'k', ...(await generateKeyPair('EdDSA')) }, subject: 'eve', ttlS: 60, nowMs }),
      /signature does not match/,
    ],
    ['another audience', () => outsideToken({ aud: 'them' }), /claim aud/],
    ['an unknown issuer', () => outsideToken({ iss: 'http://evil.invalid' }), /not trusted/],
    [
      'our own issuer with an outside key',
      () => outsideToken({ iss: 'vcos', aud: BUILT_IN_AUDIENCE }),
      /algorithm is not allowed/,
    ],
    ['a shared secret', () => outsideToken({}, 'HS256', new Uint8Array(32)), /algorithm is not allowed/],
    ['no subject', () => outsideToken({ sub: undefined }), /claim sub/],
    ['no time of issue', () => outsideToken({ iat: undefined }), /claim iat/],
    ['a time of issue long ago', () => outsideToken({ iat: Math.floor(nowMs / 1000) - 91 * 86_400 }), /90 days ago/],
    ['no expiry', () => outsideToken({ exp: undefined }), /claim exp/],
    ['no JWT', async () => 'abc', /not a JWT/],
    ['no signature', async () => `${(await outsideToken()).split('.').slice(0, 2).join('.')}.`, /signature|malformed/],
  ])('with %s is refused', async (_name, make, reason) => {
    await expect(authenticate(verifier(), `Bearer ${await make()}`)).rejects.toThrow(reason);
  });

  test.each([
    ['whose server is not there', (response: ServerResponse) => response.destroy()],
    ['whose server fails', (response: ServerResponse) => response.writeHead(502).end('<html>')],
    ['that names no keys', (response: ServerResponse) => response.end('{"jwks_uri":5}')],
    [
      'whose keys are no keys',
      (response: ServerResponse, url?: string) =>
        response.end(url === '/keys' ? '{"keys":7}' : JSON.stringify({ jwks_uri: `${issuer}/keys` })),
    ],
    [
      'whose keys fail',
      (response: ServerResponse, url?: string) =>
        response.writeHead(url === '/keys' ? 502 : 200).end(JSON.stringify({ jwks_uri: `${issuer}/keys` })),
    ],
  ])('of an issuer %s are neither refused nor believed, and are believed once it answers', async (_name, fail) => {
    const it = verifier();
    const token = await outsideToken();
    answer = fail;
    try {
      await expect(it.verify(token)).rejects.toThrow(IdentityUnavailableError);
    } finally {
      answer = null;
    }
    expect(await it.verify(token)).toMatchObject({ issuer, subject: 'ada' });
  });

  test('another scheme is refused', async () => {
    await expect(authenticate(verifier(), 'Basic YTpi')).rejects.toThrow(/must read "Bearer/);
  });
});
