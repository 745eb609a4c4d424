import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type EmbeddedEngines, openEmbeddedEngines } from '../../infra/embedded-engines.ts';
import type { LogRecord } from '../../engines/event-log/port.ts';
import { liveSources } from '../../schema/live.ts';
import { topics } from '../../schema/topics.ts';
import { seedCreators, seedErased } from '../relationships/testing.ts';
import { type SubgraphBench, createBench } from '../shared/testing.ts';
import { createCollaborationSubgraph } from './subgraph.ts';

// Goal: through the subgraph's own schema, on the real store: spaces are made, entered, left and talked in by those who may;
// live events reach those who may watch; and no name or post stands in the log in the clear.
let engines: EmbeddedEngines;
let bench: SubgraphBench;

beforeAll(async () => {
  engines = await openEmbeddedEngines();
  bench = createBench(createCollaborationSubgraph(), engines);
  await seedCreators(engines.store, ['ada', 'bob', 'cyd', 'dan']);
});
afterAll(() => engines.close());

interface Payload {
  readonly space?: { readonly id: string; readonly [field: string]: unknown } | null;
  readonly invitation?: { readonly id: string; readonly [field: string]: unknown } | null;
  readonly post?: { readonly id: string; readonly [field: string]: unknown } | null;
  readonly eventIds: readonly string[];
  readonly userErrors: readonly { readonly code: string; readonly path: readonly string[] }[];
}

const invitation = 'invitation { id state role inviter { id } invitee { id } space { name } }';
const results: Readonly<Record<string, string>> = {
  inviteToSpace: invitation,
  answerInvitation: invitation,
  revokeInvitation: invitation,
  postToSpace: 'post { id body author { id } inReplyTo { id } space { id } }',
};

async function mutate(login: string, name: string, input: Record<string, unknown>): Promise<Payload> {
  const type = `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}Input`;
  const result = results[name] ?? 'space { id name kind memberCount viewerRole viewerCanWatch parent { id } }';
  const operation = `mutation ($input: ${type}!) { ${name}(input: $input) { ${result} eventIds userErrors { code path } } }`;
  const data = await bench.query<Record<string, Payload>>(login, operation, { input });
  return data[name] as Payload;
}

async function makeSpace(login: string, more: Record<string, unknown> = {}): Promise<string> {
  const { space, userErrors } = await mutate(login, 'createSpace', { name: 'Lab', kind: 'COLLABORATION', ...more });
  if (!space) throw new Error(userErrors.map(({ code }) => code).join());
  return space.id;
}

async function invite(login: string, spaceId: string, inviteeId: string, role = 'MEMBER'): Promise<string> {
  const answer = await mutate(login, 'inviteToSpace', { spaceId, inviteeId, role });
  if (!answer.invitation) throw new Error(answer.userErrors.map(({ code }) => code).join());
  return answer.invitation.id;
}

async function refusal(login: string, name: string, input: Record<string, unknown>): Promise<readonly string[]> {
  const before = (await bench.events()).length;
  const { eventIds, userErrors } = await mutate(login, name, input);
  expect(eventIds).toEqual([]);
  expect(await bench.events()).toHaveLength(before);
  return userErrors.map(({ code }) => code);
}

const view = `query ($id: ID!) { space(id: $id) { name memberCount viewerRole viewerCanWatch
  members { nodes { role creator { id } } } posts { nodes { body author { id } } } invitations { nodes { invitee { id } } } } }`;

async function see(login: string | null, id: string): Promise<Record<string, unknown> | null> {
  return (await bench.query<{ space: Record<string, unknown> | null }>(login, view, { id })).space;
}

async function spacesOf(login: string | null, creatorId: string): Promise<readonly string[]> {
  const fields = 'spaces(first: 100) { nodes { id } }';
  const [creator] = await bench.entities<{ spaces: { nodes: { id: string }[] } }>(
    login,
    'Creator',
    [creatorId],
    fields,
  );
  return creator?.spaces.nodes.map(({ id }) => id) ?? [];
}

describe('a closed space', () => {
  test('is entered by invitation, and null for all others', async () => {
    const id = await makeSpace('ada');
    expect(await see('bob', id)).toBeNull();
    expect(await see(null, id)).toBeNull();
    expect(await refusal('bob', 'joinSpace', { spaceId: id })).toEqual(['NOT_FOUND']);
    const invitationId = await invite('ada', id, 'bob');
    expect(await see('bob', id)).toMatchObject({
      name: 'Lab',
      viewerRole: null,
      viewerCanWatch: false,
      members: null,
      posts: null,
      invitations: null,
    });
    // Who is in there is not told by another road either.
    expect(await spacesOf('bob', 'ada')).not.toContain(id);
    expect(await spacesOf('ada', 'ada')).toContain(id);
    expect(await refusal('ada', 'inviteToSpace', { spaceId: id, inviteeId: 'bob' })).toEqual(['ALREADY_DONE']);
    expect(await refusal('cyd', 'answerInvitation', { invitationId, accept: true })).toEqual(['NOT_FOUND']);
    const own = await bench.query<Record<string, unknown>>(
      'bob',
      '{ _entities(representations: [{ __typename: "Creator", id: "bob" }]) { ... on Creator { invitations { nodes { id state space { name } } } } } }',
    );
    expect(own).toEqual({
      _entities: [{ invitations: { nodes: [{ id: invitationId, state: 'PENDING', space: { name: 'Lab' } }] } }],
    });
    expect(
      await bench.query(
        'cyd',
        '{ _entities(representations: [{ __typename: "Creator", id: "bob" }]) { ... on Creator { invitations { nodes { id } } spaces { nodes { id } } } } }',
      ),
    ).toEqual({ _entities: [{ invitations: null, spaces: { nodes: [] } }] });

    const answer = await mutate('bob', 'answerInvitation', { invitationId, accept: true });
    expect(answer).toMatchObject({
      invitation: { state: 'ACCEPTED', space: { name: 'Lab' } },
      eventIds: { length: 2 },
    });
    expect((await bench.events()).slice(-2).map(({ type, causedBy }) => [type, causedBy.length])).toEqual([
      ['space.invitation-answered', 1],
      ['space.member-joined', 1],
    ]);
    expect(await see('bob', id)).toMatchObject({
      memberCount: 2,
      viewerRole: 'MEMBER',
      members: {
        nodes: [
          { role: 'OWNER', creator: { id: 'ada' } },
          { role: 'MEMBER', creator: { id: 'bob' } },
        ],
      },
      invitations: null,
    });
    expect(await see('ada', id)).toMatchObject({ invitations: { nodes: [] } });
  });

  test('a block between the two stands against an invitation', async () => {
    const id = await makeSpace('ada');
    await engines.store.transact((tx) =>
      tx.link({ type: 'BLOCKS', from: 'dan', to: 'ada', props: { since: '2024-01-01T00:00:00.000Z' } }),
    );
    expect(await refusal('ada', 'inviteToSpace', { spaceId: id, inviteeId: 'dan' })).toEqual(['BLOCKED']);
  });

  test('nobody is invited who has left', async () => {
    await seedCreators(engines.store, ['ivo']);
    await engines.store.transact((tx) => tx.patch('Creator', 'ivo', { state: 'MIGRATED' }));
    const spaceId = await makeSpace('ada');
    expect(await refusal('ada', 'inviteToSpace', { spaceId, inviteeId: 'ivo' })).toEqual(['NOT_FOUND']);
  });

  test('who has withdrawn takes part in nothing new, and may decline, leave and come back', async () => {
    await seedCreators(engines.store, ['pia']);
    const stateTo = (state: 'ARCHIVED' | 'ACTIVE'): Promise<void> =>
      engines.store.transact((tx) => tx.patch('Creator', 'pia', { state }));
    const open = await makeSpace('ada', { kind: 'SOCIAL' });
    const [first, second] = [await makeSpace('ada'), await makeSpace('ada')];
    const invitations = [await invite('ada', first, 'pia'), await invite('ada', second, 'pia')];
    const own = await makeSpace('pia', { kind: 'SOCIAL' });
    await stateTo('ARCHIVED');
    for (const [name, input] of [
      ['createSpace', { name: 'Lab', kind: 'SOCIAL' }],
      ['joinSpace', { spaceId: open }],
      ['postToSpace', { spaceId: own, body: 'here' }],
      ['inviteToSpace', { spaceId: own, inviteeId: 'bob' }],
      ['answerInvitation', { invitationId: invitations[0], accept: true }],
    ] as const)
      expect([name, await refusal('pia', name, input)]).toEqual([name, ['FORBIDDEN']]);
    expect(await mutate('pia', 'answerInvitation', { invitationId: invitations[0], accept: false })).toMatchObject({
      invitation: { state: 'DECLINED' },
    });
    await stateTo('ACTIVE');
    expect(await mutate('pia', 'answerInvitation', { invitationId: invitations[1], accept: true })).toMatchObject({
      invitation: { state: 'ACCEPTED' },
    });
    await stateTo('ARCHIVED');
    expect(await mutate('pia', 'leaveSpace', { spaceId: second })).toMatchObject({ userErrors: [] });
  });

  test('nobody is invited who was erased', async () => {
    await seedCreators(engines.store, ['gone']);
    await seedErased(engines.store, 'gone');
    const spaceId = await makeSpace('ada');
    expect(await refusal('ada', 'inviteToSpace', { spaceId, inviteeId: 'gone' })).toEqual(['NOT_FOUND']);
  });

  test('an invitation falls with its sender’s rights, and can be taken back', async () => {
    const id = await makeSpace('ada');
    await mutate('bob', 'answerInvitation', {
      invitationId: await invite('ada', id, 'bob', 'MODERATOR'),
      accept: true,
    });
    const byBob = await invite('bob', id, 'cyd');
    expect(await mutate('ada', 'changeMemberRole', { spaceId: id, creatorId: 'bob', role: 'OBSERVER' })).toMatchObject({
      userErrors: [],
    });
    expect(await refusal('cyd', 'answerInvitation', { invitationId: byBob, accept: true })).toEqual(['FORBIDDEN']);
    expect(await mutate('ada', 'revokeInvitation', { invitationId: byBob })).toMatchObject({
      invitation: { state: 'REVOKED' },
    });
    expect(await refusal('cyd', 'answerInvitation', { invitationId: byBob, accept: true })).toEqual(['ALREADY_DONE']);
    expect(await see('cyd', id)).toBeNull();
    expect(await refusal('bob', 'postToSpace', { spaceId: id, body: 'hello' })).toEqual(['FORBIDDEN']);
    expect(await mutate('ada', 'removeMember', { spaceId: id, creatorId: 'bob' })).toMatchObject({
      space: { memberCount: 1 },
    });
    expect(await see('bob', id)).toBeNull();
    expect(await refusal('ada', 'leaveSpace', { spaceId: id })).toEqual(['FORBIDDEN']);
  });
});

describe('a social space', () => {
  test('is seen by all, watched and joined by every creator, while there is room', async () => {
    const id = await makeSpace('ada', { kind: 'SOCIAL', capacity: 2, name: 'Square' });
    await mutate('ada', 'postToSpace', { spaceId: id, body: 'welcome' });
    expect(await see(null, id)).toMatchObject({ name: 'Square', viewerCanWatch: false, posts: null, members: null });
    expect(await see('cyd', id)).toMatchObject({
      viewerCanWatch: true,
      posts: { nodes: [{ body: 'welcome', author: { id: 'ada' } }] },
    });
    expect(await refusal('cyd', 'postToSpace', { spaceId: id, body: 'me too' })).toEqual(['FORBIDDEN']);
    expect(await mutate('cyd', 'joinSpace', { spaceId: id })).toMatchObject({
      space: { memberCount: 2, viewerRole: 'MEMBER' },
    });
    expect(await refusal('bob', 'joinSpace', { spaceId: id })).toEqual(['LIMIT_EXCEEDED']);
    expect(await refusal('cyd', 'joinSpace', { spaceId: id })).toEqual(['ALREADY_DONE']);
    expect(await mutate('cyd', 'leaveSpace', { spaceId: id })).toMatchObject({
      space: { memberCount: 1, viewerRole: null },
    });
  });

  test('lists: open spaces for all, others for their members', async () => {
    const open = await makeSpace('bob', { kind: 'SOCIAL' });
    const closed = await makeSpace('bob', { kind: 'ARCHIVE', parentId: open });
    const list = async (login: string | null, kind: string): Promise<string[]> =>
      (
        await bench.query<{ spaces: { nodes: { id: string }[] } }>(login, `{ spaces(kind: ${kind}) { nodes { id } } }`)
      ).spaces.nodes.map((space) => space.id);
    expect(await list(null, 'SOCIAL')).toContain(open);
    expect(await spacesOf('cyd', 'bob')).toContain(open);
    expect(await spacesOf(null, 'bob')).toEqual([]);
    expect(await list('bob', 'ARCHIVE')).toEqual([closed]);
    expect(await list('cyd', 'ARCHIVE')).toEqual([]);
    expect(await list(null, 'ARCHIVE')).toEqual([]);
    const nested = 'query ($id: ID!) { space(id: $id) { subspaces { nodes { id parent { id } } } } }';
    expect(await bench.query('bob', nested, { id: open })).toEqual({
      space: { subspaces: { nodes: [{ id: closed, parent: { id: open } }] } },
    });
    expect(await bench.query('cyd', nested, { id: open })).toEqual({ space: { subspaces: { nodes: [] } } });
    expect(await refusal('cyd', 'createSpace', { name: 'x', kind: 'DESKTOP', parentId: open })).toEqual(['FORBIDDEN']);
  });
});

describe('posts', () => {
  test('are answered within their space, and null for those who may not watch it', async () => {
    const id = await makeSpace('ada');
    const first = await mutate('ada', 'postToSpace', { spaceId: id, body: 'one' });
    const reply = await mutate('ada', 'postToSpace', { spaceId: id, body: 'two', inReplyTo: first.post?.id });
    expect(reply.post).toMatchObject({
      body: 'two',
      author: { id: 'ada' },
      inReplyTo: { id: first.post?.id },
      space: { id },
    });
    expect((await bench.events()).at(-1)?.causedBy).toEqual(first.eventIds);
    const elsewhere = await makeSpace('ada');
    expect(await refusal('ada', 'postToSpace', { spaceId: elsewhere, body: 'x', inReplyTo: first.post?.id })).toEqual([
      'NOT_FOUND',
    ]);
    const refs = { refs: [{ __typename: 'Post', id: first.post?.id }] };
    const query = 'query ($refs: [_Any!]!) { _entities(representations: $refs) { ... on Post { body } } }';
    expect(await bench.query('ada', query, refs)).toEqual({ _entities: [{ body: 'one' }] });
    expect(await bench.query('bob', query, refs)).toEqual({ _entities: [null] });
    expect(await bench.query(null, query, refs)).toEqual({ _entities: [null] });
  });
});

describe('live events', () => {
  const query = `query ($refs: [_Any!]!) { _entities(representations: $refs) { ... on CollaborationEvent {
    id type at hlc space { name } actor { id } subject { id } role answer post { body } } } }`;

  async function lastRecords(count: number): Promise<readonly LogRecord[]> {
    const records = await engines.eventLog.read({ topic: topics.events.name, partition: 0, from: 0, limit: 100_000 });
    return records.slice(-count);
  }

  async function tell(login: string | null, refs: readonly unknown[]): Promise<unknown[]> {
    return (await bench.query<{ _entities: unknown[] }>(login, query, { refs }))._entities;
  }

  test('the gateway’s representations become events for those who may watch, null for others', async () => {
    const id = await makeSpace('ada', { name: 'Studio' });
    await invite('ada', id, 'bob');
    await mutate('ada', 'postToSpace', { spaceId: id, body: 'live' });
    const refs = (await lastRecords(4)).map(
      ({ value }) => liveSources['collaborationEvents']?.represent(value, { spaceId: id }) ?? null,
    );
    expect(await tell('ada', refs)).toMatchObject([
      { type: 'SPACE_CREATED', space: { name: 'Studio' }, actor: { id: 'ada' }, subject: null, post: null },
      { type: 'MEMBER_JOINED', subject: { id: 'ada' }, role: 'OWNER' },
      { type: 'INVITATION_SENT', subject: { id: 'bob' }, role: 'MEMBER' },
      { type: 'POSTED', post: { body: 'live' }, subject: null },
    ]);
    expect(await tell('bob', refs)).toEqual([null, null, null, null]);
    expect(await tell(null, refs)).toEqual([null, null, null, null]);
  });

  test('in a social space everybody watches, but invitations are not for everybody', async () => {
    const id = await makeSpace('ada', { kind: 'SOCIAL' });
    await invite('ada', id, 'bob');
    const refs = (await lastRecords(2)).map(
      ({ value }) => liveSources['collaborationEvents']?.represent(value, { spaceId: id }) ?? null,
    );
    expect(await tell('cyd', refs)).toMatchObject([{ type: 'MEMBER_JOINED' }, null]);
    expect(await tell('bob', refs)).toMatchObject([{ type: 'MEMBER_JOINED' }, { type: 'INVITATION_SENT' }]);
  });

  test('an id alone, another event’s body, or no event at all tell nothing', async () => {
    await makeSpace('ada');
    const [record] = await lastRecords(1);
    const id = record?.id;
    const refs = [{ id }, { id: 'other', body: record?.value }, { id, body: 'not JSON' }, { id, body: 7 }];
    expect(
      await tell(
        'ada',
        refs.map((ref) => ({ __typename: 'CollaborationEvent', ...ref })),
      ),
    ).toEqual([null, null, null, null]);
  });
});

describe('the log', () => {
  test('holds no name, description or post in the clear', async () => {
    const canary = (name: string): string => `canary-${name}-${crypto.randomUUID()}`;
    const texts = { name: canary('name'), description: canary('description'), body: canary('body') };
    const id = await makeSpace('ada', { name: texts.name, description: texts.description });
    await mutate('ada', 'postToSpace', { spaceId: id, body: texts.body });
    const records = await engines.eventLog.read({ topic: topics.events.name, partition: 0, from: 0, limit: 100_000 });
    const log = records.map(({ value }) => value ?? '').join('\n');
    expect(log).toContain(id);
    for (const text of Object.values(texts)) expect(log).not.toContain(text);
    const told = (await bench.events())
      .slice(-3)
      .map(({ type, sealed }) => [type, sealed.map(({ subject }) => subject)]);
    expect(told).toEqual([
      ['space.created', ['ada']],
      ['space.member-joined', []],
      ['space.posted', ['ada']],
    ]);
  });
});
