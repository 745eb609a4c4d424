/** Goal: no history of commands, replays and crashes spends twice, changes sealed bytes, or leaves a chain that does not verify. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type LedgerHead,
  type LedgerRow,
  hashCells,
  hashLedgerRow,
  ledgerRowSchema,
} from '../../../../schema/metrics/ledger-row.ts';
import { compare, parseRational, rational, zero } from '../../../../schema/metrics/rational.ts';
import { type Release, hashRelease } from '../../../../schema/metrics/release.ts';
import { type Cost, dailyBudget } from '../accounting/budget.ts';
import {
  type Decision,
  type Reservation,
  type SealDecision,
  decideBurn,
  decideEmit,
  decideReserve,
  decideSeal,
} from './decide.ts';
import { type DayAccount, type ReleaseRecord, dayAfter, headAfter, releaseAfter } from './state.ts';
import { verifyLedger } from './verify.ts';

const hex = (digit: string): string => digit.repeat(64);
/** Two metrics fit into a day, three do not. */
const half: Cost = { rho: rational(1n, 400n), delta: zero };
const costOf = (): Cost => half;

/** A ledger as a processor keeps it: keyed state and an append-only list. */
class Book {
  readonly rows: LedgerRow[] = [];
  readonly releases = new Map<string, ReleaseRecord>();
  readonly days = new Map<string, DayAccount>();
  readonly published = new Map<string, string>();
  head: LedgerHead | undefined;

  view(releaseId: string): { head: LedgerHead | undefined; release: ReleaseRecord | undefined } {
    return { head: this.head, release: this.releases.get(releaseId) };
  }

  apply<D extends Decision | SealDecision>(decision: D): D {
    if (decision.kind !== 'append') return decision;
    const { row } = decision;
    this.rows.push(row);
    this.head = headAfter(row);
    this.releases.set(row.releaseId, releaseAfter(this.releases.get(row.releaseId), row));
    this.days.set(row.day, dayAfter(this.days.get(row.day), row));
    return decision;
  }

  reserve(wanted: Partial<Reservation> & { releaseId: string }): Decision {
    const whole = { day: '2018-03-12', schemaHash: hex('a'), commitment: hex('1'), cost: half, ...wanted };
    return this.apply(decideReserve({ ...this.view(whole.releaseId), day: this.days.get(whole.day) }, whole));
  }

  drawn(releaseId: string, value: number): Release {
    const release = this.releases.get(releaseId);
    return {
      releaseId: `${releaseId}|POST`,
      metric: 'activity',
      schemaHash: release?.schemaHash ?? hex('0'),
      window: { start: '2018-03-12T09:00:00.000Z', end: '2018-03-12T10:00:00.000Z' },
      key: 'POST',
      value,
      interval: { level: 0.95, low: value - 28, high: value + 28 },
      sigma2: '200',
      rho: '1/400',
      sealedAt: '2018-03-12T10:00:01.000Z',
      ledgerSeq: release?.reservation.seq ?? 0,
      ledgerHash: release?.reservation.hash ?? hex('0'),
    };
  }

  seal(releaseId: string, value: number): SealDecision {
    return this.apply(decideSeal(this.view(releaseId), [this.drawn(releaseId, value)]));
  }

  emit(releaseId: string, value: number): Decision | SealDecision {
    const sealed = decideSeal(this.view(releaseId), [this.drawn(releaseId, value)]);
    if (sealed.kind === 'refuse') return sealed;
    const decision = this.apply(decideEmit(this.view(releaseId), sealed.released));
    if (decision.kind !== 'refuse')
      this.published.set(releaseId, hashCells({ POST: hashRelease(this.drawn(releaseId, value)) }));
    return decision;
  }

  burn(releaseId: string): Decision {
    return this.apply(decideBurn(this.view(releaseId)));
  }
}

describe('one release', () => {
  test('is reserved, sealed and emitted, each once, however often it is asked for', () => {
    const book = new Book();
    for (let again = 0; again < 3; again += 1) book.reserve({ releaseId: 'r' });
    for (let again = 0; again < 3; again += 1) book.seal('r', 5);
    for (let again = 0; again < 3; again += 1) book.emit('r', 5);
    expect(book.rows.map(({ state, rho }) => [state, rho])).toEqual([
      ['reserved', '1/400'],
      ['sealed', '0'],
      ['emitted', '0'],
    ]);
    for (const row of book.rows) expect(ledgerRowSchema.parse(row)).toEqual(row);
    expect(book.reserve({ releaseId: 'r' })).toMatchObject({ kind: 'repeat', release: { state: 'emitted' } });
  });

  test('of another input is refused before and after the seal', () => {
    const book = new Book();
    book.reserve({ releaseId: 'r' });
    expect(book.reserve({ releaseId: 'r', commitment: hex('2') })).toMatchObject({ code: 'DIFFERENT_INPUT' });
    book.seal('r', 5);
    expect(book.reserve({ releaseId: 'r', commitment: hex('2') })).toMatchObject({ code: 'DIFFERENT_INPUT' });
    expect(book.seal('r', 6)).toMatchObject({ code: 'DIFFERENT_OUTPUT' });
    expect(book.reserve({ releaseId: 'r', schemaHash: hex('b') })).toMatchObject({ code: 'DIFFERENT_DECLARATION' });
    expect(book.reserve({ releaseId: 'r', day: '2018-03-13' })).toMatchObject({ code: 'DIFFERENT_DECLARATION' });
    expect(book.rows).toHaveLength(2);
  });

  test('cannot skip a state, go back, or borrow a reservation', () => {
    const book = new Book();
    expect(book.seal('r', 5)).toMatchObject({ code: 'OUT_OF_ORDER' });
    expect(book.burn('r')).toMatchObject({ code: 'OUT_OF_ORDER' });
    book.reserve({ releaseId: 'r' });
    const early = decideSeal(book.view('r'), [book.drawn('r', 5)]);
    if (early.kind === 'refuse') throw new Error(early.reason);
    expect(decideEmit(book.view('r'), early.released)).toMatchObject({ code: 'OUT_OF_ORDER' });
    book.reserve({ releaseId: 'other' });
    expect(decideSeal(book.view('r'), [book.drawn('other', 5)])).toMatchObject({ code: 'WRONG_RESERVATION' });
    expect(decideSeal(book.view('r'), [{ ...book.drawn('r', 5), ledgerSeq: 1 }])).toMatchObject({
      code: 'WRONG_RESERVATION',
    });
    book.seal('r', 5);
    book.emit('r', 5);
    expect(book.burn('r')).toMatchObject({ code: 'OUT_OF_ORDER' });
  });

  test('burned stays burned and is not refunded', () => {
    const book = new Book();
    book.reserve({ releaseId: 'r' });
    book.burn('r');
    expect(book.burn('r')).toMatchObject({ kind: 'repeat' });
    expect(book.reserve({ releaseId: 'r' })).toMatchObject({ code: 'OUT_OF_ORDER' });
    expect(book.seal('r', 5)).toMatchObject({ code: 'OUT_OF_ORDER' });
    expect(book.days.get('2018-03-12')?.rho).toBe('1/400');
  });
});

describe('the budget of a day', () => {
  test('pays once for all cells of a metric, and refuses the metric that does not fit', () => {
    const book = new Book();
    for (const id of ['a', 'b', 'c']) book.reserve({ releaseId: id, schemaHash: hex('a') });
    book.reserve({ releaseId: 'd', schemaHash: hex('b') });
    expect(book.days.get('2018-03-12')?.rho).toBe('1/200');
    expect(book.reserve({ releaseId: 'e', schemaHash: hex('c') })).toEqual({
      kind: 'refuse',
      code: 'OVERSPENT',
      reason: '2018-03-12: rho: 1/400 does not fit into a budget of 1/200 of which 1/200 is spent',
    });
    expect(book.reserve({ releaseId: 'e', schemaHash: hex('c'), day: '2018-03-13' }).kind).toBe('append');
    expect(verifyLedger(book.rows, { costOf })).toMatchObject({ kind: 'whole', head: { seq: 4 } });
  });
});

/** A command on one of a few releases; the model does not care whether it makes sense. */
const commands = fc.array(
  fc.record({
    verb: fc.constantFrom('reserve', 'seal', 'emit', 'burn'),
    id: fc.constantFrom('p', 'q', 'r', 's'),
    input: fc.constantFrom('1', '1', '1', '2'),
    schema: fc.constantFrom('a', 'b', 'c'),
    value: fc.constantFrom(5, 5, 5, 6),
  }),
  { maxLength: 60 },
);

function play(history: typeof commands extends fc.Arbitrary<infer T> ? T : never): Book {
  const book = new Book();
  for (const { verb, id, input, schema, value } of history) {
    const before = book.published.get(id);
    if (verb === 'reserve') book.reserve({ releaseId: id, commitment: hex(input), schemaHash: hex(schema) });
    else if (verb === 'seal') book.seal(id, value);
    else if (verb === 'emit') book.emit(id, value);
    else book.burn(id);
    if (before !== undefined) expect(book.published.get(id)).toBe(before);
  }
  return book;
}

describe('any history', () => {
  test('keeps the budget, verifies from its rows alone, and rebuilds the state', () => {
    fc.assert(
      fc.property(commands, (history) => {
        const book = play(history);
        for (const { rho } of book.days.values()) {
          expect(compare(parseRational(rho), dailyBudget.rho)).toBeLessThanOrEqual(0);
        }
        const report = verifyLedger(book.rows, { costOf });
        if (report.kind === 'broken') throw new Error(report.reason);
        expect(Object.fromEntries(report.releases)).toEqual(Object.fromEntries(book.releases));
        expect(Object.fromEntries(report.days)).toEqual(Object.fromEntries(book.days));
        for (const [id, hash] of book.published) {
          expect(report.releases.get(id)).toMatchObject({ state: 'emitted', releaseHash: hash });
        }
      }),
    );
  });

  test('played twice appends what it appended once', () => {
    fc.assert(
      fc.property(commands, (history) => {
        const steady = history
          .filter(({ verb }) => verb !== 'burn')
          .map((one) => ({ ...one, input: '1', schema: 'a', value: 5 }) as const);
        const ids = (book: Book): string[] => book.rows.map(({ releaseId, state }) => `${releaseId} ${state}`).sort();
        const once = play(steady);
        // A second run finds what was too early in the first one now in order, but never adds a second row for the same move.
        const twice = ids(play([...steady, ...steady]));
        expect(new Set(twice).size).toBe(twice.length);
        expect(twice).toEqual(expect.arrayContaining(ids(once)));
      }),
    );
  });

  test('with one row changed, dropped, doubled or swapped is found out at that row', () => {
    const rehashed = (row: LedgerRow): LedgerRow => ({ ...row, hash: hashLedgerRow(row) });
    /** What is done to the row at a place, and how far behind it that shows. */
    const changes: (readonly [(row: LedgerRow, next: LedgerRow) => LedgerRow[], number])[] = [
      [(row, next) => [{ ...row, rho: '0', releaseHash: hex('f') }, next], 0],
      [(row, next) => [rehashed({ ...row, commitment: hex('9'), rho: '1/999' }), next], 0],
      [(row, next) => [{ ...next, seq: row.seq }, row], 0],
      [(_, next) => [next], 0],
      [(row, next) => [row, row, next], 1],
      [(row, next) => [next, row], 0],
    ];
    fc.assert(
      fc.property(commands, fc.nat(), fc.constantFrom(...changes), (history, seed, [change, delay]) => {
        const { rows } = play(history);
        // The last row may be dropped unseen: that is what signed roots are for.
        const at = seed % Math.max(1, rows.length - 1);
        const [row, next] = [rows[at], rows[at + 1]];
        if (!row || !next) return;
        const changed = rows.toSpliced(at, 2, ...change(row, next));
        expect(verifyLedger(changed, { costOf })).toMatchObject({ kind: 'broken', seq: at + delay });
      }),
    );
  });
});

describe('a forged ledger with a whole chain', () => {
  const forge = (entries: readonly Partial<LedgerRow>[]): LedgerRow[] => {
    const rows: LedgerRow[] = [];
    for (const entry of entries) {
      const base = { state: 'reserved', day: 'd', releaseId: 'r', schemaHash: hex('a'), commitment: hex('1') } as const;
      const last = rows.at(-1);
      const link = { seq: rows.length, prevHash: last?.hash ?? hex('0') };
      const row = { ...base, rho: '0', delta: '0', releaseHash: null, cells: null, ...entry, ...link };
      rows.push({ ...row, hash: hashLedgerRow(row) });
    }
    return rows;
  };
  const sealed = { state: 'sealed', cells: { POST: hex('e') }, releaseHash: hashCells({ POST: hex('e') }) } as const;
  const paid = { rho: '1/400' };

  test.each([
    ['it does not charge what its declaration costs', [{ rho: '1/401' }]],
    ['it does not charge what its declaration costs', [paid, { releaseId: 's', rho: '1/400' }]],
    ['it moves a release from nothing to sealed', [sealed]],
    ['it moves a release from reserved to emitted', [paid, { ...sealed, cells: null, state: 'emitted' }]],
    ['it moves a release from sealed to sealed', [paid, sealed, sealed]],
    ['only a sealed release has a hash', [paid, { state: 'sealed' }]],
    ['only a sealed release has a hash', [{ ...paid, releaseHash: hex('e') }]],
    ['only a row that seals names cells', [{ ...paid, cells: {} }]],
    ['its hash is not that of its cells', [paid, { ...sealed, cells: { POST: hex('d') } }]],
    ['it changes what was reserved', [paid, { ...sealed, commitment: hex('2') }]],
    ['it changes what was sealed', [paid, sealed, { state: 'emitted', releaseHash: hex('d') }]],
    [
      'rho: 1/400 does not fit',
      [paid, { ...paid, releaseId: 's', schemaHash: hex('b') }, { ...paid, releaseId: 't', schemaHash: hex('c') }],
    ],
  ] as const)('%s', (reason, entries) => {
    const report = verifyLedger(forge(entries), { costOf });
    expect(report).toMatchObject({ kind: 'broken', seq: entries.length - 1 });
    expect(report.kind === 'broken' && report.reason).toContain(reason);
  });

  test('a declaration that nobody knows', () => {
    expect(verifyLedger(forge([paid]), { costOf: () => undefined })).toMatchObject({
      reason: 'its declaration is unknown',
    });
  });
});
