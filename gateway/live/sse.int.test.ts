import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { shutSpaces, startPlatform } from '../scenarios/platform.ts';
import type { Platform } from '../scenarios/platform.ts';

// Goal: the same subscriptions over server-sent events, for clients without WebSockets.
let platform: Platform;
beforeEach(async () => {
  platform = await startPlatform();
});
afterEach(async () => {
  shutSpaces.clear();
  await platform.stop();
});

const accept = { accept: 'text/event-stream' };
const query = 'subscription { said(space: "a") { id by { name } } }';

/** Reads events off a response, one at a time; comments that keep the connection alive are passed over. */
async function* eventsOf(response: Response): AsyncGenerator<{ event: string; data: unknown }> {
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const fields = new Map(
        text
          .slice(0, end)
          .split('\n')
          .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
      );
      text = text.slice(end + 2);
      const data = fields.get('data');
      if (fields.has('event'))
        yield { event: fields.get('event') ?? '', data: data ? (JSON.parse(data) as unknown) : null };
    }
  }
}

async function collect<T>(events: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const event of events) all.push(event);
  return all;
}

describe('server-sent events', () => {
  test('a subscription is a stream of next events', async () => {
    const controller = new AbortController();
    const response = await fetch(platform.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...accept },
      body: JSON.stringify({ query }),
      signal: controller.signal,
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const events = eventsOf(response);
    platform.say('a', '1');
    expect((await events.next()).value).toEqual({
      event: 'next',
      data: {
        data: { said: { id: '1', by: { name: 'name of speaker of 1' } } },
        extensions: { cursor: expect.any(String) },
      },
    });
    controller.abort();
    while (platform.log.tails > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  test.each([
    'application/json, text/event-stream',
    'application/graphql-response+json, text/event-stream;q=0.5',
    'TEXT/Event-Stream',
  ])('a subscription is one wherever they are taken: %s', async (accepted) => {
    const controller = new AbortController();
    const response = await fetch(platform.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: accepted },
      body: JSON.stringify({ query }),
      signal: controller.signal,
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    controller.abort();
  });

  test.each([
    ['text/event-stream;q=0, application/json', 'application/json'],
    ['text/event-stream;q=0.5, application/json', 'application/json'],
    ['application/json;q=0.5, text/event-stream', 'text/event-stream'],
    ['application/json, text/event-stream', 'application/json'],
    ['text/event-stream, application/json', 'text/event-stream'],
  ])('a query with %s is answered as %s', async (accepted, type) => {
    const response = await platform.post({ query: '{ hello }' }, { accept: accepted });
    expect(response.headers.get('content-type')).toContain(type);
    expect(await response.text()).toContain('hello you');
  });

  test('who leaves before the stream begins leaves nothing open', async () => {
    const asked = Promise.withResolvers<undefined>();
    const released = Promise.withResolvers<undefined>();
    const { log } = platform;
    const ends = log.ends.bind(log);
    log.ends = async () => {
      asked.resolve(undefined);
      await released.promise;
      return ends();
    };
    const controller = new AbortController();
    const url = `${platform.url}?query=${encodeURIComponent(query)}`;
    const left = fetch(url, { headers: accept, signal: controller.signal }).catch(() => 'left');
    await asked.promise;
    controller.abort();
    expect(await left).toBe('left');
    const metrics = async (): Promise<string> => (await fetch(new URL('/metrics', platform.url))).text();
    // By the time of this answer the gateway has heard that the client left.
    expect(await metrics()).toContain('vcos_gateway_open_subscriptions 1');
    released.resolve(undefined);
    while (!(await metrics()).includes('vcos_gateway_open_subscriptions 0'));
    while (log.tails > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  test('a query is one event and the end, over GET as well; a mutation over GET is refused', async () => {
    const get = (text: string): Promise<Response> =>
      fetch(`${platform.url}?query=${encodeURIComponent(text)}`, { headers: accept });
    expect(await collect(eventsOf(await get('{ hello }')))).toEqual([
      { event: 'next', data: { data: { hello: 'hello you' } } },
      { event: 'complete', data: null },
    ]);
    expect((await get('mutation { shout(text: "a") }')).status).toBe(400);
    expect(platform.scenario.calls).toHaveLength(1);
  });

  test.each([
    ['POST', { 'content-type': 'text/plain' }],
    ['POST', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['POST', { 'content-type': 'multipart/form-data; boundary=x' }],
    ['HEAD', {}],
    ['OPTIONS', {}],
  ])('a mutation that other sites can make a browser send is refused: %s %j', async (method, headers) => {
    const url = `${platform.url}?query=${encodeURIComponent('mutation { shout(text: "a") }')}`;
    const init = { method, headers: { ...accept, ...headers } };
    const response = await fetch(url, method === 'POST' ? { ...init, body: 'x' } : init);
    expect(response.status).toBe(400);
    expect(platform.scenario.calls).toHaveLength(0);
  });

  test.each([
    ['query A { hello } query B { hello }', undefined],
    ['query A { hello }', 'C'],
  ])('which operation to run has one code on every transport: %s, %s', async (text, operationName) => {
    const body = { query: text, ...(operationName && { operationName }) };
    for (const headers of [accept, { accept: 'application/graphql-response+json' }]) {
      const response = await platform.post(body, headers);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        errors: [{ extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } }],
      });
    }
    expect((await platform.post(body, { accept: 'application/json' })).status).toBe(200);
  });

  test('what cannot run is refused with its errors before the stream begins', async () => {
    const response = await platform.post({ query: 'subscription { said(space: "none") { id } }' }, accept);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] });
  });

  test('a stream ends with the right to watch, after all that came before, and says so; what is merely not for the reader does not end it', async () => {
    const response = await platform.post({ query: 'subscription { said(space: "a") { id } }' }, accept);
    const events = eventsOf(response);
    for (const id of ['1', 'private 2', '3']) platform.say('a', id);
    expect([(await events.next()).value, (await events.next()).value]).toMatchObject([
      { data: { data: { said: { id: '1' } } } },
      { data: { data: { said: { id: '3' } } } },
    ]);
    shutSpaces.add('a');
    platform.say('a', '4');
    platform.say('a', 'private 5');
    expect(await collect(events)).toMatchObject([
      { event: 'next', data: { data: { said: { id: '4' } } } },
      { event: 'next', data: { errors: [{ extensions: { code: 'FORBIDDEN' } }] } },
      { event: 'complete' },
    ]);
  });

  test('a stream ends with its token, and says so', async () => {
    const authorization = `Bearer ${await platform.token('ada', { ttlS: 1 })}`;
    const events = await collect(eventsOf(await platform.post({ query }, { ...accept, authorization })));
    expect(events).toMatchObject([
      { event: 'next', data: { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] } },
      { event: 'complete' },
    ]);
  });

  test('stopping ends the stream without an end of the subscription, so that clients come again', async () => {
    const response = await platform.post({ query }, accept);
    const events = collect(eventsOf(response));
    await platform.stop();
    expect(await events).toEqual([]);
  });
});
