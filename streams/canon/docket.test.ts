import { describe, expect, test } from '@jest/globals';
import { type CanonEvent, GENESIS_HASH, canonicalJson } from '../../schema/events/envelope.ts';
import { type DryRun, changelogOf, dryRun, recordOf } from '../shared/testing.ts';
import { canonProcessor } from './canon-pipeline.ts';
import { dockets, unlooked, waiters, waitingFor } from './docket.ts';
import { chainOf, recordsOf, sealHash } from './testing.ts';

const [plain] = chainOf({ entityId: 'c1', length: 1 }) as [CanonEvent];
const disputed = chainOf({
  entityId: 'c1',
  length: 2,
  change: (_e, n) => (n === 1 ? { source: 'IMVU', actor: 'c1' } : {}),
});
const caseId = `EMERGENT:${disputed[1]?.id ?? ''}`;

/** What somebody says of the case; the first event of its chain unless another is told. */
function voice(type: string, actor: string, payload: object, before?: CanonEvent): CanonEvent {
  return sealHash({
    ...plain,
    id: `${type}-${actor}`,
    type,
    entity: { type: 'CanonCase', id: caseId },
    entityVersion: (before?.entityVersion ?? 0) + 1,
    hlc: { ...plain.hlc, wallUs: plain.hlc.wallUs + 10_000 + (before?.entityVersion ?? 0) },
    actor,
    payload: { caseId, logKey: 'c1', ...payload },
    prevHash: before?.hash ?? GENESIS_HASH,
  });
}

const decide = (actor: string, verdict: string, before?: CanonEvent): CanonEvent =>
  voice('canon.review-decided', actor, { verdict, favours: null, ground: 'EVIDENCE' }, before);
const run = (events: readonly CanonEvent[]): DryRun => dryRun(canonProcessor, recordsOf(events));
/** The newest status of the disputed event, as its row was told. */
const statusOf = (done: DryRun): unknown =>
  (done.emitted('canonRecords') as { event_id: string; status: string }[]).findLast(
    ({ event_id }) => event_id === disputed[1]?.id,
  )?.status;

const tick = (offset: number, hours: number): ReturnType<typeof recordOf> =>
  recordOf({
    offset,
    value: '{"tick":"live","wallUs":3600000000}',
    appendedAtMs: 1_700_000_000_000 + hours * 3_600_000,
  });

describe('a docket', () => {
  test('goal: plain events leave two small changes of state and nothing on a docket', () => {
    const done = run(chainOf({ entityId: 'c1', length: 1 }));
    const changes = done.outgoing.filter(({ topic }) => topic === 'changelog');
    expect(changes.map(({ key }) => key.split('|')[0]).sort()).toEqual(['events*', 'heads', 'leaves']);
    expect(changes.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)).toBeLessThan(300);
  });

  test.each([
    ['ACCEPT', 'CANONICAL'],
    ['REJECT', 'NON_CANONICAL'],
  ])('goal: a reviewer’s %s makes it %s, closes the case and empties the docket', (verdict, status) => {
    const done = run([...disputed, decide('guardian', verdict)]);
    expect(statusOf(done)).toBe(status);
    expect(done.emitted('canonCases')).toMatchObject([
      { case_id: caseId, seq: 0, state: 'OPEN', parties: ['c1'] },
      { case_id: caseId, seq: 1, state: 'RESOLVED', verdict, decider: 'guardian', strategy: 'MANUAL' },
    ]);
    expect(done.state.entries(dockets)).toEqual([]);
  });

  test('goal: nobody decides on their own case, and what comes after the decision changes nothing', () => {
    expect(statusOf(run([...disputed, decide('c1', 'ACCEPT')]))).toBe('EMERGENT');
    const first = decide('guardian', 'REJECT');
    expect(statusOf(run([...disputed, first, decide('other', 'ACCEPT', first)]))).toBe('NON_CANONICAL');
  });

  test('goal: three electors of whom more than half agree decide', () => {
    const vote = (actor: string, verdict: string, before?: CanonEvent): CanonEvent =>
      voice('canon.vote-cast', actor, { verdict, favours: null }, before);
    const a = vote('a', 'ACCEPT');
    const b = vote('b', 'REJECT', a);
    expect(statusOf(run([...disputed, a, b]))).toBe('EMERGENT');
    expect(statusOf(run([...disputed, a, b, vote('c', 'ACCEPT', b)]))).toBe('CANONICAL');
  });

  test('goal: a fork keeps the event on a branch; its reconciliation comes later, and from a restored state', () => {
    const fork = decide('guardian', 'FORK');
    const forked = run([...disputed, fork]);
    expect(forked.emitted('canonBranches')).toMatchObject([{ branch_id: disputed[1]?.id, is_member: true }]);
    const adopt = decide('other', 'ACCEPT', fork);
    const later = dryRun(canonProcessor, recordsOf([adopt]), changelogOf(forked));
    expect(statusOf(later)).toBe('CANONICAL');
    expect(later.emitted('canonBranches')).toMatchObject([{ branch_id: disputed[1]?.id, is_member: false }]);
  });

  test('goal: whose deadline passed is escalated by the next tick, and again only after the next deadline', () => {
    const events = recordsOf(disputed);
    const done = dryRun(canonProcessor, [...events, ...[70, 71, 73, 74, 146].map((hours, n) => tick(2 + n, hours))]);
    // The first tick looks when the next deadline is; others before it need not.
    expect(done.outcomes).toEqual(['ok', 'ok', 'ok', 'drop TICK', 'ok', 'drop TICK', 'ok']);
    expect(done.emitted('canonCases')).toMatchObject([{ escalations: 0 }, { escalations: 1 }, { escalations: 2 }]);
  });

  test('goal: of more cases than one tick can tell of, each is escalated, by one tick or the next', () => {
    const many = 10_100;
    const left = changelogOf(run(disputed)).filter(({ key }) => key === 'dockets|Creator|c1');
    const dockets = Array.from({ length: many }, (_, n) =>
      left.map((record) => {
        const named = (text: string): string => text.replaceAll('c1', `many-${n}`);
        return { ...record, key: named(record.key), value: named(record.value ?? '') };
      }),
    ).flat();
    const ticks = [70, 73, 74, 75, 76].map((hours, n) => tick(n, hours));
    const done = dryRun(canonProcessor, ticks, dockets);
    expect(done.outcomes).toEqual(['ok', 'ok', 'ok', 'ok', 'drop TICK']);
    const cases = done.emitted('canonCases') as { case_id: string; escalations: number }[];
    const escalations = new Map(cases.map(({ case_id, escalations: told }) => [case_id, told]));
    expect([cases.length, escalations.size, new Set(escalations.values())]).toEqual([many, many, new Set([1])]);
  });

  test('goal: a nearer deadline that a reviewer is given counts, also when a tick has looked before', () => {
    const dueAt = new Date(1_700_000_000_000 + 2 * 3_600_000).toISOString();
    const given = voice('canon.review-assigned', 'guardian', { assigneeId: 'rita', dueAt });
    const [event] = recordsOf([given]);
    const events = recordsOf(disputed);
    const records = [...events, tick(2, 1), { ...(event as (typeof events)[number]), offset: 3 }, tick(4, 3)];
    expect(dryRun(canonProcessor, records).emitted('canonCases')).toMatchObject([
      ...[{ assignee: '' }, { assignee: 'rita', escalations: 0 }, { assignee: '', escalations: 1 }],
    ]);
  });

  test('goal: an event of another platform waits for its cause, and is canonical when that arrives', () => {
    const effect = sealHash({
      ...plain,
      id: 'effect',
      entity: { type: 'Creator', id: 'x' },
      actor: 'elsewhere',
      source: 'EXTERNAL',
      causedBy: [plain.id],
    });
    const late = { ...plain, hlc: { ...plain.hlc, wallUs: plain.hlc.wallUs - 1 } };
    const done = run([effect, sealHash(late)]);
    const rows = done.emitted('canonRecords') as { event_id: string; status: string }[];
    expect(rows.filter(({ event_id }) => event_id === 'effect').map(({ status }) => status)).toEqual([
      'PROPOSED',
      'CANONICAL',
    ]);
    expect(rows.map((row) => canonicalJson(row)).length).toBe(3);
    expect(done.state.entries(dockets)).toEqual([]);
  });

  test('goal: where the first of a long line of events waits for a cause in dispute, what comes is taken up all the same', () => {
    const first = disputed[1]?.id ?? '';
    for (const source of ['IMVU', 'CREATOR'] as const) {
      const line = chainOf({
        entityId: 'c2'.padEnd(110, '-'),
        length: 220,
        startUs: 1_700_000_000_100_000,
        change: (_event, n) => ({ source, causedBy: n === 0 ? [first] : [] }),
      });
      const done = run([...disputed, ...line]);
      expect(done.outcomes.filter((outcome) => outcome !== 'ok')).toEqual([]);
      const said = new Set(
        (done.emitted('canonRecords') as { event_id: string; status: string }[])
          .filter(({ event_id }) => event_id.startsWith('c2-'))
          .map(({ status }) => status),
      );
      // A creator's events are canonical; of an agent's the oldest are decided against.
      expect([...said].sort()).toEqual(source === 'IMVU' ? ['EMERGENT', 'NON_CANONICAL'] : ['CANONICAL']);
    }
  });

  const cause = disputed[1]?.id ?? '';
  const effectsOf = (count: number): CanonEvent[] =>
    Array.from({ length: count }, (_, n) =>
      chainOf({
        entityId: `${'x'.repeat(122)} ${n}`,
        length: 1,
        startUs: 1_700_000_000_100_000 + n,
        change: () => ({ id: `x${n}`, causedBy: [cause] }),
      }),
    ).flat();
  const newestOf = (done: DryRun): Map<string, string> =>
    new Map(
      (done.emitted('canonStatus') as { event_id: string; status: string }[])
        .filter(({ event_id }) => event_id.startsWith('x'))
        .map(({ event_id, status }) => [event_id, status]),
    );

  test('goal: however many wait for a cause, all are taken up, and each is told what became of it, in steps', () => {
    const effects = effectsOf(2_000);
    const waiting = run([...disputed, ...effects]);
    expect(waiting.outcomes.filter((outcome) => outcome !== 'ok')).toEqual([]);
    expect(new Set(newestOf(waiting).values())).toEqual(new Set(['CANONICAL']));
    const [ruling] = recordsOf([decide('guardian', 'REJECT')]);
    const ticks = [1, 2, 3, 4].map((n) => tick(n, 0));
    const done = dryRun(canonProcessor, [ruling as (typeof ticks)[number], ...ticks], changelogOf(waiting));
    expect(done.outcomes.slice(0, 3)).toEqual(['ok', 'ok', 'ok']);
    expect(done.outcomes.at(-1)).toBe('drop TICK');
    const newest = [...newestOf(done).values()];
    expect([newest.length, new Set(newest)]).toEqual([effects.length, new Set(['NON_CANONICAL'])]);
    expect([...done.state.entries(dockets), ...done.state.entries(waiters), ...done.state.entries(unlooked)]).toEqual(
      [],
    );
  });

  test('goal: who waited for a cause in the state of an older build is told, too', () => {
    const effects = effectsOf(3);
    const waiting = run([...disputed, ...effects]);
    const entities = waiting.state.entries(waiters).map(([, entity]) => entity);
    expect(entities).toHaveLength(3);
    const others = waiting.outgoing.filter(({ key }) => !key.startsWith('waiters|'));
    const listed = { topic: 'changelog', id: '', key: `waiting|${cause}`, value: JSON.stringify(entities) };
    const before = changelogOf({ ...waiting, outgoing: [...others, listed] });
    const done = dryRun(canonProcessor, recordsOf([decide('guardian', 'REJECT')]), before);
    expect([...newestOf(done).values()]).toEqual(['NON_CANONICAL', 'NON_CANONICAL', 'NON_CANONICAL']);
    expect([...done.state.entries(dockets), ...done.state.entries(waitingFor)]).toEqual([]);
  });
});
