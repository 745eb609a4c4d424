import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openChdbWarehouse } from '../../engines/warehouse/chdb-warehouse.ts';
import type { Warehouse } from '../../engines/warehouse/port.ts';
import type { RowOf } from '../../schema/warehouse/tables.ts';
import { readBadgeFacts } from './badge-facts.ts';

// Goal: badges that ask for so many people get people counted, however many ways they have of saying so.
let root: string;
let warehouse: Warehouse;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'vcos-test-badge-facts-'));
  warehouse = await openChdbWarehouse({ path: join(root, 'warehouse') });
  await warehouse.migrate();
});
afterAll(async () => {
  await warehouse.close();
  await rm(root, { recursive: true, force: true });
});

type Row = RowOf<'platform.reputation_evidence'>;

function row(at: number, piece: Pick<Row, 'rule' | 'source_id'> & Partial<Row>): Row {
  return {
    creator_id: 'helper',
    dimension: 'COLLABORATION',
    event_id: `event-${at}`,
    source_kind: 'CREATOR',
    weight: 0.6,
    trust: 1,
    counted: 0.6,
    refusal: '',
    occurred_at: '2026-11-01 00:00:00.000',
    decay_at: '2026-11-01 00:00:00.000',
    version: at + 1,
    ...piece,
  };
}

test('goal: whoever matches two rules of a badge is one person, and who counts nothing is none', async () => {
  const pieces = [
    ...['ann', 'ben', 'cleo'].map((source_id) => ({ rule: 'EDIT_MERGED', source_id })),
    ...['ann', 'ben', 'cleo', 'dan'].map((source_id) => ({ rule: 'WORKED_TOGETHER', source_id })),
    { rule: 'WORKED_TOGETHER', source_id: 'eve', counted: 0, refusal: 'UNTRUSTED' },
    { rule: 'ANSWER_ACCEPTED', source_id: 'ann', dimension: 'MENTORSHIP' },
    { rule: 'ANSWER_ACCEPTED', source_id: 'ann', dimension: 'COMMUNITY' },
    // Members whom a platform does not name are one person each.
    { rule: 'ANSWER_ACCEPTED', source_id: 'platform:forum', source_kind: 'EXTERNAL' },
    { rule: 'ANSWER_ACCEPTED', source_id: 'platform:forum', source_kind: 'EXTERNAL' },
  ] as const;
  const rows = pieces.map((piece, at) => row(at, piece));
  await warehouse.insert('platform.reputation_evidence', rows, 'pieces');
  const facts = await readBadgeFacts(warehouse, ['helper', 'nobody']);
  expect(facts.get('helper')?.people).toEqual({ TEACHER: 3, SOURCE: 0, HELPING_HAND: 4 });
  expect(facts.get('nobody')).toEqual({ scores: {}, people: { TEACHER: 0, SOURCE: 0, HELPING_HAND: 0 } });
});
