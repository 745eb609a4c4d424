/** Live subscriptions of one platform process: memory per idle subscriber, an event to thousands of them, and what forced reconnects lose. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { type CommunityPlatform, startCommunityPlatform } from '../e2e/community-platform.ts';
import { startCuttingProxy } from '../e2e/cutting-proxy.ts';
import {
  type Client,
  JoinSpaceDocument,
  PostToSpaceDocument,
  SpaceEventsDocument,
  createClient,
} from '../sdk/index.ts';

const subscribers = 9_000;
const openedAtOnce = 200;
const fanOuts = 20;
const followers = 50;
const cuts = 20;
const postsPerSecond = 50;

/** `npm run bench -- subscriptions` */
export async function run(): Promise<void> {
  const platform = await startCommunityPlatform({ RATE_LIMIT: '0', MAX_SUBSCRIPTIONS: '0' });
  try {
    const author = createClient({ url: platform.url, token: await platform.token('bob') });
    await author.request(JoinSpaceDocument, { input: { spaceId: platform.spaceId } });
    const post = createPoster(author, platform.spaceId);
    await crowd(platform, post);
    await reconnects(platform, post);
    author.close();
  } finally {
    await platform.remove();
  }
}

type Post = (body: string) => Promise<void>;

function createPoster(author: Client, spaceId: string): Post {
  return async (body) => {
    const { postToSpace } = await author.request(PostToSpaceDocument, { input: { spaceId, body } });
    if (postToSpace.userErrors[0]) throw new Error(postToSpace.userErrors[0].message);
  };
}

function print(what: string, figure: string, bar: string): void {
  console.log(`${what.padEnd(62)} ${figure}   (bar: ${bar})`);
}

/** Resident memory of the platform's process, in bytes. */
function residentBytes({ process }: CommunityPlatform): number {
  const status = readFileSync(`/proc/${String(process.child.pid)}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
}

const query = `subscription ($spaceId: ID!) { collaborationEvents(spaceId: $spaceId) { type at actor { displayName } post { body } } }`;

/** A subscriber on a socket of its own, who only counts. */
function subscribe(platform: CommunityPlatform, token: string, onEvent: () => void): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${platform.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      perMessageDeflate: false,
    });
    socket.on('error', reject);
    socket.on('open', () => {
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authToken: token } }));
    });
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      if (text.includes('"connection_ack"')) {
        const payload = { query, variables: { spaceId: platform.spaceId } };
        socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload }), () => resolve(socket));
      } else if (text.includes('"next"')) onEvent();
      else if (text.includes('"error"')) throw new Error(`a subscription was refused: ${text}`);
    });
  });
}

async function crowd(platform: CommunityPlatform, post: Post): Promise<void> {
  const token = await platform.token('ann');
  let arrived = 0;
  const warm = await Promise.all(
    Array.from({ length: openedAtOnce }, () => subscribe(platform, token, () => (arrived += 1))),
  );
  await sleep(2_000);
  const before = residentBytes(platform);
  const sockets = [...warm];
  while (sockets.length < subscribers + openedAtOnce)
    sockets.push(
      ...(await Promise.all(
        Array.from({ length: openedAtOnce }, () => subscribe(platform, token, () => (arrived += 1))),
      )),
    );
  await sleep(5_000);
  const perSubscriber = (residentBytes(platform) - before) / subscribers / 1024;
  print(`memory per idle subscriber, of ${subscribers}`, `${perSubscriber.toFixed(1)} kB`, '22 kB');
  const lastMs: number[] = [];
  for (let n = 0; n < fanOuts; n += 1) {
    arrived = 0;
    const startedAt = performance.now();
    await post(`to everybody ${n}`);
    while (arrived < sockets.length && performance.now() - startedAt < 60_000) await sleep(2);
    if (arrived !== sockets.length) throw new Error(`${arrived} of ${sockets.length} subscribers got the event`);
    lastMs.push(performance.now() - startedAt);
  }
  const sorted = lastMs.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  print(
    `an event to ${sockets.length} subscribers of one operation, last arrival`,
    `median ${median.toFixed(0)} ms, worst ${(sorted.at(-1) ?? Number.NaN).toFixed(0)} ms of ${fanOuts} (from the mutation's start)`,
    '900 ms',
  );
  for (const socket of sockets) socket.terminate();
  await sleep(1_000);
}

/** Followers of the SDK behind a proxy that breaks every connection again and again, while somebody posts. */
async function reconnects(platform: CommunityPlatform, post: Post): Promise<void> {
  const proxy = await startCuttingProxy(Number(new URL(platform.url).port));
  const token = await platform.token('ann');
  const seen = Array.from({ length: followers }, (): string[] => []);
  const faults: unknown[] = [];
  const watching = seen.map((bodies) => {
    const client = createClient({ url: proxy.url, token, retry: { baseMs: 20, delayMsMax: 100 } });
    const watch = client.watch(
      SpaceEventsDocument,
      { spaceId: platform.spaceId },
      {
        next({ collaborationEvents: { post: said } }) {
          if (said) bodies.push(said.body);
        },
        missed: (error) => faults.push(error),
        error: (error) => faults.push(error),
      },
    );
    return { client, watch };
  });
  while (seen.some((bodies) => bodies.length === 0)) {
    await post('start');
    await sleep(50);
  }
  const expected: string[] = [];
  for (let cut = 0; cut < cuts; cut += 1) {
    proxy.cut();
    for (let n = 0; n < postsPerSecond / 2; n += 1) {
      const body = `event ${expected.length}`;
      expected.push(body);
      await post(body);
      await sleep(1_000 / postsPerSecond);
    }
  }
  const last = expected.at(-1) ?? '';
  const deadline = performance.now() + 60_000;
  while (seen.some((bodies) => !bodies.includes(last)) && performance.now() < deadline) await sleep(50);
  const wrong = seen.filter((bodies) => bodies.filter((body) => body !== 'start').join() !== expected.join()).length;
  print(
    `${followers * cuts} forced reconnects under load, ${expected.length} events each`,
    `${wrong} of ${followers} followers lost, repeated or reordered one; ${faults.length} told of a gap`,
    '0',
  );
  for (const { client, watch } of watching) {
    watch.stop();
    client.close();
  }
  proxy.close();
}
