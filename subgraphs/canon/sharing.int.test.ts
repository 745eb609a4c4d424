import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openChdbWarehouse } from '../../engines/warehouse/chdb-warehouse.ts';
import type { Warehouse } from '../../engines/warehouse/port.ts';
import { type EmbeddedEngines, openEmbeddedEngines } from '../../infra/embedded-engines.ts';
import type { KnownEvent } from '../../schema/events/catalogue.ts';
import { liveSources } from '../../schema/live.ts';
import { type CanonStatus, type RowOf } from '../../schema/warehouse/tables.ts';
import { eventRow } from '../../streams/canon/domain/rows.ts';
import { publishArtifact } from '../artifacts/commands/publish-artifact.ts';
import { commandContext, seedCreators } from '../relationships/testing.ts';
import { createSubgraphExecutor } from '../shared/subgraph-executor.ts';
import { type SubgraphBench, createBench } from '../shared/testing.ts';
import { createCanonSubgraph } from './subgraph.ts';

// Goal: permission to read an event counts on every path that leads to it, and nowhere else.
let engines: EmbeddedEngines;
let warehouse: Warehouse;
let bench: SubgraphBench;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vcos-test-sharing-'));
  [engines, warehouse] = await Promise.all([openEmbeddedEngines(), openChdbWarehouse({ path: directory })]);
  await warehouse.migrate();
  bench = createBench(createCanonSubgraph(), { ...engines, warehouse });
  await seedCreators(engines.store, ['ada', 'bob']);
});
afterAll(async () => {
  await warehouse.close();
  await engines.close();
  await rm(directory, { recursive: true, force: true });
});

async function data<T>(
  who: { readonly login: string; readonly scopes?: readonly string[] },
  query: string,
  variables: Record<string, unknown>,
): Promise<T> {
  const execute = createSubgraphExecutor(createCanonSubgraph(), bench.dependencies);
  const claims = { ...bench.claimsOf(who.login), scopes: who.scopes ?? [] };
  const { data: given, errors } = await execute({ query, variables }, claims);
  if (errors) throw new Error(errors.map(({ message }) => message).join('; '));
  return given as T;
}

function rowAs(event: KnownEvent, status: CanonStatus, seq = 1): RowOf<'platform.canon_events'> {
  return eventRow(event, { seq, status, reason: '', contradiction: null }, { partition: 0, offset: 0, leaf: null });
}
const take = (event: KnownEvent, status: CanonStatus, seq: number): Promise<void> =>
  warehouse.insert('platform.canon_events', [rowAs(event, status, seq)], `sharing-${seq}`);

test('an event that is not decided is shared by its actor: readable on every path, and no longer once that is taken back', async () => {
  const context = { artifactId: 'shared', title: 'shared', kind: 'CODE' } as const;
  await engines.store.transact((tx) => publishArtifact(commandContext(bench.dependencies, tx, 'ada'), context));
  const [event] = (await bench.events()) as [KnownEvent];
  await take(event, 'PROVISIONAL', 1);
  const liveAs = (status: CanonStatus): unknown => {
    return liveSources['canonChanged']?.represent(JSON.stringify(rowAs(event, status)), {});
  };
  const query = `query ($id: ID!, $filter: CanonEventFilter, $refs: [_Any!]!) { canonEvent(id: $id) { id }
    canonEvents(filter: $filter) { nodes { id } } all: canonEvents(first: 100) { nodes { id } }
    _entities(representations: $refs) { ... on CanonEvent { id } ... on Artifact { canonEvents { nodes { id } } } } }`;
  const paths = async (login: string, status: CanonStatus = 'PROVISIONAL'): Promise<number> => {
    const refs = [liveAs(status), { __typename: 'CanonEvent', id: event.id }, { __typename: 'Artifact', id: 'shared' }];
    const found = await data({ login }, query, { id: event.id, filter: { entityId: 'shared' }, refs });
    return JSON.stringify(found).split(event.id).length - 1;
  };
  const share = async (login: string, isGranted: boolean, readerId = 'bob'): Promise<unknown> => {
    const text = `mutation ($input: ShareCanonEventInput!) { shareCanonEvent(input: $input) { eventIds userErrors { code } } }`;
    const answer = await data<{ shareCanonEvent: { eventIds: string[]; userErrors: { code: string }[] } }>(
      { login, scopes: ['write'] },
      text,
      { input: { eventId: event.id, readerId, isGranted } },
    );
    const { eventIds, userErrors } = answer.shareCanonEvent;
    return userErrors.length > 0 ? userErrors.map(({ code }) => code) : eventIds.length;
  };
  expect([await paths('ada'), await paths('bob')]).toEqual([6, 0]);
  expect(await share('bob', true)).toEqual(['NOT_FOUND']);
  expect(await share('ada', true, 'nobody')).toEqual(['NOT_FOUND']);
  expect([await share('ada', true), await share('ada', true)]).toEqual([1, 0]);
  expect(await paths('bob')).toBe(6);
  // Who may read it may not share it on.
  expect(await share('bob', true, 'ada')).toEqual(['FORBIDDEN']);
  expect(await share('ada', false)).toBe(1);
  expect(await paths('bob')).toBe(0);
  await share('ada', true);
  await take(event, 'NON_CANONICAL', 2);
  expect([await paths('ada', 'NON_CANONICAL'), await paths('bob', 'NON_CANONICAL')]).toEqual([0, 0]);
  expect((await bench.events()).filter(({ type }) => type.startsWith('canon.access-')).map(({ type }) => type)).toEqual(
    ['canon.access-granted', 'canon.access-revoked', 'canon.access-granted'],
  );
});
