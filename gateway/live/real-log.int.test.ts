import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { openEmbeddedEngines } from '../../infra/embedded-engines.ts';
import type { EmbeddedEngines } from '../../infra/embedded-engines.ts';
import { topics } from '../../schema/topics.ts';
import { liveSources, startPlatform } from '../scenarios/platform.ts';
import type { Platform } from '../scenarios/platform.ts';

// Goal: on the embedded log, every event that is committed after a subscription began reaches it once, in order and soon.
let engines: EmbeddedEngines;
let platform: Platform;
beforeAll(async () => {
  engines = await openEmbeddedEngines();
  await append(Array.from({ length: 50 }, (_, index) => `before ${index}`));
  platform = await startPlatform({ live: { log: engines.eventLog, sources: liveSources } });
});
afterAll(async () => {
  await platform.stop();
  await engines.close();
});

async function append(ids: readonly string[]): Promise<void> {
  const topic = topics.events.name;
  await engines.eventLog.append(ids.map((id) => ({ topic, key: 'a', id, value: JSON.stringify({ space: 'a', id }) })));
}

describe('subscriptions on the embedded log', () => {
  test('nothing from before, everything from after, while writers go on', async () => {
    const client = createClient({ url: platform.webSocketUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
    const iterator = client.iterate({ query: 'subscription { said(space: "a") { id } }' });
    const state = { begun: false };
    const first = iterator.next().then(() => {
      state.begun = true;
    });
    // A client is told of no beginning, so probes are sent until the first one arrives.
    for (let probe = 0; !state.begun; probe += 1) {
      await append([`probe ${probe}`]);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await first;
    const expected = Array.from({ length: 200 }, (_, index) => `after ${index}`);
    for (let index = 0; index < expected.length; index += 8) await append(expected.slice(index, index + 8));
    const seen: string[] = [];
    while (seen.length < expected.length) {
      const { value } = (await iterator.next()) as { value: { data: { said: { id: string } } } };
      const { id } = value.data.said;
      if (!id.startsWith('probe')) seen.push(id);
    }
    expect(seen).toEqual(expected);
    await client.dispose();
  });
});
