import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { openEmbeddedEngines } from '../../infra/embedded-engines.ts';
import type { EmbeddedEngines } from '../../infra/embedded-engines.ts';
import { topics } from '../../schema/topics.ts';
import { liveSources, startPlatform } from '../scenarios/platform.ts';
import type { Platform } from '../scenarios/platform.ts';

// Goal: whoever loses the connection, at any moment and as often as it may be, gets every event exactly once.
const topic = topics.events.name;
let engines: EmbeddedEngines;
let platform: Platform;
beforeAll(async () => {
  engines = await openEmbeddedEngines();
  const cursorKey = new Uint8Array(32).fill(1);
  platform = await startPlatform({
    live: { log: engines.eventLog, sources: liveSources, cursorKey },
    // Small, so that replays meet their bounds.
    limits: { subscriptionQueueMax: 24 },
  });
});
afterAll(async () => {
  await platform.stop();
  await engines.close();
});

async function append(space: string, ids: readonly number[]): Promise<void> {
  const record = (at: string, id: string): Parameters<typeof engines.eventLog.append>[0][number] => ({
    topic,
    key: at,
    id: `${at} ${id}`,
    value: JSON.stringify({ space: at, id }),
  });
  await engines.eventLog.append(ids.flatMap((id) => [record(space, String(id)), record('elsewhere', `${space}${id}`)]));
}

/**
 * Writes numbers in batches of changing size until the clients had enough connections, never far ahead of what was read. The last one is told before it is
 * written: whoever reads it must know that nothing follows.
 */
async function write(
  space: string,
  {
    enough,
    read,
    tellLast,
  }: { enough: () => boolean; read: () => number | undefined; tellLast: (last: number) => void },
): Promise<void> {
  let next = 0;
  while (!enough()) {
    // A subscription begins with what comes after it: until it is open nobody reads, and whoever waited for that would wait for ever.
    const hasBegun = read() !== undefined;
    const ids = Array.from({ length: hasBegun ? 8 + (next % 23) : 1 }, (_, index) => next + index);
    await append(space, ids);
    next += ids.length;
    do await new Promise((resolve) => setTimeout(resolve, hasBegun ? 1 : 10));
    while (next - (read() ?? next) > 100 && !enough());
  }
  tellLast(next);
  await append(space, [next]);
}

interface Read {
  readonly id: number;
  readonly cursor: string;
}
/** Reads events after a cursor until the visitor says enough; then the connection is cut. */
type Connect = (space: string, resume: string | null, visit: (event: Read | string) => boolean) => Promise<void>;

const query = (space: string): string => `subscription { said(space: "${space}") { id } }`;
interface Message {
  readonly data: { readonly said: { readonly id: string } };
  readonly extensions: { readonly cursor: string; readonly lagged?: number };
}
const readOf = ({ data, extensions }: Message): Read => {
  expect(extensions.lagged).toBeUndefined();
  return { id: Number(data.said.id), cursor: extensions.cursor };
};

const overSse: Connect = async (space, resume, visit) => {
  const controller = new AbortController();
  const response = await fetch(platform.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...(resume === null ? {} : { 'last-event-id': resume }),
    },
    body: JSON.stringify({ query: query(space) }),
    signal: controller.signal,
  });
  expect(response.status).toBe(200);
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const block = text.slice(0, end);
      text = text.slice(end + 2);
      const id = /^id: (.+)$/m.exec(block)?.[1] ?? '';
      const data = /^data: (.+)$/m.exec(block)?.[1];
      const event = data === undefined ? id : readOf(JSON.parse(data) as Message);
      if (typeof event !== 'string') expect(event.cursor).toBe(id);
      if (visit(event)) continue;
      controller.abort();
      return;
    }
  }
};

const overWebSocket: Connect = async (space, resume, visit) => {
  const client = createClient({ url: platform.webSocketUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
  const extensions = resume === null ? {} : { extensions: { resume } };
  for await (const message of client.iterate({ query: query(space), ...extensions }))
    if (!visit(readOf(message as unknown as Message))) break;
  client.terminate();
};

/** Reads `space` over connections that are cut after a few events each, and tells how often each number came. */
async function readCut(
  connect: Connect,
  space: string,
  { connections, last, seen }: { connections: number; last: () => number | null; seen: number[] },
): Promise<number> {
  let cursor: string | null = null;
  let reconnects = 0;
  const done = (): boolean => last() !== null && seen.at(-1) === last();
  for (; !done(); reconnects += 1) {
    // Near the end the connection is kept, so that the rest can be read in one.
    let left = reconnects >= connections ? Infinity : (reconnects * 7) % 5;
    await connect(space, cursor, (event) => {
      if (typeof event === 'string') {
        cursor = event;
        return left > 0;
      }
      cursor = event.cursor;
      seen.push(event.id);
      left -= 1;
      return left > 0 && !done();
    });
  }
  return reconnects;
}

describe('resuming', () => {
  test.each<[string, Connect, string]>([
    ['server-sent events', overSse, 's'],
    ['graphql-transport-ws', overWebSocket, 'w'],
  ])(
    'over %s: 40 forced reconnects under load lose and repeat nothing',
    async (_name, connect, space) => {
      // `npm run bench -- subscriptions` does it a thousand times.
      const connections = 40;
      let begun = 0;
      let last: number | null = null;
      const counted: Connect = (...args) => {
        begun += 1;
        return connect(...args);
      };
      const seen: number[] = [];
      const reading = readCut(counted, space, { connections, seen, last: () => last });
      await write(space, {
        enough: () => begun > connections,
        read: () => seen.at(-1),
        tellLast: (number) => (last = number),
      });
      expect(await reading).toBeGreaterThan(connections);
      const first = seen[0] ?? 0;
      expect(seen).toEqual(Array.from({ length: Number(last) + 1 - first }, (_, index) => first + index));
    },
    60_000,
  );

  test('a reader who is slower than the replay, and than the writers, still gets everything', async () => {
    const space = 'slow';
    let start = '';
    await overSse(space, null, (event) => {
      if (typeof event === 'string') start = event;
      return false;
    });
    const ids = Array.from({ length: 400 }, (_, index) => index);
    await append(space, ids);
    const client = createClient({ url: platform.webSocketUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
    const seen: number[] = [];
    let more = 400;
    for await (const message of client.iterate({ query: query(space), extensions: { resume: start } })) {
      seen.push(readOf(message as unknown as Message).id);
      // Writers go on while the replay runs: more than the queue holds, in one commit.
      if (seen.length % 50 === 0 && more < 600) {
        await append(
          space,
          Array.from({ length: 50 }, (_, index) => more + index),
        );
        more += 50;
      }
      if (seen.length === 600) break;
    }
    await client.dispose();
    expect(seen).toEqual(Array.from({ length: 600 }, (_, index) => index));
  });
});
