import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type EmbeddedEngines, openEmbeddedEngines } from '../../infra/embedded-engines.ts';
import { topics } from '../../schema/topics.ts';
import { seedCreators, seedErased } from '../relationships/testing.ts';
import { type SubgraphBench, createBench } from '../shared/testing.ts';
import { createArtifactsSubgraph } from './subgraph.ts';

// Goal: through the subgraph's own schema, on the real store: works are published, derived, revised, judged and accepted;
// whoever may not see one gets null; and no text of theirs stands in the log in the clear.
let engines: EmbeddedEngines;
let bench: SubgraphBench;

beforeAll(async () => {
  engines = await openEmbeddedEngines();
  bench = createBench(createArtifactsSubgraph(), engines);
  await seedCreators(engines.store, ['ada', 'bob', 'cyd', 'lea']);
});
afterAll(() => engines.close());

interface Payload {
  readonly artifact: { readonly id: string; readonly version: number; readonly [field: string]: unknown } | null;
  readonly contribution?: { readonly id: string; readonly [field: string]: unknown } | null;
  readonly eventIds: readonly string[];
  readonly userErrors: readonly { readonly code: string; readonly path: readonly string[] }[];
}

const fields = 'id title tags revision version positiveJudgements negativeJudgements viewerJudgement acceptedAt';
const results: Readonly<Record<string, string>> = {
  contributeToArtifact: 'contribution { id kind merged text contributor { id } }',
};

async function mutate(login: string, name: string, input: Record<string, unknown>): Promise<Payload> {
  const type = `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}Input`;
  const result = results[name] ?? `artifact { ${fields} }`;
  const operation = `mutation ($input: ${type}!) { ${name}(input: $input) { ${result} eventIds userErrors { code path } } }`;
  const data = await bench.query<Record<string, Payload>>(login, operation, { input });
  return data[name] as Payload;
}

async function publish(login: string, more: Record<string, unknown> = {}): Promise<string> {
  const { artifact, userErrors } = await mutate(login, 'publishArtifact', { title: 'A work', kind: 'CODE', ...more });
  if (artifact === null) throw new Error(userErrors.map(({ code }) => code).join());
  return artifact.id;
}

async function refusal(login: string, name: string, input: Record<string, unknown>): Promise<readonly string[]> {
  const before = await bench.events();
  const { artifact, eventIds, userErrors } = await mutate(login, name, input);
  expect(artifact ?? null).toBeNull();
  expect(eventIds).toEqual([]);
  expect(await bench.events()).toHaveLength(before.length);
  return userErrors.map(({ code }) => code);
}

describe('publishing and revising', () => {
  test('credits nobody who has left', async () => {
    await seedCreators(engines.store, ['ivo']);
    await engines.store.transact((tx) => tx.patch('Creator', 'ivo', { state: 'MIGRATED' }));
    const credits = ['ada', 'ivo'].map((creatorId) => ({ creatorId, sharePercent: 50 }));
    expect(await refusal('ada', 'publishArtifact', { title: 'A work', kind: 'CODE', credits })).toEqual(['NOT_FOUND']);
  });

  test('who has left makes, judges and answers nothing more, and may take a judgement back', async () => {
    const [others, own] = [await publish('ada'), await publish('lea')];
    await mutate('lea', 'judgeArtifact', { artifactId: others, polarity: 'POSITIVE' });
    await engines.store.transact((tx) => tx.patch('Creator', 'lea', { state: 'MIGRATED' }));
    for (const [name, input] of [
      ['publishArtifact', { title: 'A work', kind: 'CODE' }],
      ['deriveArtifact', { title: 'A work', kind: 'CODE', derivedFrom: [others] }],
      ['reviseArtifact', { artifactId: own, expectedVersion: 1, title: 'Another' }],
      ['judgeArtifact', { artifactId: others, polarity: 'NEGATIVE' }],
      ['contributeToArtifact', { artifactId: others, kind: 'COMMENT', text: 'well' }],
    ] as const)
      expect([name, await refusal('lea', name, input)]).toEqual([name, ['FORBIDDEN']]);
    expect(await mutate('lea', 'withdrawJudgement', { artifactId: others })).toMatchObject({ userErrors: [] });
  });

  test('a work is published once per key, with an event of its chain caused by what it derives from', async () => {
    const source = await publish('ada');
    const input = {
      title: 'Derived',
      kind: 'MEDIA',
      tags: ['A', 'b'],
      derivedFrom: [source],
      credits: [
        { creatorId: 'bob', sharePercent: 60 },
        { creatorId: 'ada', sharePercent: 40 },
      ],
      idempotencyKey: 'k',
    };
    const answer = await mutate('bob', 'publishArtifact', input);
    expect(answer).toMatchObject({
      artifact: { title: 'Derived', tags: ['a', 'b'], revision: 1, version: 1 },
      userErrors: [],
    });
    expect(await mutate('bob', 'publishArtifact', input)).toEqual(answer);
    const events = await bench.events();
    const [sourceEvent, event] = events.slice(-2);
    expect(event).toMatchObject({
      id: answer.eventIds[0],
      type: 'artifact.published',
      entityVersion: 1,
      actor: 'bob',
      causedBy: [sourceEvent?.id],
    });
    expect(event?.sealed.map(({ subject }) => subject)).toEqual(['bob']);
  });

  test('a revision names the version that was read; what is left out stays', async () => {
    const id = await publish('ada', { title: 'First', tags: ['x'], summary: 'kept' });
    const revise = { artifactId: id, expectedVersion: 1, title: 'Second', contentHash: 'h2', note: 'better' };
    expect(await mutate('ada', 'reviseArtifact', revise)).toMatchObject({
      artifact: { title: 'Second', tags: ['x'], revision: 2, version: 2 },
    });
    expect(await refusal('ada', 'reviseArtifact', revise)).toEqual(['CONFLICT']);
    expect(await refusal('bob', 'reviseArtifact', { ...revise, expectedVersion: 2 })).toEqual(['FORBIDDEN']);
    const { artifact } = await bench.query<{ artifact: unknown }>(
      'cyd',
      `{ artifact(id: "${id}") { summary revisions { nodes { revision contentHash note revisedBy { id } } } } }`,
    );
    expect(artifact).toMatchObject({
      summary: 'kept',
      revisions: {
        nodes: [
          { revision: 2, contentHash: 'h2', note: 'better', revisedBy: { id: 'ada' } },
          { revision: 1, note: '' },
        ],
      },
    });
  });

  test('neither somebody erased nor one who has blocked the publisher is credited', async () => {
    await seedCreators(engines.store, ['gone', 'eve']);
    await seedErased(engines.store, 'gone');
    await engines.store.transact((tx) =>
      tx.link({ type: 'BLOCKS', from: 'eve', to: 'cyd', props: { since: '2024-01-01T00:00:00.000Z' } }),
    );
    const work = (creatorId: string): Record<string, unknown> => ({
      title: 'About somebody',
      kind: 'META',
      credits: ['cyd', creatorId].map((each) => ({ creatorId: each, sharePercent: 0 })),
    });
    expect(await refusal('cyd', 'publishArtifact', work('gone'))).toEqual(['NOT_FOUND']);
    expect(await refusal('cyd', 'publishArtifact', work('eve'))).toEqual(['BLOCKED']);
  });

  test('the largest revision that the limits allow fits into an event', async () => {
    const names = Array.from({ length: 64 }, (_, index) => `${String(index).padStart(2, '0')}-${'c'.repeat(33)}`);
    await seedCreators(engines.store, names);
    const [login = ''] = names;
    const credits = names.map((creatorId) => ({ creatorId, sharePercent: 1.56 }));
    const derivedFrom: string[] = [];
    for (let index = 0; index < 16; index += 1)
      derivedFrom.push(await publish(login, { credits: index < 6 ? credits : credits.slice(0, index < 13 ? 8 : 2) }));
    const artifactId = await publish(login, { credits });
    const long = (length: number): string => '丐'.repeat(length);
    const { artifact, userErrors } = await mutate(login, 'reviseArtifact', {
      ...{ artifactId, expectedVersion: 1, derivedFrom, title: long(300), summary: long(2_000), note: long(2_000) },
      ...{ tags: Array.from({ length: 20 }, (_, index) => `${long(62)}${10 + index}`), contentHash: long(128) },
    });
    expect(userErrors).toEqual([]);
    expect(artifact?.['revision']).toBe(2);
  });

  test('a circle of derivations is refused, however long', async () => {
    const first = await publish('ada');
    const second = await publish('ada', { derivedFrom: [first] });
    const third = await publish('ada', { derivedFrom: [second] });
    expect(
      await refusal('ada', 'reviseArtifact', { artifactId: first, expectedVersion: 1, derivedFrom: [third] }),
    ).toEqual(['CYCLE']);
    expect(
      await refusal('ada', 'reviseArtifact', { artifactId: first, expectedVersion: 1, derivedFrom: [first] }),
    ).toEqual(['CYCLE']);
    expect(
      await mutate('ada', 'reviseArtifact', { artifactId: third, expectedVersion: 1, derivedFrom: [first] }),
    ).toMatchObject({ userErrors: [] });
    expect(await refusal('ada', 'deriveArtifact', { title: 'None', kind: 'CODE', derivedFrom: [] })).toEqual([
      'INVALID',
    ]);
    expect(await refusal('ada', 'deriveArtifact', { title: 'None', kind: 'CODE', derivedFrom: ['nowhere'] })).toEqual([
      'NOT_FOUND',
    ]);
  });

  test('strangers to the platform are told to sign in or to register', async () => {
    const operation = 'mutation { publishArtifact(input: { title: "x", kind: CODE }) { artifact { id } } }';
    expect((await bench.ask(null, operation)).errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
    expect((await bench.ask('nobody', operation)).errors?.[0]?.extensions['code']).toBe('UNREGISTERED');
  });
});

describe('what others do with a work', () => {
  test('one judgement of a creator stands at a time', async () => {
    const id = await publish('ada');
    expect(await mutate('bob', 'judgeArtifact', { artifactId: id, polarity: 'POSITIVE' })).toMatchObject({
      artifact: { positiveJudgements: 1, viewerJudgement: 'POSITIVE', version: 1 },
    });
    expect(await refusal('bob', 'judgeArtifact', { artifactId: id, polarity: 'NEGATIVE' })).toEqual(['ALREADY_DONE']);
    expect(await refusal('ada', 'judgeArtifact', { artifactId: id, polarity: 'POSITIVE' })).toEqual(['SELF_REFERENCE']);
    expect(await mutate('bob', 'withdrawJudgement', { artifactId: id })).toMatchObject({
      artifact: { positiveJudgements: 0, viewerJudgement: null },
    });
    expect(await refusal('bob', 'withdrawJudgement', { artifactId: id })).toEqual(['NOT_FOUND']);
    expect(await mutate('bob', 'judgeArtifact', { artifactId: id, polarity: 'NEGATIVE' })).toMatchObject({
      artifact: { negativeJudgements: 1, viewerJudgement: 'NEGATIVE' },
    });
    const chain = (await bench.events()).filter(
      ({ entity }) => entity.type === 'Judgement' && entity.id === `bob|${id}`,
    );
    expect(chain.map(({ type, entityVersion }) => [type, entityVersion])).toEqual([
      ['artifact.judged', 1],
      ['artifact.judgement-withdrawn', 2],
      ['artifact.judged', 3],
    ]);
  });

  test('the owner of the source accepts a derived work, once', async () => {
    const question = await publish('ada', { kind: 'META' });
    const answer = await publish('bob', { derivedFrom: [question] });
    expect(await refusal('bob', 'acceptArtifact', { artifactId: answer })).toEqual(['FORBIDDEN']);
    const accepted = await mutate('ada', 'acceptArtifact', { artifactId: answer });
    expect(accepted.artifact?.['acceptedAt']).toMatch(/^\d{4}-/);
    expect((await bench.events()).at(-1)).toMatchObject({
      type: 'artifact.accepted',
      payload: { artifactId: answer, answersId: question, isDerived: true, credits: [{ creatorId: 'bob' }] },
    });
    expect(await refusal('ada', 'acceptArtifact', { artifactId: answer })).toEqual(['ALREADY_DONE']);
  });

  test('whoever contributes to a work has worked with its authors, once more each time; commenting on one’s own is alone', async () => {
    const id = await publish('ada');
    const [before] = await engines.store.edges('COLLABORATES_WITH', [{ from: 'ada', to: 'cyd' }]);
    expect(before).toBeNull();
    await mutate('cyd', 'contributeToArtifact', { artifactId: id, kind: 'COMMENT', text: 'well done' });
    await mutate('ada', 'contributeToArtifact', { artifactId: id, kind: 'COMMENT', text: 'thank you' });
    await mutate('cyd', 'contributeToArtifact', { artifactId: id, kind: 'EDIT', text: 'a typo' });
    const [after] = await engines.store.edges('COLLABORATES_WITH', [{ from: 'ada', to: 'cyd' }]);
    expect(after?.props.weight).toBe(2);
  });

  test('edits and comments are listed; nobody says of their own edit that it was merged', async () => {
    const id = await publish('ada');
    expect(await mutate('bob', 'contributeToArtifact', { artifactId: id, kind: 'EDIT', text: 'a typo' })).toMatchObject(
      { contribution: { kind: 'EDIT', merged: false, text: 'a typo', contributor: { id: 'bob' } } },
    );
    expect(await refusal('ada', 'contributeToArtifact', { artifactId: id, kind: 'EDIT', text: 'mine' })).toEqual([
      'SELF_REFERENCE',
    ]);
    for (const text of ['', ' ', '\u200b\u2060'])
      expect(await refusal('bob', 'contributeToArtifact', { artifactId: id, kind: 'COMMENT', text })).toEqual([
        'INVALID',
      ]);
    await engines.store.transact((tx) =>
      tx.link({ type: 'BLOCKS', from: 'ada', to: 'cyd', props: { since: '2024-01-01T00:00:00.000Z' } }),
    );
    expect(await refusal('cyd', 'contributeToArtifact', { artifactId: id, kind: 'COMMENT', text: 'hello' })).toEqual([
      'BLOCKED',
    ]);
    const { artifact } = await bench.query<{ artifact: unknown }>(
      null,
      `{ artifact(id: "${id}") { contributions { nodes { kind text } } } }`,
    );
    expect(artifact).toEqual({ contributions: { nodes: [{ kind: 'EDIT', text: 'a typo' }] } });
  });
});

describe('seeing', () => {
  test('restricted and private works are null, or left out, for all but those credited', async () => {
    const open = await publish('ada');
    const hidden = await publish('ada', {
      visibility: 'PRIVATE',
      derivedFrom: [open],
      credits: [
        { creatorId: 'ada', sharePercent: 50 },
        { creatorId: 'bob', sharePercent: 50 },
      ],
    });
    const behind = await publish('ada', { visibility: 'PUBLIC', derivedFrom: [hidden] });
    const query = `query ($hidden: ID!, $open: ID!, $refs: [_Any!]!) {
      artifact(id: $hidden) { title }
      open: artifact(id: $open) { derivatives { nodes { id } } descendants { steps { depth artifact { id } derived { id } source { id } } } }
      _entities(representations: $refs) { ... on Artifact { id } ... on Creator { artifacts(first: 2) { nodes { id } pageInfo { hasNextPage } } } }
    }`;
    const variables = {
      hidden,
      open,
      refs: [
        { __typename: 'Artifact', id: hidden },
        { __typename: 'Creator', id: 'ada' },
      ],
    };
    const seenByCyd = await bench.query<Record<string, unknown>>('cyd', query, variables);
    expect(seenByCyd).toMatchObject({
      artifact: null,
      open: { derivatives: { nodes: [] }, descendants: { steps: [] } },
    });
    expect(seenByCyd['_entities']).toMatchObject([
      null,
      { artifacts: { nodes: [{ id: behind }, { id: open }], pageInfo: { hasNextPage: true } } },
    ]);
    const seenByBob = await bench.query<Record<string, unknown>>('bob', query, variables);
    expect(seenByBob).toMatchObject({
      artifact: { title: 'A work' },
      open: {
        descendants: {
          steps: [
            { depth: 1, artifact: { id: hidden }, derived: { id: hidden }, source: { id: open } },
            { depth: 2, artifact: { id: behind } },
          ],
        },
      },
      _entities: [{ id: hidden }, { artifacts: { nodes: [{ id: behind }, { id: hidden }] } }],
    });
    expect(await refusal('cyd', 'judgeArtifact', { artifactId: hidden, polarity: 'POSITIVE' })).toEqual(['NOT_FOUND']);
    expect(await refusal('cyd', 'deriveArtifact', { title: 'x', kind: 'CODE', derivedFrom: [hidden] })).toEqual([
      'NOT_FOUND',
    ]);
  });

  test('public works are listed page by page, by kind and tag; cursors of another list are refused', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 5; index++)
      ids.push(await publish('bob', { tags: ['Listed'], kind: index % 2 ? 'DATA' : 'MEDIA' }));
    await publish('bob', { tags: ['listed'], visibility: 'RESTRICTED' });
    const list = async (
      args: string,
    ): Promise<{ nodes: { id: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } }> =>
      (
        await bench.query<{
          artifacts: { nodes: { id: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
        }>(null, `{ artifacts(tag: "LISTED", ${args}) { nodes { id } pageInfo { hasNextPage endCursor } } }`)
      ).artifacts;
    const first = await list('first: 3');
    const second = await list(`first: 3, after: "${first.pageInfo.endCursor}"`);
    expect([...first.nodes, ...second.nodes].map(({ id }) => id)).toEqual([...ids].reverse());
    expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false]);
    expect((await list('kind: DATA')).nodes).toHaveLength(2);
    await publish('bob', { tags: ['Cafe\u0301  noir'] });
    const written = await bench.query<{ artifacts: { nodes: unknown[] } }>(
      null,
      '{ artifacts(tag: " Café noir") { nodes { id } } }',
    );
    expect(written.artifacts.nodes).toHaveLength(1);
    const foreign = await bench.ask(null, `{ artifacts(after: "${first.pageInfo.endCursor}") { nodes { id } } }`);
    expect(foreign.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'after' });
    expect((await bench.ask(null, '{ artifacts(first: 101) { nodes { id } } }')).errors?.[0]?.message).toMatch(
      /1 to 100, not 101/,
    );
    expect(
      (await bench.ask(null, `{ artifact(id: "${String(ids[0])}") { ancestry(maxDepth: 21) { isTruncated } } }`))
        .errors?.[0]?.message,
    ).toMatch(/1 to 20/);
  });
});

describe('the log', () => {
  test('holds no title, summary, note or text in the clear', async () => {
    const canary = (name: string): string => `canary-${name}-${crypto.randomUUID()}`;
    const texts = { title: canary('title'), summary: canary('summary'), note: canary('note'), text: canary('text') };
    const id = await publish('ada', { title: texts.title, summary: texts.summary });
    await mutate('ada', 'reviseArtifact', { artifactId: id, expectedVersion: 1, note: texts.note });
    await mutate('bob', 'contributeToArtifact', { artifactId: id, kind: 'COMMENT', text: texts.text });
    const records = await engines.eventLog.read({ topic: topics.events.name, partition: 0, from: 0, limit: 100_000 });
    const log = records.map(({ value }) => value ?? '').join('\n');
    expect(log).toContain(id);
    for (const text of Object.values(texts)) {
      expect(log).not.toContain(text);
      expect(log).not.toContain(Buffer.from(text).toString('base64').slice(4, 40));
    }
  });
});
