import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { TableName } from '../../schema/warehouse/tables.ts';
import { packOutgoing, packRecords, unpackOutgoing, unpackRecords } from './packed-records.ts';

const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('', '\ud800', '\n', '"'));
const outgoing = fc.record(
  {
    topic: fc.constantFrom('a', 'b', 'c'),
    key: text,
    id: text,
    value: fc.option(text),
    partition: fc.nat(),
    rowOf: fc.constantFrom<TableName>('platform.canon_events', 'platform.canon_status'),
  },
  { requiredKeys: ['topic', 'key', 'id', 'value'] },
);

test('goal: what goes to another thread comes back as it was, whatever it says', () => {
  fc.assert(
    fc.property(fc.array(outgoing), (records) => {
      expect(unpackOutgoing(structuredClone(packOutgoing(records)))).toEqual(records);
    }),
  );
  const place = { partition: fc.nat(), offset: fc.maxSafeNat(), appendedAtMs: fc.maxSafeNat() };
  const record = fc.tuple(outgoing, fc.record(place)).map(([given, where]) => ({ ...given, ...where }));
  fc.assert(
    fc.property(fc.array(record), (records) => {
      expect(unpackRecords(structuredClone(packRecords(records)))).toEqual(records);
    }),
  );
});
