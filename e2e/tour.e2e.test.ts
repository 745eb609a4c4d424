import { appendFileSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import {
  type Answer,
  type PlatformProcess,
  ask,
  eventually,
  makeDataDir,
  run,
  startPlatformProcess,
  tokenFor,
} from './platform-process.ts';
import { acceptedLines, refusedLines, writeSmallCommunity } from './small-community.ts';

describe('a community on one machine, from import to live events', () => {
  const data = makeDataDir();
  let platform: PlatformProcess;
  let url = '';
  let [bob, newcomer] = ['', ''];
  const idOf = new Map<string, string>();
  const codeOf = (answer: Answer): unknown => answer.errors?.[0]?.extensions?.['code'];
  /** The payload of a mutation's only field. */
  const mutate = async (
    text: string,
    variables: Record<string, unknown>,
    token: string,
  ): Promise<{ userErrors: { code: string; path: string[] }[] } & Record<string, unknown>> => {
    const answer = await ask(url, text, { variables, token });
    expect(answer.errors).toBeUndefined();
    return Object.values(answer.data ?? {})[0] as never;
  };

  beforeAll(async () => {
    const file = writeSmallCommunity(data.path);
    const load = run('main.ts', ['import', file], { DATA_DIR: data.path });
    expect(await load.ended).toBe(0);
    expect(load.said()).toContain(
      `${acceptedLines} of ${acceptedLines + refusedLines} lines loaded, ${refusedLines} refused`,
    );
    const again = run('main.ts', ['import', file], { DATA_DIR: data.path });
    expect(await again.ended).toBe(0);
    expect(again.said()).toContain('loaded already');
    const letters = run('main.ts', ['deadletters'], { DATA_DIR: data.path });
    expect(await letters.ended).toBe(0);
    expect(letters.said()).toMatch(/1 {2}import NOT_FOUND/);
    expect(letters.said()).toContain('import OUT_OF_ORDER');
    platform = await startPlatformProcess(data.path);
    url = platform.url;
    bob = await tokenFor(data.path, 'bob');
    newcomer = await tokenFor(data.path, 'zoe');
    const creators = await ask(
      url,
      '{ creators { nodes { id username } } artifacts { nodes { id title } } spaces { nodes { id name } } }',
    );
    const {
      creators: c,
      artifacts: a,
      spaces: s,
    } = creators.data as Record<string, { nodes: Record<string, string>[] }>;
    for (const node of [...(c?.nodes ?? []), ...(a?.nodes ?? []), ...(s?.nodes ?? [])])
      idOf.set(node['username'] ?? node['title'] ?? node['name'] ?? '', node['id'] ?? '');
  }, 60_000);

  afterAll(async () => {
    await platform.stop();
    data.remove();
  }, 30_000);

  test('one query crosses the subgraphs', async () => {
    const answer = await ask(
      url,
      `{ creator(username: "ann") { displayName followers { nodes { username } } collaborators { edges { weight node { username } } } mentees { nodes { username } }
         artifacts { nodes { title derivatives { nodes { title } } descendants { steps { depth artifact { title } } } } } } }`,
    );
    expect(answer.errors).toBeUndefined();
    expect(answer.data?.['creator']).toMatchObject({
      displayName: 'ANN',
      followers: { nodes: [{ username: 'bob' }] },
      collaborators: { edges: [{ weight: 1, node: { username: 'bob' } }] },
      mentees: { nodes: [{ username: 'bob' }] },
      artifacts: {
        nodes: [
          {
            derivatives: { nodes: [{ title: 'Remix' }] },
            descendants: { steps: [{ depth: 1 }, { depth: 2, artifact: { title: 'Cover' } }] },
          },
        ],
      },
    });
  });

  test('a node is found by its id alone, whatever it is', async () => {
    const answer = await ask(
      url,
      'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on Creator { username } ... on Artifact { title } ... on Space { name } } }',
      {
        variables: {
          ids: [idOf.get('ann'), idOf.get('Remix'), idOf.get('Studio'), '00000000-0000-4000-8000-000000000000'],
        },
      },
    );
    expect(answer.data?.['nodes']).toEqual([
      { __typename: 'Creator', username: 'ann' },
      { __typename: 'Artifact', title: 'Remix' },
      { __typename: 'Space', name: 'Studio' },
      null,
    ]);
  });

  test('reputation arrives from the stream, with evidence that sums to it', async () => {
    const query = `{ creator(username: "ann") { reputation { dimensions { dimension score interval { low high } positive negative explanationSumsTo { positive negative } evidence { nodes { rule counted } } } } } }`;
    type Score = {
      dimension: string;
      score: number;
      positive: number;
      negative: number;
      explanationSumsTo: { positive: number; negative: number };
      interval: { low: number; high: number };
    };
    const scores = (answer: Answer): Score[] =>
      (answer.data?.['creator'] as { reputation: { dimensions: Score[] } } | undefined)?.reputation.dimensions ?? [];
    const answer = await eventually(
      () => ask(url, query),
      (current) => scores(current).length >= 2,
    );
    for (const score of scores(answer)) {
      expect(Math.abs(score.explanationSumsTo.positive - score.positive)).toBeLessThan(1e-9);
      expect(Math.abs(score.explanationSumsTo.negative - score.negative)).toBeLessThan(1e-9);
      expect(score.interval.low).toBeLessThanOrEqual(score.score);
    }
  });

  test('trends are releases with error bars', async () => {
    const query =
      '{ metrics { id keys epsilon } trends(metric: "activity-by-kind-hour", granularity: HOUR) { series { key points { start value low high level suppressed } } } }';
    type Series = { points: { value: string; low: string; high: string; level: number }[] }[];
    const seriesOf = (answer: Answer): Series =>
      (answer.data?.['trends'] as { series: Series } | undefined)?.series ?? [];
    const answer = await eventually(
      () => ask(url, query),
      (current) => seriesOf(current).some(({ points }) => points.length > 0),
    );
    const points = seriesOf(answer).flatMap((series) => series.points);
    expect(
      points.every(
        ({ value, low, high, level }) => Number(low) < Number(value) && Number(value) < Number(high) && level > 0.5,
      ),
    ).toBe(true);
  });

  test('every question of private analytics has its answer, and the budget is told', async () => {
    const query = `{
      histogram(metric: "activity-by-kind-hour") { key value low high level suppressed }
      topKeys(metric: "activity-by-kind-hour", first: 2) { key value }
      runningTotal(metric: "activity-by-kind-hour", key: "POST", granularity: HOUR) { points { value low high } }
      quantiles(metric: "session-minutes") { q value low high level suppressed unit }
      privacyBudget(day: "2024-01-01") { day limit { rho } spent { rho epsilon } left { rho } metrics { charged } ledgerRows root { day } }
    }`;
    type Budget = { spent: { rho: string }; metrics: { charged: boolean }[] };
    const budgetOf = (answer: Answer): Budget | undefined => answer.data?.['privacyBudget'] as Budget | undefined;
    const answer = await eventually(
      () => ask(url, query),
      (current) => budgetOf(current)?.metrics.some(({ charged }) => charged) === true,
    );
    expect(budgetOf(answer)).toMatchObject({
      limit: { rho: '1/200' },
      spent: { rho: '13/10000' },
      left: { rho: '37/10000' },
    });
    expect(answer.data?.['topKeys']).toHaveLength(2);
    for (const bad of [
      '{ histogram(metric: "members-total") { key } }',
      '{ quantiles(metric: "ratings") { q } }',
      '{ topKeys(metric: "ratings", first: 1000) { key } }',
      '{ privacyBudget(day: "yesterday") { day } }',
    ])
      expect(codeOf(await ask(url, bad))).toBe('BAD_USER_INPUT');
  });

  test('canon is for those who are signed in; chains verify; personal fields are sealed', async () => {
    const query =
      '{ canonEvents(first: 100) { nodes { id type status hashVerifies prevHash payload personal sealed { subject } } } }';
    expect(codeOf(await ask(url, query))).toBe('UNAUTHENTICATED');
    type Event = { type: string; hashVerifies: boolean; personal: unknown; payload: unknown };
    const nodesOf = (answer: Answer): Event[] =>
      (answer.data?.['canonEvents'] as { nodes: Event[] } | undefined)?.nodes ?? [];
    const answer = await eventually(
      () => ask(url, query, { token: bob }),
      (current) => nodesOf(current).length >= acceptedLines,
    );
    expect(nodesOf(answer).every((event) => event.hashVerifies)).toBe(true);
    expect(JSON.stringify(nodesOf(answer))).not.toContain('canary-bio-ann');
    expect(
      nodesOf(answer)
        .filter(({ personal }) => personal !== null)
        .map(({ personal }) => JSON.stringify(personal))
        .join(),
    ).toContain('canary-bio-bob');
    const chain = await ask(url, 'query ($id: ID!) { canonChain(entityId: $id) { events verifies } }', {
      variables: { id: idOf.get('Remix') },
      token: bob,
    });
    expect(chain.data?.['canonChain']).toMatchObject({ verifies: true, events: 1 });
  });

  test('a mutation reaches a subscriber, with the author’s name from another subgraph', async () => {
    const spaceId = idOf.get('Studio');
    const joined = await mutate(
      'mutation ($id: ID!) { joinSpace(input: { spaceId: $id }) { userErrors { code path } } }',
      { id: spaceId },
      bob,
    );
    expect(joined.userErrors).toEqual([]);
    const socket = createClient({
      url: `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authToken: bob },
    });
    const events = socket.iterate({
      query:
        'subscription ($id: ID!) { collaborationEvents(spaceId: $id) { type actor { username displayName } post { body } } }',
      variables: { id: spaceId },
    });
    const first = events.next();
    // A subscription has no answer of its own that says when it stands: post until the first event comes.
    const arrived = new AbortController();
    void first.then(() => arrived.abort());
    for (let n = 0; !arrived.signal.aborted && n < 100; n += 1) {
      await mutate(
        'mutation ($id: ID!) { postToSpace(input: { spaceId: $id, body: "hello" }) { userErrors { code path } } }',
        { id: spaceId },
        bob,
      );
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect((await first).value).toMatchObject({
      data: { collaborationEvents: { actor: { username: 'bob', displayName: 'BOB' }, post: { body: 'hello' } } },
    });
    await events.return?.();
    await socket.dispose();
  });

  test('a newcomer registers once; a repeated idempotency key gives the first answer, with another input an error', async () => {
    const register =
      'mutation ($input: RegisterCreatorInput!) { registerCreator(input: $input) { creator { id username } eventIds userErrors { code path } } }';
    const input = { username: 'zoe', displayName: 'Zoe', type: 'ARTIST', idempotencyKey: 'k1' };
    const first = await mutate(register, { input }, newcomer);
    expect(first.userErrors).toEqual([]);
    expect(await mutate(register, { input }, newcomer)).toEqual(first);
    expect((await mutate(register, { input: { ...input, username: 'zoe2' } }, newcomer)).userErrors).toMatchObject([
      { code: 'IDEMPOTENCY_KEY_REUSED' },
    ]);
    expect((await mutate(register, { input: { ...input, idempotencyKey: 'k2' } }, newcomer)).userErrors).toHaveLength(
      1,
    );
  });

  test('wrong versions, unknown ids, self-follows and circles are told as data, with the field', async () => {
    const cases: [string, Record<string, unknown>, string][] = [
      [
        'mutation ($id: ID!) { follow(input: { creatorId: $id }) { userErrors { code path } } }',
        { id: idOf.get('bob') },
        'SELF_REFERENCE',
      ],
      [
        'mutation ($id: ID!) { follow(input: { creatorId: $id }) { userErrors { code path } } }',
        { id: '00000000-0000-4000-8000-000000000000' },
        'NOT_FOUND',
      ],
      [
        'mutation ($id: ID!) { reviseArtifact(input: { artifactId: $id, expectedVersion: 99 }) { userErrors { code path } } }',
        { id: idOf.get('Remix') },
        'CONFLICT',
      ],
      [
        'mutation ($id: ID!, $from: ID!) { reviseArtifact(input: { artifactId: $id, expectedVersion: 1, derivedFrom: [$from] }) { userErrors { code path } } }',
        { id: idOf.get('Remix'), from: idOf.get('Cover') },
        'CYCLE',
      ],
    ];
    for (const [text, variables, code] of cases) {
      const payload = await mutate(text, variables, bob);
      expect(payload.userErrors.map((error) => error.code)).toEqual([code]);
      expect(payload.userErrors[0]?.path[0]).toBe('input');
    }
  });

  test('huge pages, foreign cursors and bad tokens are refused with a reason', async () => {
    const big = await ask(url, '{ creators(first: 10000) { nodes { id } } }');
    expect([codeOf(big), big.errors?.[0]?.message]).toEqual(['BAD_USER_INPUT', expect.stringContaining('1 to 100')]);
    const cursor = await ask(url, '{ artifacts(first: 1) { pageInfo { endCursor } } }');
    const { endCursor } = (cursor.data?.['artifacts'] as { pageInfo: { endCursor: string } }).pageInfo;
    expect(
      codeOf(
        await ask(url, 'query ($after: String) { creators(after: $after) { nodes { id } } }', {
          variables: { after: endCursor },
        }),
      ),
    ).toBe('BAD_USER_INPUT');
    const forged = await ask(url, '{ me { id } }', { token: `${bob.slice(0, -4)}AAAA` });
    expect([forged.status, codeOf(forged)]).toEqual([401, 'UNAUTHENTICATED']);
  });

  test('a second process on the same directory, and a port in use, are told in words', async () => {
    const second = run('main.ts', [], { DATA_DIR: data.path });
    expect(await second.ended).toBe(1);
    expect(second.said()).toContain(data.path);
    expect(second.said()).not.toMatch(/\n\s+at /);
    const other = makeDataDir();
    const port = new URL(url).port;
    const blocked = run('main.ts', [], { DATA_DIR: other.path, PORT: port });
    expect(await blocked.ended).toBe(1);
    expect(blocked.said()).toContain(port);
    expect(blocked.said()).not.toMatch(/\n\s+at /);
    other.remove();
  }, 60_000);

  test('probes and metrics answer, and nothing that is sealed stands in the warehouse or the log in the clear', async () => {
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/^vcos_stream_lag_records\{stage="canon"\} \d+$/m);
    const warehouse = join(data.path, 'warehouse');
    const files = readdirSync(warehouse, { recursive: true, encoding: 'utf8' })
      .map((name) => join(warehouse, name))
      .filter((file) => statSync(file).isFile());
    const leaks = files.filter((file) => readFileSync(file).includes('canary-'));
    expect(leaks).toEqual([]);
  });

  test('a damaged data file is named, and what to do about it', async () => {
    const damaged = makeDataDir();
    appendFileSync(
      join(damaged.path, 'vcos.sqlite'),
      'this is not a database, and long enough to be taken for a damaged one'.repeat(100),
    );
    const start = run('main.ts', [], { DATA_DIR: damaged.path });
    expect(await start.ended).toBe(1);
    expect(start.said()).toContain('vcos.sqlite');
    expect(start.said()).not.toMatch(/\n\s+at /);
    damaged.remove();
  });
});
