import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RowOf } from '../../schema/warehouse/tables.ts';
import { isRow } from '../../schema/warehouse/row-text.ts';
import { leafOf } from './tree-builder.ts';

const table = 'platform.canon_events';
const hash = fc.constantFrom('0'.repeat(64), 'ab'.repeat(32), '');
const text = fc.oneof(
  fc.string(),
  fc.constantFrom('"hash":"', `"hash":"${'0'.repeat(64)}"`, '"leaf_index":7', '\\', '"', '\\"leaf_index":7,'),
);
const id = text.filter((one) => one !== '');
const row: fc.Arbitrary<RowOf<typeof table>> = fc.record({
  event_id: id,
  entity_type: id,
  entity_id: id,
  entity_version: fc.nat().map((n) => n + 1),
  type: id,
  type_version: fc.constant(1),
  hlc: id,
  occurred_at: fc.constant('2024-01-01 00:00:00.000'),
  actor: id,
  source: fc.constant('CREATOR'),
  status: fc.constant('CANONICAL'),
  status_seq: fc.nat(),
  caused_by: fc.array(id),
  prev_hash: fc.oneof(hash, text),
  hash: fc.oneof(hash, text),
  log_partition: fc.constant(0),
  log_offset: fc.nat(),
  leaf_index: fc.option(fc.nat()),
  body: fc.oneof(
    text,
    fc.tuple(text, hash).map((pair) => JSON.stringify(Object.fromEntries([['hash', pair]]))),
  ),
});

test('goal: of a row that was checked when it was written, whatever it says, the leaf is read that parsing it gives', () => {
  fc.assert(
    fc.property(row, (given) => {
      const value = JSON.stringify(given);
      const parsed = leafOf({ value });
      expect(parsed).toEqual({ hash: given.hash, leaf_index: given.leaf_index });
      if (isRow(table, given)) expect(leafOf({ value, rowOf: table })).toEqual(parsed);
    }),
  );
});
