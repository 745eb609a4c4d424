import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ExecutionResult } from 'graphql';
import type { Warehouse } from '../../engines/warehouse/port.ts';
import { openChdbWarehouse } from '../../engines/warehouse/chdb-warehouse.ts';
import { type EmbeddedEngines, openEmbeddedEngines } from '../../infra/embedded-engines.ts';
import type { KnownEvent } from '../../schema/events/catalogue.ts';
import { liveSources } from '../../schema/live.ts';
import { formatHlc } from '../../schema/hlc.ts';
import { type CanonStatus, type RowOf, canonStatuses } from '../../schema/warehouse/tables.ts';
import { eventRow, statusRow } from '../../streams/canon/domain/rows.ts';
import { publishArtifact } from '../artifacts/commands/publish-artifact.ts';
import { reviseArtifact } from '../artifacts/commands/revise-artifact.ts';
import { commandContext, seedCreators } from '../relationships/testing.ts';
import type { CommandContext } from '../shared/command.ts';
import { encodeCursor } from '../shared/connection.ts';
import { createSubgraphExecutor } from '../shared/subgraph-executor.ts';
import { type SubgraphBench, createBench } from '../shared/testing.ts';
import { mayRead } from './domain/access.ts';
import { createCanonSubgraph } from './subgraph.ts';

// Goal: real events, in the real warehouse, are read by those who may and by nobody else, page by page; a subject reads their
// own sealed fields until they are erased; and a chain that was tampered with says so.
let engines: EmbeddedEngines;
let warehouse: Warehouse;
let bench: SubgraphBench;
let directory: string;
let ask: (
  who: { login: string; scopes?: readonly string[] } | null,
  query: string,
  variables?: Record<string, unknown>,
) => Promise<ExecutionResult>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vcos-test-canon-'));
  [engines, warehouse] = await Promise.all([openEmbeddedEngines(), openChdbWarehouse({ path: directory })]);
  await warehouse.migrate();
  const subgraph = createCanonSubgraph();
  bench = createBench(subgraph, { ...engines, warehouse });
  const execute = createSubgraphExecutor(subgraph, bench.dependencies);
  ask = (who, query, variables = {}) =>
    execute({ query, variables }, who && { ...bench.claimsOf(who.login), scopes: who.scopes ?? [] });
  await seedCreators(engines.store, ['ada', 'bob']);
});
afterAll(async () => {
  await warehouse.close();
  await engines.close();
  await rm(directory, { recursive: true, force: true });
});

async function data<T>(...asked: Parameters<typeof ask>): Promise<T> {
  const { data: given, errors } = await ask(...asked);
  if (errors) throw new Error(errors.map((error) => error.message).join('; '));
  return given as T;
}

interface EventPage {
  readonly nodes: readonly { readonly id: string; readonly status: string }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
}

let tokens = 0;

/** What the canon stream would do with events, in a status of the test's choice. */
async function take(
  events: readonly KnownEvent[],
  status: CanonStatus,
  change: Partial<RowOf<'platform.canon_events'>> = {},
): Promise<void> {
  const move = { seq: 1, status, reason: 'the test says so', contradiction: null };
  const initial = { seq: 0, status: 'PROVISIONAL' as const, reason: 'initial', contradiction: null };
  const token = `test-${tokens++}`;
  await warehouse.insert(
    'platform.canon_events',
    events.map((event, offset) => ({ ...eventRow(event, move, { partition: 0, offset, leaf: null }), ...change })),
    token,
  );
  await warehouse.insert(
    'platform.canon_status',
    events.flatMap((event) => [statusRow(event, initial), statusRow(event, move)]),
    token,
  );
}

function as<R>(actorId: string, work: (context: CommandContext) => Promise<R>): Promise<R> {
  return engines.store.transact((tx) => work(commandContext(bench.dependencies, tx, actorId)));
}

/** A work of `actor` with `count` events, oldest first, not yet in canon. */
async function history(actor: string, artifactId: string, count: number): Promise<readonly KnownEvent[]> {
  await as(actor, (context) => publishArtifact(context, { artifactId, title: `title of ${artifactId}`, kind: 'CODE' }));
  for (let revision = 2; revision <= count; revision++)
    await as(actor, (context) => reviseArtifact(context, { artifactId, note: `note ${revision}` }));
  return (await bench.events()).filter(({ entity }) => entity.id === artifactId);
}

describe('an event', () => {
  test('shows what was recorded, its causes and the moves of its status', async () => {
    const [published, revised] = (await history('ada', 'shown', 2)) as [KnownEvent, KnownEvent];
    await take([published, revised], 'CANONICAL');
    const query = `query ($id: ID!) { canonEvent(id: $id) { id type typeVersion hlc occurredAt region entityType entityId entityVersion actor
      actorCreator { id } aboutCreator { id } source status statusHistory { seq status reason decider contradiction movedAt } causedBy causes { id type }
      handshake payload sealed { subject keyId nonce ciphertext } prevHash hash hashVerifies } }`;
    const { canonEvent } = await data<{ canonEvent: Record<string, unknown> }>({ login: 'bob' }, query, {
      id: revised.id,
    });
    expect(canonEvent).toMatchObject({
      id: revised.id,
      type: 'artifact.revised',
      hlc: formatHlc(revised.hlc),
      region: 'test',
      entityType: 'Artifact',
      entityId: 'shown',
      entityVersion: 2,
      actor: 'ada',
      actorCreator: { id: 'ada' },
      aboutCreator: null,
      source: 'CREATOR',
      status: 'CANONICAL',
      statusHistory: [
        { seq: 0, status: 'PROVISIONAL', contradiction: null },
        { seq: 1, status: 'CANONICAL', reason: 'the test says so', decider: 'system:canon' },
      ],
      causedBy: [published.id],
      causes: [{ id: published.id, type: 'artifact.published' }],
      payload: { revision: 2 },
      prevHash: published.hash,
      hash: revised.hash,
      hashVerifies: true,
    });
    expect(canonEvent['sealed']).toEqual(revised.sealed);
    expect(JSON.stringify(canonEvent)).not.toMatch(/title of shown|note 2/);
  });

  test('opens its sealed fields to their subject alone, and to nobody once the key is destroyed', async () => {
    const [event] = (await history('ada', 'sealed', 1)) as [KnownEvent];
    await take([event], 'CANONICAL');
    const query = 'query ($id: ID!) { canonEvent(id: $id) { personal hashVerifies } }';
    const personal = async (login: string): Promise<unknown> =>
      (await data<{ canonEvent: unknown }>({ login, scopes: ['guardian', 'audit'] }, query, { id: event.id }))
        .canonEvent;
    expect(await personal('ada')).toEqual({ personal: { title: 'title of sealed', summary: '' }, hashVerifies: true });
    expect(await personal('bob')).toEqual({ personal: null, hashVerifies: true });
    const keyId = event.sealed[0]?.keyId ?? '';
    const [key] = await engines.store.get('SubjectKey', [keyId]);
    await engines.store.transact((tx) => tx.remove('SubjectKey', keyId));
    expect(await personal('ada')).toEqual({ personal: null, hashVerifies: true });
    if (key) await engines.store.transact((tx) => tx.put({ type: 'SubjectKey', id: keyId, props: key.props }));
  });

  test('is read as its status, actor and the scopes say: by id, in lists and live alike', async () => {
    const byStatus = new Map<CanonStatus, KnownEvent>();
    for (const status of canonStatuses) {
      const [event] = (await history('ada', `status-${status}`, 1)) as [KnownEvent];
      await take([event], status);
      byStatus.set(status, event);
    }
    const query = `query ($id: ID!, $refs: [_Any!]!, $filter: CanonEventFilter) { canonEvent(id: $id) { id } canonEvents(filter: $filter) { nodes { id } }
      _entities(representations: $refs) { ... on CanonEvent { id } } }`;
    const readers = [
      { login: 'ada' },
      { login: 'bob' },
      { login: 'stranger' },
      { login: 'bob', scopes: ['guardian'] },
      { login: 'bob', scopes: ['audit'] },
      { login: 'ada', scopes: ['guardian', 'audit'] },
    ];
    for (const [status, event] of byStatus) {
      const row = eventRow(
        event,
        { seq: 1, status, reason: '', contradiction: null },
        { partition: 0, offset: 0, leaf: null },
      );
      const live = liveSources['canonChanged']?.represent(JSON.stringify(row), { entityId: event.entity.id });
      const variables = {
        id: event.id,
        filter: { entityId: event.entity.id },
        refs: [live, { __typename: 'CanonEvent', id: event.id }],
      };
      for (const reader of readers) {
        const may = mayRead(
          { id: event.id, status, actor: 'ada' },
          { creatorId: reader.login === 'stranger' ? null : reader.login, scopes: reader.scopes ?? [] },
        );
        const expected = may ? { id: event.id } : null;
        expect(await data(reader, query, variables)).toEqual({
          canonEvent: expected,
          canonEvents: { nodes: may ? [expected] : [] },
          _entities: [expected, expected],
        });
      }
    }
  });

  test('is nobody’s without a login', async () => {
    const [event] = (await history('ada', 'signed-in', 1)) as [KnownEvent];
    await take([event], 'CANONICAL');
    const queries = [
      `{ canonEvent(id: "${event.id}") { id } }`,
      '{ canonEvents { nodes { id } } }',
      '{ canonChain(entityId: "signed-in") { events } }',
      '{ _entities(representations: [{ __typename: "Artifact", id: "signed-in" }]) { ... on Artifact { canonEvents { nodes { id } } } } }',
    ];
    for (const query of queries)
      expect((await ask(null, query)).errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
    const live = `{ _entities(representations: [{ __typename: "CanonEvent", id: "${event.id}" }]) { ... on CanonEvent { id } } }`;
    expect(await data(null, live)).toEqual({ _entities: [null] });
  });
});

describe('lists', () => {
  test('newest status wins; pages join without gap or repetition, in both orders', async () => {
    const events = await history('bob', 'paged', 7);
    await take(events, 'PROVISIONAL');
    // The same rows come again with a later move: ReplacingMergeTree keeps both until it merges.
    const move = { seq: 2, status: 'CANONICAL' as const, reason: 'restored', contradiction: null };
    await warehouse.insert(
      'platform.canon_events',
      events.map((event, offset) => eventRow(event, move, { partition: 0, offset, leaf: null })),
      'restored',
    );
    const query = `query ($after: String, $orderBy: CanonOrder!) { canonEvents(filter: { entityId: "paged" }, first: 3, after: $after, orderBy: $orderBy) {
      nodes { id status } pageInfo { hasNextPage endCursor } } }`;
    for (const orderBy of ['OLDEST', 'NEWEST']) {
      const seen: string[] = [];
      let after: string | null = null;
      for (let page = 0; page < 3; page++) {
        const { canonEvents }: { canonEvents: EventPage } = await data({ login: 'bob' }, query, { after, orderBy });
        expect(canonEvents.nodes.every(({ status }) => status === 'CANONICAL')).toBe(true);
        expect(canonEvents.pageInfo.hasNextPage).toBe(page < 2);
        seen.push(...canonEvents.nodes.map(({ id }) => id));
        after = canonEvents.pageInfo.endCursor;
      }
      const ids = events.map(({ id }) => id);
      expect(seen).toEqual(orderBy === 'OLDEST' ? ids : [...ids].reverse());
    }
  });

  test('a cursor that somebody made up is no fault of the warehouse', async () => {
    const name = `canon|${JSON.stringify([undefined, {}, 'NEWEST'])}`;
    const after = encodeCursor(name, { value: 0.5, id: '' });
    const query = 'query ($after: String) { canonEvents(after: $after) { pageInfo { hasNextPage } } }';
    expect(await data({ login: 'bob' }, query, { after })).toMatchObject({ canonEvents: { pageInfo: {} } });
  });

  test('pages are full of what the reader may read, whatever lies between', async () => {
    const events = await history('ada', 'mixed', 6);
    for (const [index, event] of events.entries()) await take([event], index % 2 === 0 ? 'CANONICAL' : 'PROPOSED');
    const query = `query ($first: Int!) { canonEvents(filter: { entityId: "mixed" }, first: $first, orderBy: OLDEST) {
      nodes { id status } pageInfo { hasNextPage endCursor } } }`;
    const page = async (login: string, first: number): Promise<unknown[]> => {
      const { canonEvents } = await data<{ canonEvents: EventPage }>({ login }, query, { first });
      return [canonEvents.nodes.map(({ id }) => id), canonEvents.pageInfo.hasNextPage];
    };
    const ids = events.map(({ id }) => id);
    const canonical = ids.filter((_id, index) => index % 2 === 0);
    expect(await page('bob', 2)).toEqual([canonical.slice(0, 2), true]);
    expect(await page('bob', 3)).toEqual([canonical, false]);
    expect(await page('ada', 5)).toEqual([ids.slice(0, 5), true]);
  });

  test('conditions hold together; hostile texts are only values', async () => {
    const [first, second] = (await history('bob', 'filtered', 2)) as [KnownEvent, KnownEvent];
    await take([first, second], 'CANONICAL');
    const list = async (filter: Record<string, unknown>): Promise<string[]> =>
      (
        await data<{ canonEvents: { nodes: { id: string }[] } }>(
          { login: 'ada' },
          'query ($filter: CanonEventFilter) { canonEvents(filter: $filter, orderBy: OLDEST) { nodes { id } } }',
          { filter: { entityId: 'filtered', ...filter } },
        )
      ).canonEvents.nodes.map(({ id }) => id);
    const instant = new Date(Math.floor(second.hlc.wallUs / 1000)).toISOString();
    expect(await list({ actor: 'bob' })).toEqual([first.id, second.id]);
    expect(await list({ actor: 'ada' })).toEqual([]);
    expect(await list({ types: ['artifact.revised'] })).toEqual([second.id]);
    expect(await list({ from: instant })).toContain(second.id);
    expect(await list({ to: instant })).not.toContain(second.id);
    expect(await list({ actor: "' OR 1 = 1 --" })).toEqual([]);
    expect(await list({ types: ["x') OR ('1' = '1", '\\'] })).toEqual([]);
    const wrong = await ask({ login: 'ada' }, '{ canonEvents(filter: { types: [] }) { nodes { id } } }');
    expect(wrong.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'filter' });
  });

  test('the lists of many entities are read in one query', async () => {
    for (const id of ['many-1', 'many-2']) await take(await history('ada', id, 2), 'CANONICAL');
    let queries = 0;
    const countingQuery: Warehouse['query'] = (sql, parameters) => {
      queries++;
      return warehouse.query(sql, parameters);
    };
    const counting = Object.assign(Object.create(warehouse) as Warehouse, { query: countingQuery });
    const execute = createSubgraphExecutor(createCanonSubgraph(), { ...bench.dependencies, warehouse: counting });
    const refs = ['many-1', 'many-2', 'none'].map((id) => ({ __typename: 'Artifact', id }));
    const query =
      'query ($refs: [_Any!]!) { _entities(representations: $refs) { ... on Artifact { canonEvents(first: 1) { nodes { entityId entityVersion statusHistory { seq } } pageInfo { hasNextPage } } } } }';
    const answer = await execute({ query, variables: { refs } }, bench.claimsOf('bob'));
    const expected = ['many-1', 'many-2'].map((entityId) => ({
      canonEvents: {
        nodes: [{ entityId, entityVersion: 2, statusHistory: [{ seq: 0 }, { seq: 1 }] }],
        pageInfo: { hasNextPage: true },
      },
    }));
    expect(JSON.parse(JSON.stringify(answer))).toEqual({
      data: { _entities: [...expected, { canonEvents: { nodes: [], pageInfo: { hasNextPage: false } } }] },
    });
    expect(queries).toBe(3);
  });
});

describe('a chain', () => {
  const query = 'query ($id: ID!) { canonChain(entityId: $id) { events headHash verifies firstBroken pending } }';
  const chainOf = async (id: string): Promise<unknown> =>
    (await data<{ canonChain: unknown }>({ login: 'bob' }, query, { id })).canonChain;

  test('verifies from the first event to the store’s head, and tells what is still to come', async () => {
    const events = await history('ada', 'whole', 4);
    expect(await chainOf('whole')).toEqual({
      events: 0,
      headHash: null,
      verifies: true,
      firstBroken: null,
      pending: 4,
    });
    await take(events.slice(0, 3), 'CANONICAL');
    expect(await chainOf('whole')).toEqual({
      events: 3,
      headHash: events[2]?.hash,
      verifies: true,
      firstBroken: null,
      pending: 1,
    });
    await take(events.slice(3), 'CANONICAL');
    expect(await chainOf('whole')).toEqual({
      events: 4,
      headHash: events[3]?.hash,
      verifies: true,
      firstBroken: null,
      pending: 0,
    });
    expect(await chainOf('nothing')).toEqual({
      events: 0,
      headHash: null,
      verifies: true,
      firstBroken: null,
      pending: 0,
    });
  });

  test('breaks where a stored event was changed, and the event says so too', async () => {
    const events = await history('ada', 'forged', 3);
    const forged = { ...events[1], payload: { ...events[1]?.payload, contentHash: 'another' } } as KnownEvent;
    await take([events[0] as KnownEvent], 'CANONICAL');
    await take([forged], 'CANONICAL');
    await take([events[2] as KnownEvent], 'CANONICAL');
    expect(await chainOf('forged')).toMatchObject({ events: 3, verifies: false, firstBroken: forged.id });
    const verifies = 'query ($id: ID!) { canonEvent(id: $id) { hashVerifies } }';
    expect(await data({ login: 'bob' }, verifies, { id: forged.id })).toEqual({ canonEvent: { hashVerifies: false } });
  });

  test('breaks where an event is missing, or its text is no event', async () => {
    const missing = await history('ada', 'missing', 3);
    await take([missing[0] as KnownEvent, missing[2] as KnownEvent], 'CANONICAL');
    expect(await chainOf('missing')).toMatchObject({ verifies: false, firstBroken: missing[2]?.id });
    const garbled = await history('ada', 'garbled', 1);
    await take(garbled, 'CANONICAL', { body: '{"id":' });
    expect(await chainOf('garbled')).toMatchObject({ verifies: false, firstBroken: garbled[0]?.id });
  });
});
