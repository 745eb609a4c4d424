import { SignJWT, UnsecuredJWT } from 'jose';
import type { Attack } from './attack.ts';
import { type Target, ack } from './target.ts';

const query = '{"query":"{ creator(username: \\"ada\\") { id } }"}';
const mutation = 'mutation{registerCreator(input:{username:"evil",displayName:"x",type:DEVELOPER}){eventIds}}';
const asGet = (text: string): string => `/graphql?query=${encodeURIComponent(text)}`;
const head = (lines: readonly string[]): string => `${lines.join('\r\n')}\r\n\r\n`;

function posted(
  name: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  status: readonly number[],
): Attack {
  return { name, send: (target) => target.post(body, headers), refusedWith: { status } };
}

function fetched(name: string, path: string, status: readonly number[], init: RequestInit = {}): Attack {
  return { name, send: (target) => target.get(path, init), refusedWith: { status } };
}

/** Bytes as no client library sends them. 0 stands for a connection that is closed without an answer. */
function bytes(name: string, text: (target: Target) => string, status: readonly number[]): Attack {
  return { name, send: (target) => target.raw(text(target)), refusedWith: { status } };
}

/** What other sites could make a browser send, and what HTTP parsers stumble over. */
export const httpAttacks: readonly Attack[] = [
  posted('a simple POST of another site (text/plain)', query, { 'content-type': 'text/plain' }, [400]),
  posted(
    'a form of another site',
    `query=${encodeURIComponent(mutation)}`,
    { 'content-type': 'application/x-www-form-urlencoded' },
    [400],
  ),
  posted(
    'a multipart form',
    '--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n{}\r\n--x--',
    { 'content-type': 'multipart/form-data; boundary=x' },
    [400],
  ),
  posted(
    'a batch of 1,000',
    JSON.stringify(Array.from({ length: 1_000 }, () => JSON.parse(query) as unknown)),
    {},
    [400],
  ),
  posted('a compressed body', query, { 'content-encoding': 'gzip' }, [415]),
  posted('a body of 5 MB', `{"query":"${'x'.repeat(5_000_000)}"}`, {}, [413, 0]),
  posted('100,000 opened brackets', '['.repeat(100_000), {}, [400]),
  posted(
    'a persisted query that nobody registered',
    JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } }),
    {},
    [200, 400],
  ),
  fetched('a mutation by GET', asGet(mutation), [405], { headers: { 'apollo-require-preflight': '1' } }),
  fetched('a GET without preflight', asGet('{ __typename }'), [400]),
  fetched('a URL of 200,000 characters', `/graphql?query=${'x'.repeat(200_000)}`, [414, 431, 0]),
  ...['PUT', 'DELETE', 'PATCH'].map((method) => fetched(`the method ${method}`, '/graphql', [405], { method })),
  bytes(
    'the method TRACE',
    ({ url }) => head(['TRACE /graphql HTTP/1.1', `host: ${url.host}`, 'connection: close']),
    [405],
  ),
  bytes(
    'headers of 100 kB',
    ({ url }) => head(['POST /graphql HTTP/1.1', `host: ${url.host}`, `x: ${'y'.repeat(100_000)}`]),
    [431, 0],
  ),
  bytes(
    'two lengths',
    ({ url }) =>
      `${head(['POST /graphql HTTP/1.1', `host: ${url.host}`, 'content-length: 5', 'content-length: 50'])}12345`,
    [400],
  ),
  bytes(
    'a length and chunks at once',
    ({ url }) =>
      `${head(['POST /graphql HTTP/1.1', `host: ${url.host}`, 'content-length: 5', 'transfer-encoding: chunked'])}0\r\n\r\n`,
    [400],
  ),
  bytes('no HTTP at all', () => '\u0016\u0003\u0001\u0002\r\n\r\n', [400, 0]),
  bytes(
    'an encoded path out of the pages',
    ({ url }) =>
      head(['GET /explorer/%2e%2e%2f%2e%2e%2fpackage.json HTTP/1.1', `host: ${url.host}`, 'connection: close']),
    [404, 400],
  ),
];

const secret = new TextEncoder().encode('x'.repeat(32));
const claims = { sub: 'ada', iss: 'vcos', scope: 'read write guardian' };

async function withToken(target: Target, token: string): ReturnType<Target['post']> {
  return target.post(query, { authorization: `Bearer ${token}` });
}

/** Tokens that nobody issued. */
export const tokenAttacks: readonly Attack[] = [
  ['a token without a signature', async () => new UnsecuredJWT(claims).setExpirationTime('1h').encode()] as const,
  [
    'a token signed with a guessed secret',
    async () => new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('1h').sign(secret),
  ] as const,
  [
    'a key id that is a path',
    async () =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', kid: '../../keys/master' })
        .setExpirationTime('1h')
        .sign(secret),
  ] as const,
  ['a token that is none', async () => 'a.b.c'] as const,
].map(([name, make]) => ({
  name,
  send: async (target: Target) => withToken(target, await make()),
  refusedWith: { status: [401], code: ['UNAUTHENTICATED'] },
}));

const init = '{"type":"connection_init"}';
const subscribe = (id: string, text: string): string =>
  JSON.stringify({ type: 'subscribe', id, payload: { query: text } });

function socket(
  name: string,
  messages: readonly string[],
  status: readonly number[],
  code?: readonly string[],
  protocol?: string,
): Attack {
  return {
    name,
    send: (target) => target.socket(messages, protocol === undefined ? {} : { protocol }),
    refusedWith: { status, ...(code ? { code } : {}) },
  };
}

const deep = `{ creator(username: "ada") { ${'followers(first: 1) { nodes { '.repeat(40)}id${'}'.repeat(80)} } }`;

/** Misuse of the WebSocket protocol. Each socket is closed, or its operation refused. */
export const socketAttacks: readonly Attack[] = [
  socket('subscribing without saying hello', [subscribe('1', '{ __typename }')], [4401]),
  socket('saying hello twice', [init, init], [4429]),
  socket('a message that is no JSON', ['{'], [4400]),
  socket('a message of another protocol', ['{"type":"start"}'], [4400]),
  socket('a message of 2 MB', [`{"type":"ping","payload":{"x":"${'y'.repeat(2_000_000)}"}}`], [1009]),
  socket('another subprotocol', [init], [4406, 0], undefined, 'graphql-ws'),
  socket('40 levels over a socket', [init, ack, subscribe('1', deep)], [200], ['DEPTH_LIMIT']),
  socket(
    'a live stream without a token',
    [init, ack, subscribe('1', 'subscription { canonChanged { id } }')],
    [200],
    ['UNAUTHENTICATED'],
  ),
  socket(
    'a hello with a false token',
    ['{"type":"connection_init","payload":{"authorization":"Bearer a.b.c"}}'],
    [4401, 4403],
  ),
];
