/** The figures of the spine: start, load, reads, mutations, live events, scores and memory of one platform process with the demo community. */
import { readFileSync } from 'node:fs';
import { type Client as SocketClient, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { type PlatformProcess, ask, makeDataDir, startPlatformProcess, tokenFor } from '../e2e/platform-process.ts';

const readsPerSecond = 100;
const readSeconds = 20;
const samples = 100;
const me = 'member-26';

const readQuery = `query ($id: ID!) { creator(id: $id) { displayName reputation { dimensions { dimension score interval { low high } } } followers(first: 10) { nodes { username displayName } } } }`;
const postMutation = `mutation ($input: PostToSpaceInput!) { postToSpace(input: $input) { post { id } userErrors { message } } }`;

/** `npm run bench -- spine` */
export async function run(): Promise<void> {
  const data = makeDataDir();
  try {
    const loading = performance.now();
    const first = await startPlatformProcess(data.path, { args: ['--demo'] });
    await first.until('dashboard, signed in as');
    print(
      'demo: from nothing to loaded and processed',
      `${((performance.now() - loading) / 1000).toFixed(1)} s`,
      '60 s',
    );
    print('demo', first.said().match(/demo community: .* lines loaded.*/)?.[0] ?? '', '');
    print('memory after the demo (RSS)', `${residentMb(first)} MB`, '1,000 MB');
    await first.stop();
    const starting = performance.now();
    const platform = await startPlatformProcess(data.path);
    print('start to ready, existing DATA_DIR', `${((performance.now() - starting) / 1000).toFixed(2)} s`, '3 s');
    const token = await tokenFor(data.path, me);
    await reads(platform, token);
    await writes(platform, token);
    await scores(platform, token);
    print('memory at the end (RSS)', `${residentMb(platform)} MB`, '1,000 MB');
    await platform.stop();
  } finally {
    data.remove();
  }
}

function print(what: string, figure: string, bar: string): void {
  console.log(`${what.padEnd(62)} ${figure}${bar === '' ? '' : `   (bar: ${bar})`}`);
}

function residentMb(platform: PlatformProcess): number {
  const status = readFileSync(`/proc/${String(platform.child.pid)}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}

function percentiles(latenciesMs: readonly number[]): string {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN).toFixed(1);
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms of ${sorted.length}`;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** Requests leave on the clock, whether or not earlier ones have come back. */
async function reads({ url }: PlatformProcess, token: string): Promise<void> {
  const listed = await ask(url, '{ creators(first: 100, orderBy: OLDEST) { nodes { id followerCount } } }');
  const nodes = (listed.data?.['creators'] as { nodes: { id: string; followerCount: number }[] }).nodes;
  const ids = nodes
    .toSorted((a, b) => b.followerCount - a.followerCount)
    .slice(0, 25)
    .map(({ id }) => id);
  const total = readsPerSecond * readSeconds;
  const startedAt = performance.now();
  const pending: Promise<number>[] = [];
  let failures = 0;
  for (let n = 0; n < total; n += 1) {
    const waitMs = startedAt + (n * 1000) / readsPerSecond - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    pending.push(
      timed(async () => {
        const answer = await ask(url, readQuery, { variables: { id: ids[n % ids.length] }, token });
        if (answer.errors) failures += 1;
      }),
    );
  }
  const latencies = await Promise.all(pending);
  print(
    `creator with reputation and ten followers, ${readsPerSecond}/s`,
    `${percentiles(latencies)}, ${failures} failed`,
    'p95 20 ms',
  );
}

async function writes({ url }: PlatformProcess, token: string): Promise<void> {
  const found = await ask(url, '{ spaces { nodes { id } } }');
  const spaceId = (found.data?.['spaces'] as { nodes: { id: string }[] }).nodes[0]?.id ?? '';
  await ask(url, 'mutation ($id: ID!) { joinSpace(input: { spaceId: $id }) { userErrors { code } } }', {
    variables: { id: spaceId },
    token,
  });
  const socket = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authToken: token },
  });
  const arrivals = await follow(socket, spaceId);
  const mutationMs: number[] = [];
  const eventMs: number[] = [];
  for (let n = 0; n < samples; n += 1) {
    const body = `sample ${n}`;
    const arrived = arrivals(body);
    const sentAt = performance.now();
    mutationMs.push(await timed(() => ask(url, postMutation, { variables: { input: { spaceId, body } }, token })));
    eventMs.push((await arrived) - sentAt);
  }
  await socket.dispose();
  print('a mutation (post in a space)', percentiles(mutationMs), 'p95 30 ms');
  print('from sending a mutation to its event in a subscription', percentiles(eventMs), 'p95 100 ms');
}

/** Subscribes, and resolves with a function that promises the time at which a post of this body arrives. */
async function follow(socket: SocketClient, spaceId: string): Promise<(body: string) => Promise<number>> {
  const waiting = new Map<string, (at: number) => void>();
  const connected = new Promise<void>((resolve) => socket.on('connected', () => resolve()));
  socket.subscribe<{ collaborationEvents: { post: { body: string } | null } }>(
    {
      query:
        'subscription ($spaceId: ID!) { collaborationEvents(spaceId: $spaceId) { type actor { displayName } post { body } } }',
      variables: { spaceId },
    },
    {
      next: ({ data }) => waiting.get(data?.collaborationEvents.post?.body ?? '')?.(performance.now()),
      error: (error) => console.error('subscription failed', error),
      complete: () => undefined,
    },
  );
  await connected;
  await new Promise((resolve) => setTimeout(resolve, 500));
  return (body) => new Promise((resolve) => waiting.set(body, resolve));
}

async function scores({ url }: PlatformProcess, token: string): Promise<void> {
  const found = await ask(
    url,
    '{ artifacts(first: 100) { nodes { id viewerJudgement viewerIsCredited credits { creator { id } } } } }',
    { token },
  );
  type Work = { id: string; viewerIsCredited: boolean; credits: { creator: { id: string } }[] };
  const works = (found.data?.['artifacts'] as { nodes: Work[] }).nodes
    .filter((work) => !work.viewerIsCredited)
    .slice(0, 20);
  const latencies: number[] = [];
  for (const work of works) {
    const creatorId = work.credits[0]?.creator.id ?? '';
    const before = await evidenceOf(url, creatorId, token);
    latencies.push(
      await timed(async () => {
        await ask(
          url,
          'mutation ($id: ID!) { judgeArtifact(input: { artifactId: $id, polarity: POSITIVE }) { userErrors { message } } }',
          { variables: { id: work.id }, token },
        );
        const deadline = Date.now() + 10_000;
        while ((await evidenceOf(url, creatorId, token)) === before && Date.now() < deadline)
          await new Promise((resolve) => setTimeout(resolve, 20));
      }),
    );
  }
  print('from sending a judgement to its evidence in the reputation', percentiles(latencies), '2 s');
}

/** Everything that the ledgers of a creator say, as one text to compare. */
async function evidenceOf(url: string, creatorId: string, token: string): Promise<string> {
  const answer = await ask(
    url,
    'query ($id: ID!) { reputation(creatorId: $id) { dimensions { dimension evidence(first: 1) { nodes { occurredAt rule } } } } }',
    {
      variables: { id: creatorId },
      token,
    },
  );
  return JSON.stringify(answer.data);
}
