import { afterEach, describe, expect, test } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { startPlatform } from '../scenarios/platform.ts';
import type { Platform } from '../scenarios/platform.ts';

// Goal: who asks for too much is refused before any subgraph is called, and told the limit and when to come again.
let platform: Platform;
afterEach(() => platform.stop());
const mutation = 'mutation { shout(text: "a") }';

describe('rate limits', () => {
  test('a caller who used up the budget gets 429 with the headers; another caller does not', async () => {
    platform = await startPlatform({ limits: { costPerMinute: 3 } });
    const first = await platform.post({ query: '{ hello }' });
    expect(first.headers.get('ratelimit-policy')).toBe('"cost";q=3;w=60');
    expect(first.headers.get('ratelimit')).toBe('"cost";r=2;t=20');
    for (let index = 0; index < 2; index += 1) await platform.post({ query: '{ hello }' });
    const asked = platform.scenario.calls.length;
    const refused = await platform.post({ query: '{ hello }' });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(15);
    expect(await refused.json()).toMatchObject({
      errors: [
        { message: expect.stringContaining('3 units'), extensions: { code: 'RATE_LIMITED', limit: 3, windowS: 60 } },
      ],
    });
    expect(platform.scenario.calls).toHaveLength(asked);
    const authorization = `Bearer ${await platform.token('ada')}`;
    expect((await platform.post({ query: '{ hello }' }, { authorization })).status).toBe(200);
    expect((await platform.post({ query: '{ hello }' }, { accept: 'text/event-stream' })).status).toBe(429);
  });

  test('requests that are refused are charged too, and WebSockets share the budget', async () => {
    platform = await startPlatform({ limits: { costPerMinute: 2 } });
    await platform.post({ query: '{' });
    await platform.post({ query: '{ nothing }' });
    const client = createClient({ url: platform.webSocketUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
    await expect(client.iterate({ query: '{ hello }' }).next()).rejects.toMatchObject([
      { extensions: { code: 'RATE_LIMITED' } },
    ]);
    await client.dispose();
  });

  test('a text that takes long to read is charged for that, whatever it asks for, and on credit', async () => {
    platform = await startPlatform({ limits: { costPerMinute: 100_000, rootFields: 1_000 } });
    const fragments = Array.from({ length: 400 }, (_, n) => `fragment F${n} on Query { hello ...F${n + 1} }`).join(' ');
    const ask = async (n: number): Promise<number> => {
      const query = `{ ...F0 } ${fragments} fragment F400 on Query { hello } # ${n}`;
      const response = await platform.post({ query }, { 'x-graphql-cost': '1' });
      expect(await response.json()).toMatchObject({ data: { hello: 'hello you' }, extensions: { cost: 0 } });
      return Number(/r=(\d+)/.exec(response.headers.get('ratelimit') ?? '')?.[1]);
    };
    const left: number[] = [];
    for (let n = 0; n < 5; n += 1) left.push(await ask(n));
    expect(Math.min(...left)).toBeLessThan(99_990);
    // Read before, so that it takes one unit, while time gives some back.
    expect(await ask(0)).toBeGreaterThanOrEqual((left.at(-1) ?? Infinity) - 1);
  });

  test('without limits nothing is said', async () => {
    platform = await startPlatform();
    expect((await platform.post({ query: '{ hello }' })).headers.get('ratelimit')).toBeNull();
  });
});

describe('cost', () => {
  test('an operation above the limit is refused with its cost and the limit', async () => {
    platform = await startPlatform({ limits: { cost: 9 } });
    const refused = await platform.post({ query: mutation });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      errors: [{ extensions: { code: 'COST_LIMIT_EXCEEDED', cost: 10, limit: 9 } }],
    });
    expect(platform.scenario.calls).toHaveLength(0);
    expect((await platform.post({ query: '{ hello }' })).status).toBe(200);
  });

  test('it is told to who asks, and charged', async () => {
    platform = await startPlatform({ limits: { costPerMinute: 15 } });
    const told = await platform.post({ query: mutation }, { 'x-graphql-cost': '1' });
    expect(told.headers.get('ratelimit')).toBe('"cost";r=5;t=40');
    expect(await told.json()).toEqual({ data: { shout: 'A' }, extensions: { cost: 10 } });
    expect((await platform.post({ query: mutation })).status).toBe(429);
  });
});
