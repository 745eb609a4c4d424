import { afterEach, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { startPlatform } from './scenarios/platform.ts';
import type { Platform } from './scenarios/platform.ts';

// Goal: a gateway that stops tells the balancer first, finishes what it was asked, and sends clients elsewhere, not all at once.
let platform: Platform;
afterEach(() => platform.stop());

const ready = async (): Promise<{ status: number; body: unknown }> => {
  const response = await fetch(new URL('/health/ready', platform.url));
  return { status: response.status, body: await response.json() };
};

async function connect(): Promise<WebSocket> {
  const socket = new WebSocket(platform.webSocketUrl, 'graphql-transport-ws');
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send('{"type":"connection_init"}');
  await new Promise((resolve) => socket.once('message', resolve));
  return socket;
}
const ask = (socket: WebSocket, query: string): void =>
  socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query } }));
const closeOf = (socket: WebSocket): Promise<[number, string]> =>
  new Promise((resolve) => socket.once('close', (code, reason) => resolve([code, reason.toString()])));

describe('a gateway that stops', () => {
  test('is unready first, while it still answers', async () => {
    platform = await startPlatform({ drainDelayMs: 3_000, readiness: { log: async () => {} } });
    expect((await ready()).status).toBe(200);
    const stopped = platform.stop();
    expect(await ready()).toEqual({ status: 503, body: { status: 'stopping', checks: { log: 'ok' } } });
    expect((await platform.post({ query: '{ hello }' })).status).toBe(200);
    await stopped;
    await expect(ready()).rejects.toThrow();
  });

  test('finishes requests, those on sockets too, and tells each when to connect again', async () => {
    platform = await startPlatform({ reconnectSpreadMs: 500 });
    const slow = platform.post({ query: '{ slow }' });
    const [busy, idle] = [await connect(), await connect()];
    const messages: unknown[] = [];
    busy.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString())));
    ask(busy, '{ slow }');
    ask(idle, 'subscription { said(space: "a") { id } }');
    while (platform.scenario.calls.length < 3) await new Promise((resolve) => setTimeout(resolve, 1));
    const closed = [closeOf(busy), closeOf(idle)];
    const stopped = platform.stop();
    for (const [code, reason] of await Promise.all(closed)) {
      expect(code).toBe(1001);
      expect(Number(/retry-after-ms=(\d+)$/.exec(reason)?.[1])).toBeLessThanOrEqual(500);
    }
    expect(messages).toEqual([
      { id: '1', type: 'next', payload: { data: { slow: 1 } } },
      { id: '1', type: 'complete' },
    ]);
    expect(await (await slow).json()).toEqual({ data: { slow: 1 } });
    await stopped;
  });

  test('event streams end without an end of the subscription, and say when to come back', async () => {
    platform = await startPlatform({ reconnectSpreadMs: 500 });
    const stream = await platform.post(
      { query: 'subscription { said(space: "a") { id } }' },
      { accept: 'text/event-stream' },
    );
    const text = stream.text();
    await platform.stop();
    expect(await text).toMatch(/^id: \S+\n\nretry: \d{1,3}\n\n$/);
  });
});
