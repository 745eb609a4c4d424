import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type EmbeddedEngines, openEmbeddedEngines } from '../../infra/embedded-engines.ts';
import { type MutationOutcome, type SubgraphBench, createBench } from '../shared/testing.ts';
import { createCreatorsSubgraph } from './subgraph.ts';

// Goal: through the subgraph's own schema, on the real store: people register, change what is theirs, and are found again.
let engines: EmbeddedEngines;
let bench: SubgraphBench;
let nowUs = Date.parse('2024-05-01T12:00:00.000Z') * 1000;
const dayUs = 24 * 3_600_000_000;

beforeAll(async () => {
  engines = await openEmbeddedEngines();
  bench = createBench(createCreatorsSubgraph(), engines, { wall: { nowUs: () => nowUs } });
});
afterAll(() => engines.close());

interface Result {
  readonly creator: { readonly id: string; readonly version: number; readonly [field: string]: unknown } | null;
}
const result = 'creator { id username displayName bio type skills lifecycle version publicMetrics viewerIsMe }';
const mutate = (login: string, name: string, input: object): Promise<Result & MutationOutcome> =>
  bench.mutate<Result>(login, name, input, result);

async function register(login: string, more: Record<string, unknown> = {}): Promise<string> {
  const { creator, userErrors } = await mutate(login, 'registerCreator', { username: login, type: 'ARTIST', ...more });
  if (!creator) throw new Error(userErrors.map(({ code }) => code).join());
  return creator.id;
}

describe('registering', () => {
  test('texts and keys that cannot be stored are refused by their path, and change nothing', async () => {
    const before = (await bench.events()).length;
    const refusal = async (more: object): Promise<unknown> =>
      (await mutate('nemo', 'registerCreator', { username: 'nemo', type: 'ARTIST', ...more })).userErrors;
    expect(await refusal({ skills: ['oil', 'x\ud800'] })).toMatchObject([
      { code: 'INVALID', path: ['input', 'skills', '1'] },
    ]);
    expect(await refusal({ idempotencyKey: 'a\u0000' })).toMatchObject([
      { code: 'INVALID', path: ['input', 'idempotencyKey'] },
    ]);
    expect(await refusal({ idempotencyKey: '' })).toMatchObject([{ path: ['input', 'idempotencyKey'] }]);
    expect((await bench.events()).length).toBe(before);
  });

  test('a login becomes a creator once, with one event of its chain', async () => {
    expect(await bench.query('ada', '{ me { id } }')).toEqual({ me: null });
    const before = (await bench.events()).length;
    const input = {
      username: 'Ada',
      displayName: 'Ada L.',
      bio: 'paints',
      type: 'ARTIST',
      skills: ['Oil', 'etching'],
      publicMetrics: ['QUALITY'],
      idempotencyKey: 'first',
    };
    const answer = await mutate('ada', 'registerCreator', input);
    expect(answer).toMatchObject({
      creator: {
        username: 'Ada',
        displayName: 'Ada L.',
        type: 'ARTIST',
        skills: ['etching', 'oil'],
        lifecycle: 'INITIATE',
        version: 1,
        publicMetrics: ['QUALITY'],
        viewerIsMe: true,
      },
      userErrors: [],
    });
    const events = (await bench.events()).slice(before);
    expect(events.map(({ id }) => id)).toEqual(answer.eventIds);
    expect(events).toMatchObject([
      {
        type: 'creator.registered',
        entity: { type: 'Creator', id: answer.creator?.id },
        entityVersion: 1,
        actor: answer.creator?.id,
        source: 'CREATOR',
        prevHash: '0'.repeat(64),
      },
    ]);
    expect(await mutate('ada', 'registerCreator', input)).toEqual(answer);
    expect(await mutate('ada', 'registerCreator', { ...input, idempotencyKey: 'second' })).toMatchObject({
      creator: null,
      userErrors: [{ code: 'ALREADY_DONE' }],
    });
    expect(await mutate('ada', 'registerCreator', { ...input, username: 'other' })).toMatchObject({
      creator: null,
      userErrors: [{ code: 'IDEMPOTENCY_KEY_REUSED' }],
    });
    expect(await bench.query('ada', '{ me { id viewerIsMe } }')).toEqual({
      me: { id: answer.creator?.id, viewerIsMe: true },
    });
  });

  test('a name is taken whatever its case; a refusal leaves nothing behind', async () => {
    const before = {
      events: await bench.events(),
      keys: await engines.store.count('SubjectKey'),
      people: await engines.store.count('Creator'),
    };
    expect(await mutate('eve', 'registerCreator', { username: 'ADA', type: 'ARTIST' })).toMatchObject({
      creator: null,
      eventIds: [],
      userErrors: [{ code: 'TAKEN', path: ['input', 'username'] }],
    });
    expect({
      events: await bench.events(),
      keys: await engines.store.count('SubjectKey'),
      people: await engines.store.count('Creator'),
    }).toEqual(before);
  });

  test('two logins at once for one name: one of them gets it', async () => {
    const answers = await Promise.all(
      ['tom', 'tim', 'tam'].map((login) => mutate(login, 'registerCreator', { username: 'twin', type: 'CURATOR' })),
    );
    expect(answers.map(({ userErrors }) => userErrors[0]?.code ?? 'ok').sort()).toEqual(['TAKEN', 'TAKEN', 'ok']);
  });

  test('without a token or a creator: told what to do', async () => {
    const operation = 'mutation { addSkills(input: { expectedVersion: 1, skills: ["x"] }) { eventIds } }';
    expect((await bench.ask(null, operation)).errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
    expect((await bench.ask('nobody', operation)).errors?.[0]?.extensions['code']).toBe('UNREGISTERED');
  });

  test('whoever registers goes on in the same document', async () => {
    const operation = `mutation {
      registerCreator(input: { username: "swift", type: ARTIST }) { userErrors { code } }
      addSkills(input: { expectedVersion: 1, skills: ["oil"] }) { creator { skills viewerIsMe } userErrors { code } }
    }`;
    expect(await bench.query('swift', operation)).toEqual({
      registerCreator: { userErrors: [] },
      addSkills: { creator: { skills: ['oil'], viewerIsMe: true }, userErrors: [] },
    });
  });
});

describe('changing what is one’s own', () => {
  test('each change is one event and one version further', async () => {
    const id = await register('grace', { displayName: 'Grace' });
    const steps: readonly [string, Record<string, unknown>, Record<string, unknown>][] = [
      [
        'updateProfile',
        { username: 'Grace-H', bio: 'compiles' },
        { username: 'Grace-H', bio: 'compiles', displayName: 'Grace' },
      ],
      ['addSkills', { skills: ['COBOL', 'cobol '] }, { skills: ['cobol'] }],
      ['addSkills', { skills: ['math'] }, { skills: ['cobol', 'math'] }],
      ['removeSkills', { skills: ['cobol'] }, { skills: ['math'] }],
      ['setPublicMetrics', { publicMetrics: ['MENTORSHIP'] }, { publicMetrics: ['MENTORSHIP'] }],
      ['changeCreatorState', { state: 'ACTIVE' }, { lifecycle: 'ACTIVE' }],
    ];
    for (const [index, [mutation, input, expected]] of steps.entries()) {
      const answer = await mutate('grace', mutation, { ...input, expectedVersion: index + 1 });
      expect(answer).toMatchObject({ creator: { ...expected, version: index + 2 }, userErrors: [] });
      expect(answer.eventIds).toHaveLength(1);
    }
    const chain = (await bench.events()).filter(({ entity }) => entity.id === id);
    expect(chain.map(({ type }) => type)).toEqual([
      'creator.registered',
      'creator.profile-updated',
      'creator.skills-changed',
      'creator.skills-changed',
      'creator.skills-changed',
      'creator.visibility-changed',
      'creator.state-changed',
    ]);
    for (const [index, event] of chain.entries()) {
      expect(event.entityVersion).toBe(index + 1);
      if (index > 0) expect(event.prevHash).toBe(chain[index - 1]?.hash);
    }
    expect(await bench.query('grace', '{ creator(username: "grace-h") { id } }')).toEqual({ creator: { id } });
    expect(await bench.query('grace', '{ creator(username: "grace") { id } }')).toEqual({ creator: null });
  });

  test('another version than the one that was read: a conflict, and nothing changes', async () => {
    await register('linus');
    expect(await mutate('linus', 'updateProfile', { expectedVersion: 1, bio: 'new' })).toMatchObject({
      creator: { version: 2 },
    });
    expect(await mutate('linus', 'updateProfile', { expectedVersion: 1, bio: 'newer' })).toMatchObject({
      creator: null,
      userErrors: [{ code: 'CONFLICT', path: ['input', 'expectedVersion'] }],
    });
    expect(await bench.query('linus', '{ me { bio version } }')).toEqual({ me: { bio: 'new', version: 2 } });
  });

  test('of two changes at once that read the same version, one wins', async () => {
    await register('ken');
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((bio) => mutate('ken', 'updateProfile', { expectedVersion: 1, bio })),
    );
    expect(answers.map(({ userErrors }) => userErrors[0]?.code ?? 'ok').sort()).toEqual(['CONFLICT', 'CONFLICT', 'ok']);
  });

  test('who migrated changes nothing more', async () => {
    await register('gone');
    await mutate('gone', 'changeCreatorState', { expectedVersion: 1, state: 'MIGRATED' });
    expect(await mutate('gone', 'updateProfile', { expectedVersion: 2, bio: 'back' })).toMatchObject({
      userErrors: [{ code: 'FORBIDDEN' }],
    });
  });

  test('who migrated can still be erased', async () => {
    await register('far');
    await mutate('far', 'changeCreatorState', { expectedVersion: 1, state: 'MIGRATED' });
    expect(await mutate('far', 'eraseCreator', { expectedVersion: 2, confirmUsername: 'far' })).toMatchObject({
      creator: { displayName: 'Erased' },
      userErrors: [],
    });
    expect((await bench.events()).at(-1)).toMatchObject({ type: 'creator.erased' });
  });

  test('nobody keeps anybody from being erased by the name that they would get', async () => {
    const name = `erased-${(await register('victim')).replaceAll('-', '').slice(-20)}`;
    expect(await mutate('squatter', 'registerCreator', { username: name, type: 'ARTIST' })).toMatchObject({
      userErrors: [{ code: 'INVALID', path: ['input', 'username'] }],
    });
    // Until now it could be had.
    const squatter = await register('squatter');
    await engines.store.transact((tx) => tx.patch('Creator', squatter, { username: name, usernameKey: name }));
    expect(await mutate('victim', 'eraseCreator', { expectedVersion: 1, confirmUsername: 'victim' })).toMatchObject({
      creator: { displayName: 'Erased', username: expect.stringMatching(/^erased-[0-9a-f]{20}$/) },
      userErrors: [],
    });
  });

  test('30 days of absence show as DORMANT until something is done', async () => {
    await register('sleeper');
    nowUs += 31 * dayUs;
    expect(await bench.query('sleeper', '{ me { lifecycle } }')).toEqual({ me: { lifecycle: 'DORMANT' } });
    await mutate('sleeper', 'addSkills', { expectedVersion: 1, skills: ['waking'] });
    expect(await bench.query('sleeper', '{ me { lifecycle } }')).toEqual({ me: { lifecycle: 'INITIATE' } });
  });
});
