import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { generateKeyPair } from 'jose';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import { openEmbeddedEngines } from '../../infra/embedded-engines.ts';
import type { EmbeddedEngines } from '../../infra/embedded-engines.ts';
import { TOKEN_AGE_S_MAX, issueToken } from '../../runtime/issuer.ts';
import { revocationKeyOf, subjectIdOf } from '../../schema/revocations.ts';
import { topics } from '../../schema/topics.ts';
import { AuthenticationError, createClient } from '../../sdk/index.ts';
import { startPlatform } from '../scenarios/platform.ts';
import type { Platform } from '../scenarios/platform.ts';
import { Revocations } from './revocations.ts';

// Goal: once a token is revoked, no gateway of the log answers it on any path, what is open with it ends at once, and that stays so after a
// restart, for as long as the token could have been good.
const key = revocationKeyOf(new Uint8Array(32));
const logger = pino({ level: 'silent' });
let engines: EmbeddedEngines;
let keys: Awaited<ReturnType<typeof generateKeyPair>>;
let open: Platform[];

const start = async (): Promise<Platform> => {
  const platform = await startPlatform({
    revocations: { log: engines.eventLog, key },
    identity: { builtInKey: keys.publicKey, issuers: [] },
  });
  open.push(platform);
  return platform;
};
const tokenOf = (subject: string, scopes: readonly string[] = ['read'], nowMs = Date.now()): Promise<string> =>
  issueToken({ key: { kid: 'test', ...keys }, subject, scopes, ttlS: 600, nowMs });

beforeEach(async () => {
  engines = await openEmbeddedEngines();
  keys = await generateKeyPair('EdDSA', { extractable: true });
  open = [];
});
afterEach(async () => {
  await Promise.all(open.map((platform) => platform.stop()));
  await engines.close();
});

function revoke(
  platform: Platform,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(new URL('/revoke', platform.url), { method: 'POST', body: new URLSearchParams(form), headers });
}
async function who(platform: Platform, token: string): Promise<{ status: number; body: unknown }> {
  const answer = await platform.post({ query: '{ whoAmI }' }, { authorization: `Bearer ${token}` });
  return { status: answer.status, body: await answer.json() };
}
async function untilRefused(platform: Platform, token: string): Promise<void> {
  while ((await who(platform, token)).status !== 401) await new Promise((resolve) => setTimeout(resolve, 5));
}
const refused = {
  status: 401,
  body: { errors: [{ message: 'the token was revoked: sign in again', extensions: { code: 'UNAUTHENTICATED' } }] },
};
const said = 'subscription { said(space: "a") { id } }';

/** A socket that watches, and what becomes of it. */
async function watch(platform: Platform, authToken: string): Promise<{ closed: Promise<[number, string]> }> {
  const socket = new WebSocket(platform.webSocketUrl, 'graphql-transport-ws');
  const closed = new Promise<[number, string]>((resolve) => {
    socket.on('close', (code, reason) => resolve([code, reason.toString()]));
  });
  socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: { authToken } })));
  await new Promise<void>((resolve) => {
    socket.once('message', () => resolve());
    void closed.then(() => resolve());
  });
  if (socket.readyState === socket.OPEN)
    socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query: said } }));
  return { closed };
}
async function openSubscriptions(platform: Platform): Promise<number> {
  const text = await (await fetch(new URL('/metrics', platform.url))).text();
  return Number(/vcos_gateway_open_subscriptions (\d+)/.exec(text)?.[1]);
}
async function untilOpen(platform: Platform, count: number): Promise<void> {
  while ((await openSubscriptions(platform)) !== count) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('a revoked token', () => {
  test('is refused by every gateway of the log on every path; others of its subject go on', async () => {
    const [here, there] = [await start(), await start()];
    const [token, other] = [await tokenOf('ada'), await tokenOf('ada')];
    expect((await who(there, token)).status).toBe(200);
    expect((await revoke(here, { token })).status).toBe(200);
    expect(await who(here, token)).toEqual(refused);
    await untilRefused(there, token);
    const authorization = `Bearer ${token}`;
    const events = await there.post({ query: said }, { authorization, accept: 'text/event-stream' });
    const get = await fetch(`${there.url}?query={whoAmI}`, {
      headers: { authorization, 'apollo-require-preflight': '1' },
    });
    expect([events.status, get.status]).toEqual([401, 401]);
    expect(await (await watch(there, token)).closed).toEqual([4403, 'Forbidden: the token was revoked: sign in again']);
    expect((await who(there, other)).status).toBe(200);
  });

  test('is still refused after a restart, whatever is done to its text', async () => {
    const token = await tokenOf('ada');
    const first = await start();
    await revoke(first, { token });
    await first.stop();
    const again = await start();
    expect(await who(again, token)).toEqual(refused);
    // The last of 86 characters of a signature carries four bits that no decoder looks at.
    const [last = ''] = token.slice(-1);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const twin = token.slice(0, -1) + alphabet.charAt(alphabet.indexOf(last) ^ 1);
    expect(twin).not.toBe(token);
    expect((await who(again, twin)).status).toBe(401);
  });

  test('ends what is open with it at once, and nothing else', async () => {
    const [here, there] = [await start(), await start()];
    const [token, other] = [await tokenOf('ada'), await tokenOf('bob')];
    const socket = await watch(there, token);
    const bobs = await watch(there, other);
    const stream = await there.post({ query: said }, { authorization: `Bearer ${token}`, accept: 'text/event-stream' });
    await untilOpen(there, 3);
    await revoke(here, { token });
    expect(await socket.closed).toEqual([4403, 'Forbidden: the token was revoked: sign in again']);
    const text = await stream.text();
    expect(text).toContain('"the token was revoked: sign in again"');
    expect(text).toMatch(/event: complete\ndata: \n\n$/);
    await untilOpen(there, 1);
    await there.stop();
    expect((await bobs.closed)[0]).toBe(1001);
  });

  test('is renewed by the SDK, and told where there is no other', async () => {
    const platform = await start();
    const tokens = [await tokenOf('ada'), await tokenOf('ada')];
    let at = 0;
    const url = platform.url.replace('/graphql', '');
    const renewing = createClient({
      url,
      webSocket: WebSocket,
      token: (old) => (old === null ? (tokens[at] ?? null) : (tokens[(at += 1)] ?? null)),
      retry: { baseMs: 1 },
    });
    const stuck = createClient({ url, webSocket: WebSocket, token: tokens[0] ?? null, retry: { baseMs: 1 } });
    const events = renewing.subscribe<{ said: { id: string } }, object>(said);
    const first = events.next();
    const failing = stuck.subscribe<unknown, object>(said);
    const failed = failing.next().catch((error: unknown) => error);
    await untilOpen(platform, 2);
    await revoke(platform, { token: tokens[0] ?? '' });
    expect(await failed).toBeInstanceOf(AuthenticationError);
    await untilOpen(platform, 1);
    platform.say('a', '1');
    expect((await first).value).toEqual({ said: { id: '1' } });
    // Signing out everywhere takes the new one as well.
    await renewing.signOut({ everywhere: true });
    expect((await who(platform, tokens[1] ?? '')).status).toBe(401);
    stuck.close();
  });
});

describe('all tokens of a subject', () => {
  test('an operator ends those issued so far; newer ones are good', async () => {
    const platform = await start();
    const before = await tokenOf('ada');
    const operator = { authorization: `Bearer ${await tokenOf('root', ['operator'])}` };
    expect((await revoke(platform, { subject: 'ada' }, operator)).status).toBe(200);
    expect(await who(platform, before)).toEqual(refused);
    expect((await who(platform, await tokenOf('ada', ['read'], Date.now() + 1_000))).status).toBe(200);
    expect((await who(platform, await tokenOf('bob'))).status).toBe(200);
  });

  test.each<[string, Record<string, string>, string | null, number, string]>([
    ['no token', {}, null, 400, 'invalid_request'],
    ['somebody else without a token', { subject: 'ada' }, null, 401, 'invalid_client'],
    ['somebody else without the scope', { subject: 'ada' }, 'bob', 403, 'insufficient_scope'],
  ])('%s is refused', async (_name, form, subject, status, error) => {
    const platform = await start();
    const headers = subject === null ? {} : { authorization: `Bearer ${await tokenOf(subject)}` };
    const answer = await revoke(platform, form, headers);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ error, error_description: expect.any(String) });
  });

  test('what is no good already is answered as done, as RFC 7009 has it', async () => {
    const platform = await start();
    expect((await revoke(platform, { token: 'nonsense' })).status).toBe(200);
    expect((await fetch(new URL('/revoke', platform.url))).status).toBe(405);
  });
});

describe('what is kept', () => {
  test('ends with the tokens, in memory and in the log', async () => {
    let nowMs = Date.now();
    const make = (): Revocations => new Revocations({ log: engines.eventLog, key, logger, clock: () => nowMs });
    const first = make();
    await first.revokeToken('one', nowMs + 60_000);
    await first.revokeSubject(subjectIdOf(key, 'vcos|ada'));
    nowMs += 1_000;
    await first.revokeSubject(subjectIdOf(key, 'vcos|ada'));
    const kept = async (): Promise<number> => {
      const records = await engines.eventLog.read({
        topic: topics.revocations.name,
        partition: 0,
        from: 0,
        limit: 100,
      });
      return records.filter(({ value }) => value !== null).length;
    };
    expect([first.size, await kept()]).toEqual([2, 3]);
    nowMs += 180_000;
    const second = make();
    second.start();
    await second.loaded();
    while ((await kept()) > 2) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(second.size).toBe(1);
    nowMs += TOKEN_AGE_S_MAX * 1_000;
    const third = make();
    third.start();
    await third.loaded();
    while ((await kept()) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(third.size).toBe(0);
    for (const each of [first, second, third]) each.close();
  });
});
