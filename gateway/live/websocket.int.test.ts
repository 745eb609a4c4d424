import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createClient } from 'graphql-ws';
import type { Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import { startPlatform } from '../scenarios/platform.ts';
import type { Platform } from '../scenarios/platform.ts';

// Goal: a client of the protocol sees the events that are meant for it, each once and in order, with fields of every subgraph.
let platform: Platform;
const clients: Client[] = [];
beforeEach(async () => {
  platform = await startPlatform();
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
  await platform.stop();
});

function connect(
  connectionParams?: Record<string, unknown>,
  onClosed?: (event: { code: number; reason: string }) => void,
): Client {
  const client = createClient({
    url: platform.webSocketUrl,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    ...(connectionParams ? { connectionParams } : {}),
    on: { closed: (event) => onClosed?.(event as { code: number; reason: string }) },
  });
  clients.push(client);
  return client;
}

/** Subscriptions that are open, by the gateway's own count. */
async function openSubscriptions(): Promise<number> {
  const text = await (await fetch(new URL('/metrics', platform.url))).text();
  return Number(/vcos_gateway_open_subscriptions (\d+)/.exec(text)?.[1]);
}
async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}
const said = (space: string, selection = '{ id words by { name } }'): { query: string } => ({
  query: `subscription { said(space: "${space}") ${selection} }`,
});
/** A result without its cursor, which has tests of its own. */
const next = async (iterator: AsyncIterator<unknown>): Promise<unknown> => {
  const { value } = (await iterator.next()) as { value: { extensions?: unknown } | undefined };
  if (value === undefined) return undefined;
  const { extensions: _, ...result } = value;
  return result;
};

describe('subscriptions over graphql-transport-ws', () => {
  test('a page of another site gets no socket, one of this server does', async () => {
    const opened = (origin: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = new WebSocket(platform.webSocketUrl, 'graphql-transport-ws', { origin });
        socket.on('open', () => resolve('open'));
        socket.on('error', (error) => resolve(error.message));
      });
    expect(await opened('https://evil.example')).toBe('Unexpected server response: 403');
    expect(await opened(new URL(platform.url).origin)).toBe('open');
  });

  test('a key of variables that is written with escapes is itself, whatever others sent before', async () => {
    const socket = new WebSocket(platform.webSocketUrl, 'graphql-transport-ws');
    const answers: string[] = [];
    socket.on('message', (data) => answers.push((data as Buffer).toString()));
    await new Promise((resolve) => socket.once('open', resolve));
    socket.send('{"type":"connection_init"}');
    await until(() => answers.length === 1);
    const query = JSON.stringify('query Q($name: String) { hello(name: $name) }');
    for (const variables of ['{"b":1,"\\\\u00":1}', '{"b":1,"\\u006eame":"ada"}'])
      socket.send(
        `{"type":"subscribe","id":"${answers.length}${variables.length}","payload":{"query":${query},"variables":${variables}}}`,
      );
    await until(() => answers.length === 5);
    expect(answers.filter((text) => text.includes('"next"')).map((text) => text.slice(text.indexOf('hello')))).toEqual([
      'hello":"hello you"}}}',
      'hello":"hello ada"}}}',
    ]);
    socket.close();
  });

  test("an event's entity comes from its subgraph, the rest from others, in the log's order", async () => {
    const iterator = connect().iterate(said('a'));
    const first = next(iterator);
    await until(async () => (await openSubscriptions()) === 1);
    for (const id of ['1', '2']) {
      platform.say('b', `other ${id}`);
      platform.say('a', id);
    }
    expect(await first).toEqual({
      data: { said: { id: '1', words: 'words of 1', by: { name: 'name of speaker of 1' } } },
    });
    expect(await next(iterator)).toEqual({
      data: { said: { id: '2', words: 'words of 2', by: { name: 'name of speaker of 2' } } },
    });
  });

  test('variables, aliases, fragments and conditions work as in a query', async () => {
    const query = `subscription ($space: ID!, $upper: Boolean, $short: Boolean, $more: Boolean!) {
      it: said(space: $space) { ...part w: words(upper: $upper) id @include(if: $more) __typename } __typename
    } fragment part on Saying { by { n: name(short: $short) } }`;
    const single = query.replace(' __typename\n    } fragment', '\n    } fragment');
    const iterator = connect().iterate({
      query: single,
      variables: { space: 'a', upper: true, short: true, more: false },
    });
    const first = next(iterator);
    await until(async () => (await openSubscriptions()) === 1);
    platform.say('a', '1');
    expect(await first).toEqual({ data: { it: { by: { n: 'N' }, w: 'WORDS OF 1', __typename: 'Saying' } } });
  });

  test('subscribers of one thing share one execution, those with other rights do not', async () => {
    const ada = connect({ authToken: await platform.token('ada') });
    const iterators = [connect(), connect(), ada, ada].map((client) => client.iterate(said('a', '{ id }')));
    const firsts = iterators.map(next);
    await until(async () => (await openSubscriptions()) === 4);
    expect(platform.log.tails).toBe(1);
    const before = platform.scenario.calls.length;
    platform.say('a', 'private 1');
    platform.say('a', '2');
    const got = await Promise.all(firsts);
    // The anonymous ones may not see the first: it is passed over for them.
    expect(got.map((result) => (result as { data: { said: { id: string } } }).data.said.id)).toEqual([
      '2',
      '2',
      'private 1',
      'private 1',
    ]);
    const calls = platform.scenario.calls.slice(before);
    expect(calls.filter(({ request }) => request.query.includes('... on Saying'))).toHaveLength(4);
    // Once, for the one whose event was not for them: whether they may still watch.
    expect(calls.filter(({ request }) => request.query.includes('... on Space'))).toHaveLength(1);
  });

  test('the guard refuses before anything is followed', async () => {
    const refusal = async (space: string, client = connect()): Promise<unknown> =>
      next(client.iterate(said(space))).catch((error: unknown) => error);
    expect(await refusal('closed')).toMatchObject([{ path: ['said'], extensions: { code: 'FORBIDDEN' } }]);
    expect(await refusal('none')).toMatchObject([
      { message: expect.stringContaining('space'), extensions: { code: 'NOT_FOUND' } },
    ]);
    expect(await refusal('broken')).toMatchObject([{ message: 'the space is broken', extensions: { code: 'BROKEN' } }]);
    expect(platform.log.tails).toBe(0);
    const allowed = connect({ Authorization: `Bearer ${await platform.token('ada')}` }).iterate(
      said('closed', '{ id }'),
    );
    const first = next(allowed);
    await until(async () => (await openSubscriptions()) === 1);
    platform.say('closed', '1');
    expect(await first).toEqual({ data: { said: { id: '1' } } });
  });

  test('leaving frees everything at once, with no event needed', async () => {
    const iterator = connect().iterate(said('a'));
    const first = next(iterator);
    await until(async () => (await openSubscriptions()) === 1);
    expect(platform.log.tails).toBe(1);
    await iterator.return?.();
    await until(async () => (await openSubscriptions()) === 0);
    expect(platform.log.tails).toBe(0);
    expect(await first).toBeUndefined();
  });

  test('a log that fails is followed again from where it stopped', async () => {
    const iterator = connect().iterate(said('a', '{ id }'));
    const first = next(iterator);
    await until(async () => (await openSubscriptions()) === 1);
    platform.say('a', '1');
    expect(await first).toEqual({ data: { said: { id: '1' } } });
    platform.log.failures = 2;
    platform.say('a', '2');
    platform.say('a', '3');
    expect(await next(iterator)).toEqual({ data: { said: { id: '2' } } });
    expect(await next(iterator)).toEqual({ data: { said: { id: '3' } } });
  });

  test('queries and mutations are answered too, with the limits of HTTP', async () => {
    expect(await next(connect().iterate({ query: 'mutation { shout(text: "a") }' }))).toEqual({ data: { shout: 'A' } });
    const deep = next(
      connect().iterate({ query: `{ ${Array.from({ length: 60 }, (_, index) => `a${index}: hello`).join(' ')} }` }),
    );
    await expect(deep).rejects.toMatchObject([
      { extensions: { code: 'ALIAS_LIMIT', limit: 50 } },
      { extensions: { code: 'ROOT_FIELD_LIMIT' } },
    ]);
    const closed = next(connect().iterate({ query: 'subscription { secrets { id } }' }));
    await expect(closed).rejects.toMatchObject([{ path: ['secrets'], extensions: { code: 'UNAUTHENTICATED' } }]);
  });
});

describe('sockets', () => {
  test('a bad token closes with 4403 and the reason', async () => {
    const closed = new Promise<{ code: number; reason: string }>((resolve) => {
      void next(connect({ authToken: 'nonsense' }, resolve).iterate(said('a'))).catch(() => {});
    });
    expect(await closed).toMatchObject({ code: 4403, reason: 'Forbidden: the token is not a JWT' });
  });

  test('a socket ends with its token', async () => {
    const authToken = await platform.token('ada', { ttlS: 1 });
    const closed = new Promise<{ code: number; reason: string }>((resolve) => {
      void next(connect({ authToken }, resolve).iterate(said('a'))).catch(() => {});
    });
    expect(await closed).toMatchObject({ code: 4403, reason: 'Forbidden: the token expired' });
    expect(await openSubscriptions()).toBe(0);
  });

  test('stopping closes with 1001', async () => {
    const closed = new Promise<{ code: number }>((resolve) => {
      void next(connect(undefined, resolve).iterate(said('a'))).catch(() => {});
    });
    await until(async () => (await openSubscriptions()) === 1);
    await platform.stop();
    expect((await closed).code).toBe(1001);
  });

  const talk = (messages: readonly string[], protocol: string | undefined = 'graphql-transport-ws'): Promise<number> =>
    new Promise((resolve) => {
      const socket = new WebSocket(platform.webSocketUrl, protocol);
      socket.on('open', () => messages.forEach((message) => socket.send(message)));
      socket.on('error', () => resolve(-1));
      socket.on('close', (code) => resolve(code));
    });
  const init = '{"type":"connection_init"}';
  const subscribe = '{"type":"subscribe","id":"1","payload":{"query":"subscription { said(space: \\"a\\") { id } }"}}';

  test.each<[string, readonly string[], number]>([
    ['not JSON', ['{'], 4400],
    ['an unknown message', ['{"type":"hi"}'], 4400],
    ['a subscription before the beginning', [subscribe], 4401],
    ['two beginnings', [init, init], 4429],
  ])('%s closes the socket', async (_name, messages, code) => {
    expect(await talk(messages)).toBe(code);
  });

  test('an id that is in use closes the socket', async () => {
    const code = await new Promise((resolve) => {
      const socket = new WebSocket(platform.webSocketUrl, 'graphql-transport-ws');
      socket.on('open', () => socket.send(init));
      socket.on('message', () => {
        socket.send(subscribe);
        socket.send(subscribe);
      });
      socket.on('close', resolve);
    });
    expect(code).toBe(4409);
  });

  test('an id that is free again stands for the new operation alone', async () => {
    const socket = new WebSocket(platform.webSocketUrl, 'graphql-transport-ws');
    const answers: { type: string; payload?: unknown }[] = [];
    socket.on('message', (data) => answers.push(JSON.parse((data as Buffer).toString()) as { type: string }));
    await new Promise((resolve) => socket.once('open', resolve));
    socket.send('{"type":"connection_init"}');
    await until(() => answers.length === 1);
    socket.send('{"type":"subscribe","id":"1","payload":{"query":"{ slow }"}}');
    socket.send('{"type":"complete","id":"1"}');
    socket.send('{"type":"subscribe","id":"1","payload":{"query":"{ again: slow }"}}');
    await until(() => answers.at(-1)?.type === 'complete');
    expect(answers.splice(1)).toEqual([
      { id: '1', type: 'next', payload: { data: { again: 1 } } },
      { id: '1', type: 'complete' },
    ]);
    const watch = (space: string): string =>
      JSON.stringify({ type: 'subscribe', id: '1', payload: said(space, '{ id }') });
    socket.send(watch('a'));
    await until(async () => (await openSubscriptions()) === 1);
    socket.send('{"type":"complete","id":"1"}');
    socket.send(watch('b'));
    socket.send('{"type":"subscribe","id":"2","payload":{"query":"{ slow }"}}');
    await until(() => answers.at(-1)?.type === 'complete');
    expect(await openSubscriptions()).toBe(1);
    platform.say('a', '1');
    platform.say('b', '2');
    await until(() => answers.length === 4);
    expect(answers.slice(1)).toMatchObject([
      { id: '2', type: 'next' },
      { id: '2', type: 'complete' },
      { id: '1', type: 'next', payload: { data: { said: { id: '2' } } } },
    ]);
    socket.close();
  });

  test('another protocol is not spoken', async () => {
    expect([-1, 4406]).toContain(await talk([], 'graphql-ws'));
  });
});
