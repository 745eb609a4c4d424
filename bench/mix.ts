/** The platform's own mix on one process: 70 % reads, 20 % writes, 10 % that open a subscription; latencies at half of the capacity that is measured first. */
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { WebSocket } from 'ws';
import { type CommunityPlatform, startCommunityPlatform } from '../e2e/community-platform.ts';
import { ask } from '../e2e/platform-process.ts';

const workers = 32;
const warmUpS = 5;
const capacityS = 15;
const measuredS = 30;
/** How long a subscription stays open, in milliseconds. */
const openMs = 10_000;
const barMs = 100;

/** Of ten operations in a row. */
const turns = ['read', 'read', 'write', 'read', 'read', 'subscribe', 'read', 'write', 'read', 'read'] as const;
type Kind = (typeof turns)[number];

const reads: readonly (readonly [string, string])[] = [
  [
    'profile',
    'query ($id: ID!) { creator(id: $id) { displayName lifecycle reputation { dimensions { dimension score interval { low high } } } followers(first: 10) { nodes { username displayName } } } }',
  ],
  [
    'recommendations',
    'query ($id: ID!) { creator(id: $id) { recommendedCollaborators(first: 3) { score creator { username } } artifacts(first: 5) { nodes { title tags positiveJudgements } } } }',
  ],
  ['artifacts', 'query { artifacts(first: 20) { nodes { title kind credits { creator { username } } } } }'],
  ['canon', 'query { canonEvents(first: 10) { nodes { type hlc status hash } } }'],
  ['spaces', 'query { spaces { nodes { name memberCount } } }'],
];
const write =
  'mutation ($input: PostToSpaceInput!) { postToSpace(input: $input) { post { id } userErrors { message } } }';
const subscription =
  'subscription ($spaceId: ID!) { collaborationEvents(spaceId: $spaceId) { type actor { displayName } post { body } } }';

interface Load {
  readonly platform: CommunityPlatform;
  readonly pool: Pool;
  readonly token: string;
  readonly ids: readonly string[];
  readonly latencies: Record<Kind | 'event', number[]>;
  /** Of the reads, by name. */
  readonly readLatencies: Map<string, number[]>;
  readonly sockets: Set<WebSocket>;
  failures: number;
}

/** `npm run bench -- mix` */
export async function run(): Promise<void> {
  const platform = await startCommunityPlatform({ RATE_LIMIT: '0', MAX_SUBSCRIPTIONS: '0' });
  const pool = new Pool(platform.url, { connections: 64 });
  try {
    const load = await prepare(platform, pool);
    await flatOut(load, warmUpS);
    const perS = await flatOut(load, capacityS);
    console.log(`capacity, ${workers} at once: ${perS.toFixed(0)} operations/s`);
    reset(load);
    await onTheClock(load, perS / 2);
    report(load, perS / 2);
  } finally {
    await pool.close();
    await platform.remove();
  }
}

async function prepare(platform: CommunityPlatform, pool: Pool): Promise<Load> {
  const token = await platform.token('ann');
  const found = await ask(platform.url, '{ creators(first: 50) { nodes { id } } }');
  const { nodes } = found.data?.['creators'] as { readonly nodes: readonly { readonly id: string }[] };
  const join = 'mutation ($id: ID!) { joinSpace(input: { spaceId: $id }) { userErrors { code } } }';
  await ask(platform.url, join, { variables: { id: platform.spaceId }, token });
  const latencies = { read: [], write: [], subscribe: [], event: [] };
  return {
    platform,
    pool,
    token,
    ids: nodes.map(({ id }) => id),
    latencies,
    readLatencies: new Map(),
    sockets: new Set(),
    failures: 0,
  };
}

function reset(load: Load): void {
  for (const of of Object.values(load.latencies)) of.length = 0;
  load.readLatencies.clear();
  load.failures = 0;
}

/** As many operations as so many clients get done, per second. */
async function flatOut(load: Load, seconds: number): Promise<number> {
  const endAt = performance.now() + seconds * 1_000;
  let done = 0;
  const work = async (): Promise<void> => {
    while (performance.now() < endAt) await operate(load, (done += 1));
  };
  await Promise.all(Array.from({ length: workers }, work));
  await closeSockets(load);
  return done / seconds;
}

/** Operations begin on the clock, whether or not earlier ones are done: one that waits for its turn counts as slow. */
async function onTheClock(load: Load, perS: number): Promise<void> {
  const startedAt = performance.now();
  const pending: Promise<void>[] = [];
  for (let n = 0; n < perS * measuredS; n += 1) {
    const dueAt = startedAt + (n * 1_000) / perS;
    if (dueAt > performance.now()) await sleep(dueAt - performance.now());
    pending.push(operate(load, n, dueAt));
  }
  await Promise.all(pending);
  await closeSockets(load);
}

async function operate(load: Load, n: number, sinceMs = performance.now()): Promise<void> {
  const kind = turns[n % turns.length] ?? 'read';
  try {
    if (kind === 'subscribe') await subscribe(load);
    else if (kind === 'write')
      await post(load, write, { input: { spaceId: load.platform.spaceId, body: `at ${performance.now()}` } });
    else await read(load, n, sinceMs);
    load.latencies[kind].push(performance.now() - sinceMs);
  } catch {
    load.failures += 1;
  }
}

async function read(load: Load, n: number, sinceMs: number): Promise<void> {
  // Shifted with each round of turns, so that every read has its turn.
  const [name, query] = reads[(n + Math.floor(n / turns.length)) % reads.length] ?? ['', ''];
  await post(load, query, { id: load.ids[n % load.ids.length] });
  const of = load.readLatencies.get(name) ?? [];
  load.readLatencies.set(name, of);
  of.push(performance.now() - sinceMs);
}

async function post({ pool, token }: Load, query: string, variables: object): Promise<void> {
  const { statusCode, body } = await pool.request({
    method: 'POST',
    path: '/graphql',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  const text = await body.text();
  if (statusCode !== 200 || text.includes('"errors":')) throw new Error(text);
}

/** From the socket's beginning to the server's word; then it listens for a while, and tells how old each event is. */
function subscribe({ platform, token, latencies, sockets }: Load): Promise<void> {
  return new Promise((resolve, reject) => {
    const address = `${platform.url.replace('http', 'ws')}/graphql`;
    const socket = new WebSocket(address, 'graphql-transport-ws', { perMessageDeflate: false });
    const timer = setTimeout(() => socket.close(), openMs);
    sockets.add(socket);
    socket.on('close', () => {
      clearTimeout(timer);
      sockets.delete(socket);
    });
    socket.on('error', reject);
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: { authToken: token } })));
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      if (text.includes('"connection_ack"')) {
        const payload = { query: subscription, variables: { spaceId: platform.spaceId } };
        socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload }), () => resolve());
      }
      const sentAt = /"body":"at ([\d.]+)"/.exec(text)?.[1];
      if (sentAt !== undefined) latencies.event.push(performance.now() - Number(sentAt));
    });
  });
}

async function closeSockets({ sockets }: Load): Promise<void> {
  for (const socket of sockets) socket.close();
  while (sockets.size > 0) await sleep(20);
}

function report({ latencies, readLatencies, failures }: Load, perS: number): void {
  const { event, ...operations } = latencies;
  const machine = `load average ${loadavg()[0]?.toFixed(1) ?? '?'}, this process and the platform on the same machine`;
  console.log(`at half of it, ${perS.toFixed(0)} operations/s for ${measuredS} s (${machine}):`);
  const all = Object.values(operations).flat();
  console.log(`  all          ${percentiles(all)}, ${failures} failed   (bar: p95 ${barMs} ms)`);
  for (const [kind, of] of Object.entries(operations)) console.log(`  ${kind.padEnd(12)} ${percentiles(of)}`);
  for (const [name, of] of readLatencies) console.log(`    ${name.padEnd(16)} ${percentiles(of)}`);
  console.log(`  event        ${percentiles(event)} (from sending a post to its event at a subscriber)`);
}

function percentiles(latenciesMs: readonly number[]): string {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN).toFixed(1);
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms of ${sorted.length}`;
}
