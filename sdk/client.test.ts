import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type ClientOptions, createClient } from './client.ts';
import {
  AuthenticationError,
  GraphQLRequestError,
  HttpError,
  NetworkError,
  RateLimitError,
  TimeoutError,
} from './errors.ts';
import { CreatorsDocument, FollowDocument, MeDocument } from './generated/operations.ts';

type Body = {
  readonly query: string;
  readonly variables: { readonly after?: string; readonly input?: Record<string, unknown> };
};
type Step = (response: ServerResponse, request: IncomingMessage, body: Body) => void;

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server that answers the first request with the first step and so on, the last step again and again. */
async function serve(options: Partial<ClientOptions>, ...steps: readonly [Step, ...Step[]]) {
  const seen: { readonly authorization: string | undefined; readonly body: Body; readonly atMs: number }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Body;
      seen.push({ authorization: request.headers.authorization, body, atMs: performance.now() });
      (steps[seen.length - 1] ?? steps.at(-1) ?? steps[0])(response, request, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { seen, url, client: createClient({ url, retry: { baseMs: 2 }, ...options }) };
}

const answer =
  (value: unknown, status = 200, headers: Record<string, string> = {}): Step =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
  };
const cut: Step = (_response, request) => request.socket.destroy();
const silent: Step = () => {};
const me = { data: { me: null } };
const followed = { data: { follow: { creator: null, eventIds: [], userErrors: [] } } };
const fault = (code: string) => ({ errors: [{ message: `it is ${code}`, extensions: { code } }] });
const input = { creatorId: 'a' };

// Goal: what a network and a busy server do to requests is mended where that is safe, and told in classes where it is not.
describe('repetition', () => {
  test('a query goes on through cut connections, proxies’ pages and 503', async () => {
    const page: Step = (response) => response.writeHead(502).end('<h1>Bad gateway</h1>');
    const { client, seen } = await serve({}, cut, page, answer(fault('OVERLOADED'), 503), answer(me));
    expect(await client.request(MeDocument)).toEqual(me.data);
    expect(seen).toHaveLength(4);
  });

  test('a mutation is sent again with the same key; without a place for one it is not', async () => {
    const { client, seen } = await serve({}, cut, answer(followed));
    expect(await client.request(FollowDocument, { input })).toEqual(followed.data);
    const keys = seen.map(({ body }) => body.variables.input?.['idempotencyKey']);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(keys).toEqual([keys[0], keys[0]]);

    const inline = await serve({}, cut, answer(followed));
    await expect(
      inline.client.request('mutation { follow(input: { creatorId: "a" }) { eventIds } }'),
    ).rejects.toBeInstanceOf(NetworkError);
    expect(inline.seen).toHaveLength(1);
  });

  test('what was refused for its content is not repeated', async () => {
    const { client, seen } = await serve({}, answer({ ...fault('BAD_USER_INPUT'), data: { me: null } }));
    const error: unknown = await client.request(MeDocument).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(GraphQLRequestError);
    expect(error).toMatchObject({
      code: 'BAD_USER_INPUT',
      message: 'it is BAD_USER_INPUT',
      data: { me: null },
      status: 200,
    });
    expect(seen).toHaveLength(1);
  });

  test('it ends after as many attempts as are allowed, with the last error', async () => {
    const { client, seen } = await serve({ retry: { baseMs: 1, attemptsMax: 3 } }, (response) =>
      response.writeHead(504).end(),
    );
    const error: unknown = await client.request(MeDocument).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(HttpError);
    expect(error).toMatchObject({ status: 504 });
    expect(seen).toHaveLength(3);
  });
});

test('an address that is none is told before anything is sent', () => {
  for (const url of ['localhost:4000', '', '/graphql', 'ws://localhost:4000'])
    expect(() => createClient({ url })).toThrow(`url: must be an address like http://localhost:4000, not "${url}"`);
});

describe('limits of the server', () => {
  test('Retry-After is waited for, also by a mutation without a key, which was not done', async () => {
    const { client, seen } = await serve({}, answer(fault('RATE_LIMITED'), 429, { 'retry-after': '0.2' }), answer(me));
    await client.request('mutation { shout }');
    expect((seen[1]?.atMs ?? 0) - (seen[0]?.atMs ?? 0)).toBeGreaterThan(190);
  });

  test('a limit that is used up holds the next request back', async () => {
    const { client, seen } = await serve({}, answer(me, 200, { ratelimit: '"default";r=0;t=0.2' }), answer(me));
    await client.request(MeDocument);
    await client.request(MeDocument);
    expect((seen[1]?.atMs ?? 0) - (seen[0]?.atMs ?? 0)).toBeGreaterThan(190);
  });

  test('a wait that is too long is an error that says when', async () => {
    const { client, seen } = await serve({}, answer(fault('RATE_LIMITED'), 429, { 'retry-after': '3600' }));
    const first: unknown = await client.request(MeDocument).catch((reason: unknown) => reason);
    expect(first).toBeInstanceOf(RateLimitError);
    expect(first).toMatchObject({ retryAfterMs: 3_600_000, code: 'RATE_LIMITED' });
    await expect(client.request(MeDocument)).rejects.toBeInstanceOf(RateLimitError);
    expect(seen).toHaveLength(1);
  });
});

describe('tokens', () => {
  const guarded =
    (good: string): Step =>
    (response, request, body) =>
      answer(
        request.headers.authorization === `Bearer ${good}` ? me : fault('UNAUTHENTICATED'),
        request.headers.authorization === `Bearer ${good}` ? 200 : 401,
      )(response, request, body);

  test('a refused token is renewed once for all who had it', async () => {
    let [kept, renewals] = ['old', 0];
    const token = async (refused: string | null): Promise<string> => {
      if (refused !== null && refused === kept) {
        renewals += 1;
        await new Promise((resolve) => setTimeout(resolve, 10));
        kept = 'new';
      }
      return kept;
    };
    const { client } = await serve({ token }, guarded('new'));
    await Promise.all([client.request(MeDocument), client.request(MeDocument), client.request(MeDocument)]);
    await client.request(MeDocument);
    expect(renewals).toBe(1);
  });

  test('where there is no other token the refusal is told', async () => {
    for (const token of ['bad', () => 'bad']) {
      const { client, seen } = await serve({ token }, guarded('good'));
      await expect(client.request(MeDocument)).rejects.toBeInstanceOf(AuthenticationError);
      expect(seen.map(({ authorization }) => authorization)).toEqual(['Bearer bad']);
    }
  });

  test('a token that no header can carry is told as one, and not as a server that does not answer', async () => {
    for (const token of ['ey…', 'ab\ncd', 'жжж']) {
      const { client, seen } = await serve({ token }, answer(me));
      const refused = client.request(MeDocument);
      await expect(refused).rejects.toBeInstanceOf(AuthenticationError);
      await expect(refused).rejects.toThrow('the token has characters that no token has');
      expect(seen).toEqual([]);
    }
    // As a file that holds one ends.
    const { client } = await serve({ token: 'good\n' }, guarded('good'));
    expect(await client.request(MeDocument)).toEqual(me.data);
  });
});

describe('time and patience', () => {
  test('a silent server: each attempt has its time, and all together', async () => {
    const twice = await serve({ attemptTimeoutMs: 50 }, silent, answer(me));
    expect(await twice.client.request(MeDocument)).toEqual(me.data);
    const never = await serve({ timeoutMs: 80 }, silent);
    const error: unknown = await never.client.request(MeDocument).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ timeoutMs: 80 });
  });

  test('an aborted request ends with the caller’s reason, also while it waits to try again', async () => {
    for (const [step, retry] of [
      [silent, {}],
      [cut, { baseMs: 100_000_000, delayMsMax: 100_000_000 }],
    ] as const) {
      const { client } = await serve({ retry }, step);
      const controller = new AbortController();
      const request = client.request(MeDocument, {}, { signal: controller.signal });
      setTimeout(() => controller.abort(new Error('changed my mind')), 50);
      await expect(request).rejects.toThrow('changed my mind');
    }
  });

  test('nobody listens there', async () => {
    const { client, url } = await serve({ retry: { attemptsMax: 1 } }, silent);
    for (const close of closers.splice(0)) close();
    await expect(client.request(MeDocument)).rejects.toThrow(`no answer from ${new URL(url).host}`);
  });
});

describe('pages', () => {
  const lists: Readonly<Record<string, readonly [readonly string[], string | null]>> = {
    '': [['a', 'b'], 'p2'],
    p2: [['c'], 'p3'],
    p3: [['d'], null],
  };
  const list: Step = (response, request, { variables }) => {
    const [ids, endCursor] = lists[variables.after ?? ''] ?? [[], null];
    answer({
      data: {
        creators: { nodes: ids.map((id) => ({ id })), pageInfo: { hasNextPage: endCursor !== null, endCursor } },
      },
    })(response, request, { query: '', variables });
  };

  test('items come one by one; a page is asked for when it is needed', async () => {
    const { client, seen } = await serve({}, list);
    const ids: string[] = [];
    for await (const { id } of client.items(CreatorsDocument, { first: 2 }, (data) => data.creators)) {
      ids.push(id);
      if (id === 'b') expect(seen).toHaveLength(1);
    }
    expect(ids).toEqual(['a', 'b', 'c', 'd']);
    expect(seen.map(({ body }) => body.variables.after ?? null)).toEqual([null, 'p2', 'p3']);
  });

  test('from a cursor on, whole pages; a list that is null has none; a cursor that stands still is an error', async () => {
    const { client } = await serve({}, list);
    const pages: number[] = [];
    for await (const page of client.pages(CreatorsDocument, { after: 'p2' }, (data) => data.creators))
      pages.push(page.nodes.length);
    expect(pages).toEqual([1, 1]);
    expect((await client.items(CreatorsDocument, {}, () => null).next()).done).toBe(true);
    const still = await serve(
      {},
      answer({ data: { creators: { nodes: [], pageInfo: { hasNextPage: true, endCursor: null } } } }),
    );
    const iterator = still.client.pages(CreatorsDocument, {}, (data) => data.creators);
    await iterator.next();
    await expect(iterator.next()).rejects.toThrow('pageInfo');
  });
});
