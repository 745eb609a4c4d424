import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import {
  type PlatformProcess,
  ask,
  eventually,
  makeDataDir,
  startPlatformProcess,
  tokenFor,
} from './platform-process.ts';

/** Goal: the tour of the README does what it says, on the demo community, as a reader would paste it. */
describe('the README’s tour', () => {
  const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8');
  const operations = [...readme.matchAll(/```graphql\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
  const find = (part: string): string => {
    const operation = operations.find((text) => text.includes(part));
    if (operation === undefined) throw new Error(`no operation of the README has ${part}`);
    return operation;
  };
  const data = makeDataDir();
  let platform: PlatformProcess;
  let token = '';
  let spaceId = '';

  beforeAll(async () => {
    platform = await startPlatformProcess(data.path, { args: ['--demo'] });
    await platform.until('dashboard, signed in as');
    token = await tokenFor(data.path, 'ada');
  }, 180_000);

  afterAll(async () => {
    await platform.stop();
    data.remove();
  }, 30_000);

  test('the demo is loaded, and says what was refused', () => {
    expect(platform.said()).toMatch(
      /demo community: \d+ of \d+ lines loaded and processed in .* s; \d+ that the rules refuse are in the dead letters/,
    );
  });

  test('every query answers without errors', async () => {
    const queries = operations.filter((text) => text.startsWith('query') && !text.includes('canonEvents'));
    expect(queries.length).toBeGreaterThanOrEqual(4);
    for (const query of queries) {
      const answer = await ask(platform.url, query);
      expect(answer.errors).toBeUndefined();
      expect(JSON.stringify(answer.data)).not.toMatch(/^\{"\w+":(null|\[\])\}$/);
    }
  });

  test('a newcomer registers, and the second answer is the first', async () => {
    const register = find('registerCreator');
    const first = await ask(platform.url, register, { token });
    expect(first).toMatchObject({ data: { registerCreator: { creator: { username: 'ada' }, userErrors: [] } } });
    expect(await ask(platform.url, register, { token })).toEqual(first);
  });

  test('what is posted in the common room reaches whoever watches it', async () => {
    const spaces = await ask(platform.url, find('query { spaces'));
    spaceId = (spaces.data?.['spaces'] as { nodes: { id: string }[] }).nodes[0]?.id ?? '';
    const socket = createClient({
      url: `${platform.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authToken: token },
    });
    const events = socket.iterate({ query: find('subscription'), variables: { spaceId } });
    const bodies: unknown[] = [];
    const talk = find('joinSpace');
    const arrived = new AbortController();
    void (async () => {
      for await (const event of events) {
        const happened = event.data?.['collaborationEvents'] as {
          actor: { displayName: string };
          post: { body: string } | null;
        };
        if (happened.post) bodies.push([happened.actor.displayName, happened.post.body]);
        if (bodies.length > 0) return arrived.abort();
      }
    })();
    for (let n = 0; !arrived.signal.aborted && n < 100; n += 1) {
      const answer = await ask(platform.url, talk, { variables: { spaceId }, token });
      expect(answer.errors).toBeUndefined();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(bodies).toEqual([['Ada', 'Hello, everybody.']]);
    await socket.dispose();
  });

  test('canon shows one’s own personal fields, and nothing to those who are not signed in', async () => {
    const query = find('canonEvents');
    expect((await ask(platform.url, query)).errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
    // Canon is a stream's work: it has the event moments after the mutation's answer.
    const answer = await eventually(
      () => ask(platform.url, query, { token }),
      ({ data }) => JSON.stringify(data).includes('Hello, everybody.'),
    );
    expect(answer.errors).toBeUndefined();
  });
});
