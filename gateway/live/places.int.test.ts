import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createClient } from 'graphql-ws';
import type { Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import { startPlatform } from '../scenarios/platform.ts';
import type { Platform } from '../scenarios/platform.ts';

// Goal: nobody has more subscriptions open than a caller may, by whatever way and however quickly they ask; others are not touched by that.
const perCallerMax = 3;
let platform: Platform;
const clients: Client[] = [];
beforeEach(async () => {
  platform = await startPlatform({ limits: { subscriptionsPerCallerMax: perCallerMax } });
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
  await platform.stop();
});

const query = 'subscription { said(space: "a") { id } }';
const refused = { extensions: { code: 'SUBSCRIPTION_LIMIT', limit: perCallerMax } };

function connect(token: string): Client {
  const client = createClient({
    url: platform.webSocketUrl,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { authorization: `Bearer ${token}` },
  });
  clients.push(client);
  return client;
}
const bySse = (token: string, controller = new AbortController()): Promise<Response> =>
  fetch(platform.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
    signal: controller.signal,
  });
async function metric(name: string): Promise<number> {
  const text = await (await fetch(new URL('/metrics', platform.url))).text();
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')[1] ?? 0,
  );
}
async function untilOpen(count: number): Promise<void> {
  while ((await metric('vcos_gateway_open_subscriptions')) !== count)
    await new Promise((resolve) => setImmediate(resolve));
}

test('WebSockets and event streams of a caller count together, and each that ends makes room', async () => {
  const [ada, bob] = [await platform.token('ada'), await platform.token('bob')];
  const first = connect(ada).iterate({ query });
  void first.next();
  void connect(ada).iterate({ query }).next();
  await untilOpen(2);
  const leaving = new AbortController();
  expect((await bySse(ada, leaving)).status).toBe(200);

  const another = await bySse(await platform.token('ada'));
  expect(another.status).toBe(400);
  expect(await another.json()).toMatchObject({
    errors: [{ message: expect.stringContaining('you have 3'), ...refused }],
  });
  await expect(connect(ada).iterate({ query }).next()).rejects.toMatchObject([refused]);
  expect(await metric('vcos_gateway_refused_subscriptions_total{limit="caller"}')).toBe(2);
  expect((await bySse(bob)).status).toBe(200);

  leaving.abort();
  await first.return?.();
  await untilOpen(2);
  for (let n = 0; n < 2; n += 1) expect((await bySse(ada)).status).toBe(200);
  expect((await bySse(ada)).status).toBe(400);
});

test('many at once are no way around, and what was refused or never opened takes no place', async () => {
  const ada = await platform.token('ada');
  for (let n = 0; n < 5; n += 1) {
    const none = { query: 'subscription { said(space: "none") { id } }' };
    await expect(connect(ada).iterate(none).next()).rejects.toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
  }
  const answers = await Promise.all(Array.from({ length: 10 }, () => bySse(ada)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(perCallerMax);
});
