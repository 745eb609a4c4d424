import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  AuthenticationError,
  CreatorsDocument,
  JoinSpaceDocument,
  PostToSpaceDocument,
  ReportTelemetryDocument,
  SpaceEventsDocument,
  TelemetryEstimateDocument,
  createClient,
  createTelemetry,
} from '../sdk/index.ts';
import { type CommunityPlatform, startCommunityPlatform } from './community-platform.ts';
import { startCuttingProxy } from './cutting-proxy.ts';
import { eventually, run } from './platform-process.ts';

const root = join(import.meta.dirname, '..');

const pause = (ms: number): Promise<false> => new Promise((resolve) => setTimeout(() => resolve(false), ms));

// Goal: what others install works as its page says, and its subscriptions lose nothing over bad connections.
describe('the SDK', () => {
  let platform: CommunityPlatform;
  let token = '';
  const project = mkdtempSync(join(tmpdir(), 'vcos-test-sdk-'));

  beforeAll(async () => {
    platform = await startCommunityPlatform();
    token = await platform.token('bob');
  }, 60_000);
  afterAll(async () => {
    await platform.remove();
    rmSync(project, { recursive: true });
  }, 30_000);

  /** Runs a program in the project and gives what it printed; throws with that where it fails. */
  const sh = (program: string, ...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: project, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${program} ${args.join(' ')}:\n${stdout}${stderr}`);
    return stdout;
  };

  test('the package is small, has types, needs nothing of the server, and its quick start runs', async () => {
    const packed = JSON.parse(sh('npm', 'pack', join(root, 'sdk'), '--json', '--silent')) as {
      filename: string;
      size: number;
    }[];
    expect(packed[0]?.size).toBeLessThan(40_000);
    const installed = join(project, 'node_modules/vcos-client');
    mkdirSync(join(installed, '..'), { recursive: true });
    mkdirSync(installed);
    sh('tar', 'xzf', packed[0]?.filename ?? '', '-C', installed, '--strip-components', '1');
    const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    // Only what the package says it needs can be found there.
    for (const name of Object.keys(dependencies)) {
      mkdirSync(join(project, 'node_modules', name, '..'), { recursive: true });
      symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name));
    }
    const [, code = ''] = /```ts\n([\s\S]+?)```/.exec(readFileSync(join(installed, 'README.md'), 'utf8')) ?? [];
    expect(code).toContain('http://localhost:4000');
    const file = join(project, 'quick-start.mts');
    writeFileSync(file, code.replace('http://localhost:4000', platform.url));
    sh(
      join(root, 'node_modules/.bin/tsc'),
      ...[
        '--noEmit',
        '--strict',
        '--skipLibCheck',
        '--target',
        'es2024',
        '--module',
        'nodenext',
        '--lib',
        'es2024,dom,dom.iterable',
      ],
      ...['--typeRoots', join(root, 'node_modules/@types'), '--types', 'node', file],
    );
    const quickStart = run(relative(root, file), [], { VCOS_TOKEN: token });
    // It reads one event; which one depends on when its subscription stands.
    const publisher = createClient({ url: platform.url, token });
    const ended = quickStart.ended.then(() => true);
    await publisher.request(JoinSpaceDocument, { input: { spaceId: platform.spaceId } });
    while (!(await Promise.race([ended, pause(100)])))
      await publisher.request(PostToSpaceDocument, { input: { spaceId: platform.spaceId, body: 'meanwhile' } });
    expect(await quickStart.ended).toBe(0);
    expect(quickStart.said()).toMatch(
      /^signed in as BOB\nTide \(MEDIA\)\n(.+ \(MEDIA\)\n){3}\S+: (space|artifact)\.\w+\n$/i,
    );
  }, 60_000);

  test('pages of the real list are turned to the end', async () => {
    const client = createClient({ url: platform.url });
    const names: string[] = [];
    for await (const { username } of client.items(CreatorsDocument, { first: 2 }, (data) => data.creators))
      names.push(username);
    expect(names.sort()).toEqual(['ann', 'bob', 'cyd', 'dee', 'eve']);
  });

  test('a subscription resumes over cut connections: every event once, in order', async () => {
    const proxy = await startCuttingProxy(Number(new URL(platform.url).port));
    const follower = createClient({ url: proxy.url, token, retry: { baseMs: 20, delayMsMax: 100 } });
    const author = createClient({ url: platform.url, token });
    const { spaceId } = platform;
    const post = (body: string) => author.request(PostToSpaceDocument, { input: { spaceId, body } });
    await author.request(JoinSpaceDocument, { input: { spaceId } });
    const seen: string[] = [];
    const missed: unknown[] = [];
    const watch = follower.watch(
      SpaceEventsDocument,
      { spaceId },
      {
        next: ({ collaborationEvents: { post: said } }) => said && seen.push(said.body),
        missed: (events) => missed.push(events),
        error: (error) => missed.push(error),
      },
    );
    await eventually(
      () => post('start'),
      () => seen.length > 0,
    );
    const expected = Array.from({ length: 60 }, (_, n) => `event ${n}`);
    for (const [n, body] of expected.entries()) {
      await post(body);
      if (n % 6 === 5) proxy.cut();
    }
    await eventually(
      async () => seen,
      () => seen.includes(expected.at(-1) ?? ''),
    );
    expect(seen.filter((body) => body !== 'start')).toEqual(expected);
    expect(missed).toEqual([]);
    watch.stop();
    follower.close();
    proxy.close();
  }, 30_000);

  test('a forged token is an AuthenticationError, over HTTP and over the socket', async () => {
    const client = createClient({ url: platform.url, token: `${token.slice(0, -4)}AAAA` });
    await expect(client.request(CreatorsDocument)).rejects.toBeInstanceOf(AuthenticationError);
    const events = client.subscribe(SpaceEventsDocument, { spaceId: platform.spaceId });
    await expect(events.next()).rejects.toBeInstanceOf(AuthenticationError);
    client.close();
  });

  test('anonymous answers, randomised by each client, become an estimate with its interval', async () => {
    const client = createClient({ url: platform.url, token });
    const clients = 40;
    for (let n = 0; n < clients; n += 1)
      expect(await createTelemetry(client).answer('client-kind', n % 4 === 0 ? 'DASHBOARD' : 'SCRIPT')).toBe('SENT');
    const { telemetryEstimate } = await eventually(
      () => client.request(TelemetryEstimateDocument, { question: 'client-kind' }),
      (answer) => answer.telemetryEstimate.reports === clients,
    );
    const total = telemetryEstimate.answers.reduce((sum, { value }) => sum + value, 0);
    expect(total).toBeCloseTo(clients, 6);
    for (const { low, value, high, level } of telemetryEstimate.answers) {
      expect(level).toBe(0.95);
      expect(low <= high && high <= clients && low >= 0 && value < 3 * clients).toBe(true);
    }
    const invented = { id: 'f'.repeat(32), question: 'client-kind', answers: ['SCRIPT', 'DASHBOARD'] };
    const { reportTelemetry } = await client.request(ReportTelemetryDocument, { input: { reports: [invented] } });
    expect(reportTelemetry).toMatchObject({
      accepted: 0,
      userErrors: [{ code: 'INVALID', path: ['input', 'reports', '0', 'answers'] }],
    });
  }, 30_000);
});
