import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type CanonEvent, canonicalJson } from '../../schema/events/envelope.ts';
import { tables } from '../../schema/warehouse/tables.ts';
import { type DryRun, changelogOf, dryRun, recordOf } from '../shared/testing.ts';
import { canonProcessor } from './canon-pipeline.ts';
import { chainOf, recordsOf, sealHash } from './testing.ts';

const take = (events: readonly CanonEvent[]): DryRun => dryRun(canonProcessor, recordsOf(events));
const takeText = (texts: readonly string[]): DryRun =>
  dryRun(
    canonProcessor,
    texts.map((value, offset) => recordOf({ offset, value })),
  );

const text = fc.string({ unit: 'binary-ascii', maxLength: 20 }).map((given) => given.replaceAll(/[^ -~]/g, '.'));
const chain = fc
  .tuple(
    fc.constantFrom('SYSTEM', 'CREATOR', 'EXTERNAL', 'IMVU'),
    fc.array(fc.array(text, { maxLength: 3 }), { minLength: 1, maxLength: 12 }),
  )
  .map(([source, skills]) =>
    chainOf({
      entityId: 'c1',
      length: skills.length,
      change: (_event, index) => ({ source, ...(index > 0 ? { payload: { added: skills[index], removed: [] } } : {}) }),
    }),
  );

/** Positions that a record of the chain is refused at. */
const refusals = (run: DryRun): readonly string[] => run.deadLetters.map(({ reason }) => reason);

describe('canon takes up events', () => {
  test('goal: any chain verifies, and its rows fit the warehouse', () => {
    fc.assert(
      fc.property(chain, (events) => {
        const run = take(events);
        expect(run.outcomes).toEqual(events.map(() => 'ok'));
        const rows = run.emitted('canonRecords').map((row) => tables['platform.canon_events'].parse(row));
        expect(rows.map(({ body }) => body)).toEqual(events.map((event) => canonicalJson(event)));
        for (const row of run.emitted('canonStatus')) tables['platform.canon_status'].parse(row);
      }),
    );
  });

  test('whoever left for good and is erased later contradicts nothing', () => {
    const left = { type: 'creator.state-changed', payload: { from: 'INITIATE', to: 'MIGRATED' } };
    const erased = {
      type: 'creator.erased',
      payload: { keyId: null, erasedAt: '2024-01-01T00:00:00.000Z', treeHeads: [] },
    };
    const changes = [{}, left, erased];
    const run = take(chainOf({ entityId: 'c1', length: 3, change: (_event, index) => changes[index] ?? {} }));
    const rows = run.emitted('canonRecords').map((row) => tables['platform.canon_events'].parse(row));
    expect(rows.map(({ status }) => status)).toEqual(['CANONICAL', 'CANONICAL', 'CANONICAL']);
  });

  test('goal: any flipped bit of any event is found', () => {
    fc.assert(
      fc.property(chain, fc.nat(), fc.nat(), fc.nat(7), (events, which, where, bit) => {
        const index = which % events.length;
        const bytes = Buffer.from(canonicalJson(events[index]));
        const place = where % bytes.length;
        bytes[place] = (bytes[place] ?? 0) ^ (1 << bit);
        const flipped = bytes.toString('utf8');
        const run = takeText(events.map((event, i) => (i === index ? flipped : canonicalJson(event))));
        // One bit is all that lies between the ids of some events: such a flip claims an id that is taken.
        const takesId = events.slice(0, index).some(({ id }) => flipped.includes(`"id":"${id}"`));
        expect(run.outcomes[index]).toMatch(
          takesId ? /^deadLetter ID_REUSED$/ : /^deadLetter (UNDECODABLE|HASH_MISMATCH)$/,
        );
        expect(run.outcomes.slice(0, index)).toEqual(events.slice(0, index).map(() => 'ok'));
        expect(run.outcomes.slice(index + 1)).toEqual(events.slice(index + 1).map(() => 'deadLetter CHAIN_BROKEN'));
      }),
      { numRuns: 300 },
    );
  });

  test('goal: an event that was dropped before the end is found', () => {
    fc.assert(
      fc.property(chain, fc.nat(), (events, which) => {
        fc.pre(events.length > 1);
        const index = which % (events.length - 1);
        expect(refusals(take(events.toSpliced(index, 1)))).toContain('CHAIN_BROKEN');
      }),
    );
  });

  test('goal: events that changed places are found', () => {
    fc.assert(
      fc.property(chain, fc.nat(), fc.nat(), (events, a, b) => {
        const [i, j] = [a % events.length, b % events.length];
        const [first, second] = [events[i], events[j]];
        fc.pre(i !== j && first !== undefined && second !== undefined);
        expect(refusals(take(events.with(i, second).with(j, first)))).toContain('CHAIN_BROKEN');
      }),
    );
  });

  test('goal: an event that was inserted is found, however well it is hashed', () => {
    fc.assert(
      fc.property(chain, fc.nat(), fc.boolean(), (events, which, extends_) => {
        const index = which % events.length;
        const next = events[index];
        fc.pre(next !== undefined);
        const prevHash = extends_ ? next.prevHash : 'f'.repeat(64);
        const forged = sealHash({ ...next, id: 'forged', payload: { ...next.payload }, prevHash });
        expect(refusals(take(events.toSpliced(index, 0, forged)))).toContain('CHAIN_BROKEN');
      }),
    );
  });

  test('goal: bytes that no schema looks at are covered by the hash too', () => {
    const [event] = chainOf({ entityId: 'c1', length: 1 });
    const smuggled = canonicalJson(event).replace('"payload":{', '"payload":{"__proto__":{"a":1},');
    expect(takeText([smuggled]).outcomes[0]).toMatch(/^deadLetter/);
  });

  test('goal: a repetition is dropped, also after a restart; the same id with other content is refused and on record', () => {
    const events = chainOf({ entityId: 'c1', length: 2 });
    const [first, second] = events as [CanonEvent, CanonEvent];
    const other = sealHash({ ...second, actor: 'somebody else' });
    const run = take([first, second, first, second, other, { ...second, actor: 'x' }]);
    expect(run.outcomes).toEqual([
      'ok',
      'ok',
      'drop DUPLICATE',
      'drop DUPLICATE',
      'deadLetter ID_REUSED',
      'deadLetter ID_REUSED',
    ]);
    const restored = dryRun(
      canonProcessor,
      recordsOf([...events, ...chainOf({ entityId: 'c1', length: 3 }).slice(2)]),
      changelogOf(run),
    );
    expect(restored.outcomes).toEqual(['drop DUPLICATE', 'drop DUPLICATE', 'ok']);
  });

  test('goal: an event whose predecessor comes late is refused, and accepted when it is sent again', () => {
    const [a, b, c] = chainOf({ entityId: 'c1', length: 3 }) as [CanonEvent, CanonEvent, CanonEvent];
    expect(take([a, c, b, c]).outcomes).toEqual(['ok', 'deadLetter CHAIN_BROKEN', 'ok', 'ok']);
  });

  test('goal: ticks are dropped, and what is no event is put aside with the field that is wrong', () => {
    const [event] = chainOf({ entityId: 'c1', length: 1 });
    const run = takeText(['{"tick":"live","wallUs":3600000000}', 'noise', canonicalJson({ ...event, actor: '' })]);
    expect(run.outcomes).toEqual(['drop TICK', 'deadLetter UNDECODABLE', 'deadLetter UNDECODABLE']);
    expect(run.deadLetters.map(({ message }) => message)).toEqual(['not JSON', expect.stringMatching(/^actor: /)]);
  });
});

describe('canon decides the status', () => {
  const statuses = (events: readonly CanonEvent[]): readonly unknown[] =>
    take(events)
      .emitted('canonStatus')
      .map((row) => tables['platform.canon_status'].parse(row))
      .map(({ seq, status, contradiction }) => [seq, status, contradiction]);

  test.each([
    ['SYSTEM', [[0, 'CANONICAL', null]]],
    [
      'CREATOR',
      [
        [0, 'PROVISIONAL', null],
        [1, 'CANONICAL', null],
      ],
    ],
    [
      'EXTERNAL',
      [
        [0, 'PROPOSED', null],
        [1, 'CANONICAL', null],
      ],
    ],
    ['IMVU', [[0, 'EMERGENT', null]]],
  ] as const)('goal: without a contradiction %s events go as far as %j', (source, expected) => {
    expect(statuses(chainOf({ entityId: 'c1', length: 1, change: () => ({ source }) }))).toEqual(expected);
  });

  test('goal: a time that is not after its predecessor, and a version out of order, are decided by who was first, on record', () => {
    const events = chainOf({
      entityId: 'c1',
      length: 3,
      change: (event, index) =>
        index === 1 ? { hlc: { ...event.hlc, wallUs: 5 }, entityVersion: 7 } : index === 2 ? { entityVersion: 8 } : {},
    });
    const run = take(events);
    expect(statuses(events)).toEqual([
      [0, 'PROVISIONAL', null],
      [1, 'CANONICAL', null],
      [0, 'PROVISIONAL', null],
      [1, 'NON_CANONICAL', 'TEMPORAL'],
      [0, 'PROVISIONAL', null],
      [1, 'CANONICAL', null],
    ]);
    expect(run.emitted('canonCases')).toMatchObject([
      { kind: 'TEMPORAL', state: 'RESOLVED', strategy: 'TEMPORAL_PRIORITY', verdict: 'REJECT' },
      { kind: 'STATE', state: 'RESOLVED', strategy: 'TEMPORAL_PRIORITY', verdict: 'REJECT' },
    ]);
    const [, contradicted] = run.emitted('canonRecords').map((row) => tables['platform.canon_events'].parse(row));
    expect(contradicted).toMatchObject({ status: 'NON_CANONICAL', status_seq: 1 });
  });

  test('goal: credit shares over 100 % contradict, 100 % in thirds does not', () => {
    const published = (shares: readonly number[]): CanonEvent[] =>
      chainOf({
        entityId: 'a1',
        length: 1,
        change: () => ({
          type: 'artifact.published',
          entity: { type: 'Artifact', id: 'a1' },
          payload: {
            kind: 'CODE',
            visibility: 'PUBLIC',
            tags: [],
            contentHash: 'h',
            derivedFrom: [],
            credits: shares.map((sharePercent, i) => ({ creatorId: `c${i}`, sharePercent })),
          },
        }),
      });
    expect(statuses(published([60, 60]))).toEqual([
      [0, 'PROVISIONAL', null],
      [1, 'PROVISIONAL', 'LOGICAL'],
    ]);
    expect(statuses(published([100 / 3, 100 / 3, 100 / 3]))).toEqual([
      [0, 'PROVISIONAL', null],
      [1, 'CANONICAL', null],
    ]);
  });
});
