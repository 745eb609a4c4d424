import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type SqliteEngines, openSqliteEngines } from '../../engines/sqlite/open-engines.ts';
import { openChdbWarehouse } from '../../engines/warehouse/chdb-warehouse.ts';
import type { Warehouse } from '../../engines/warehouse/port.ts';
import { topics } from '../../schema/topics.ts';
import { type SubgraphBench, createBench } from '../shared/testing.ts';
import { createLevelKeeper } from './level-keeper.ts';
import { createReputationSubgraph } from './subgraph.ts';
import { putCreator } from './testing.ts';

// Goal: a badge for a skill comes and goes with its certificates, whether or not they change a score.
let root: string;
let engines: SqliteEngines;
let warehouse: Warehouse;
let bench: SubgraphBench;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'vcos-test-skill-badges-'));
  engines = openSqliteEngines({ directory: root });
  await engines.eventLog.ensureTopics(Object.values(topics).map((spec) => ({ ...spec, partitions: 1 })));
  warehouse = await openChdbWarehouse({ path: join(root, 'warehouse') });
  await warehouse.migrate();
  bench = createBench(createReputationSubgraph(), { ...engines, warehouse });
}, 60_000);
afterAll(async () => {
  for (const engine of [warehouse, engines.eventLog, engines.store]) await engine.close();
  await rm(root, { recursive: true, force: true });
});

test('goal: a certificate beyond what its issuer can give counts nothing, gives its badge all the same, and takes it along', async () => {
  await putCreator(engines.store, 'pupil', ['QUALITY']);
  const keeper = createLevelKeeper(bench.dependencies);
  const certify = async (version: number, isRevoked: 0 | 1): Promise<void> => {
    const issuedAt = '2026-11-01T00:00:00.000Z';
    const words = { skill: 'spinning', statement: 'Spun a thread with me.', issuedAt, revokedAt: '', statusIndex: 2 };
    await engines.store.transact((tx) =>
      tx.put({
        type: 'Certificate',
        id: 'third',
        props: { issuerId: 'master', holderId: 'pupil', ...words, isRevoked },
      }),
    );
    const at = '2026-11-01 00:00:00.000';
    const piece = { event_id: 'third', rule: 'CERTIFIED', source_id: 'master', source_kind: 'CREATOR' as const };
    const counting = { weight: 0.5, trust: 1, counted: 0, refusal: isRevoked === 1 ? 'WITHDRAWN' : 'PAIR_CAP' };
    const row = {
      creator_id: 'pupil',
      dimension: 'QUALITY' as const,
      ...piece,
      ...counting,
      occurred_at: at,
      decay_at: at,
      version,
    };
    await warehouse.insert('platform.reputation_evidence', [row], `third.${version}`);
    await keeper.settleAll();
  };
  const held = async (): Promise<unknown> => {
    const fields = 'badges { nodes { skill revokedAt } }';
    const [found] = await bench.entities<{ badges: { nodes: readonly { skill: string; revokedAt: string | null }[] } }>(
      null,
      'Creator',
      ['pupil'],
      fields,
    );
    return found?.badges.nodes.map(({ skill, revokedAt }) => [skill, revokedAt !== null]);
  };
  await certify(1, 0);
  expect(await held()).toEqual([['spinning', false]]);
  await certify(2, 1);
  expect(await held()).toEqual([['spinning', true]]);
});
