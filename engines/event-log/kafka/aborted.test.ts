import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AbortedTransaction, type RawRecord, withoutAborted } from './aborted.ts';

interface Written extends RawRecord {
  readonly seen: boolean;
}

/** What a broker stores and tells when these producers write, commit and abort in this order. */
function write(steps: readonly { producer: number; what: 'record' | 'commit' | 'abort' }[]) {
  const records: { offset: number; producerId: string; isControl: boolean; seen: boolean }[] = [];
  const open = new Map<number, number>();
  const aborted: (AbortedTransaction & { readonly lastOffset: number })[] = [];
  for (const [offset, { producer, what }] of steps.entries()) {
    const producerId = String(producer);
    const first = open.get(producer);
    records.push({ offset, producerId, isControl: what !== 'record', seen: false });
    if (what === 'record') open.set(producer, first ?? offset);
    if (what === 'record' || first === undefined) continue;
    if (what === 'abort') aborted.push({ producerId, firstOffset: first, lastOffset: offset });
    for (const record of records) {
      if (record.producerId === producerId && !record.isControl && record.offset >= first)
        record.seen = what === 'commit';
    }
    open.delete(producer);
  }
  // Records of transactions that are open still are beyond the last stable offset: they are not fetched.
  const stable = Math.min(steps.length, ...open.values());
  const fetched: Written[] = records
    .filter(({ offset }) => offset < stable)
    .map((record) => ({ ...record, inTransaction: true }));
  return { fetched, aborted: aborted.filter(({ firstOffset }) => firstOffset < stable) };
}

test('goal: exactly the records of committed transactions are seen, however producers overlap', () => {
  const step = fc.record({
    producer: fc.nat(3),
    what: fc.constantFrom<'record' | 'commit' | 'abort'>('record', 'record', 'commit', 'abort'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.nat(20), (steps, from) => {
      const written = write(steps);
      const part = written.fetched.filter(({ offset }) => offset >= from);
      // A broker tells of no transaction that ended before what is asked for.
      const aborted = written.aborted.filter(({ lastOffset }) => lastOffset >= from);
      expect(withoutAborted(part, aborted)).toEqual(part.filter(({ seen }) => seen));
    }),
  );
});
