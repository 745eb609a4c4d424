import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type JWK, compactVerify, importJWK } from 'jose';
import { whenDrained } from '../../bench/shared/canon-run.ts';
import { type ReputationRun, startReputation } from '../../bench/shared/reputation-run.ts';
import { dimensions } from '../../schema/graph/catalogue.ts';
import { hlcToIso } from '../../schema/hlc.ts';
import { communityEvents, member } from '../../streams/reputation/testing.ts';
import { destroyKey, erasedIdentity } from '../shared/sealing.ts';
import { createSubgraphExecutor } from '../shared/subgraph-executor.ts';
import { type MutationOutcome, type SubgraphBench, createBench } from '../shared/testing.ts';
import { createReputationSubgraph } from './subgraph.ts';
import { putCreator } from './testing.ts';

// Goal: who is judged unfairly says so, somebody else decides, and the number moves; nobody learns who gave the evidence.
const membersCount = 12;
let root: string;
let run: ReputationRun;
let bench: SubgraphBench;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'vcos-test-appeals-'));
  run = await startReputation({ directory: root, seeds: [member(0)] });
  for (let n = 0; n < membersCount; n++) await putCreator(run.store, member(n), dimensions);
  await run.append(communityEvents({ members: membersCount, events: 500 }));
  await whenDrained(run.stages);
  bench = createBench(createReputationSubgraph(), run);
}, 60_000);
afterAll(async () => {
  await run.stop();
  await rm(root, { recursive: true, force: true });
});

interface Answer extends MutationOutcome {
  readonly appeal: {
    readonly id: string;
    readonly state: string;
    readonly reviewer: { readonly id: string } | null;
  } | null;
}
interface Piece {
  readonly id: string;
  readonly weight: number;
  readonly pointsNow: number;
  readonly refusal: string | null;
  readonly attestedBy: string | null;
}
interface Quality {
  readonly score: number;
  readonly history: { readonly nodes: readonly { readonly asOf: string; readonly score: number }[] };
  readonly negative: number;
  readonly evidenceCount: number;
  readonly explanationSumsTo: { readonly negative: number };
  readonly evidence: { readonly nodes: readonly Piece[] };
}

/** What a login with the scope of reviewers gets. */
async function review<T>(login: string, query: string, variables: Record<string, unknown> = {}): Promise<T> {
  const execute = createSubgraphExecutor(createReputationSubgraph(), bench.dependencies);
  const { data, errors } = await execute(
    { query, variables },
    { ...bench.claimsOf(login), scopes: ['read', 'write', 'guardian'] },
  );
  if (errors) throw new Error(errors.map(({ message }) => message).join('; '));
  return data as T;
}
const selection = 'appeal { id state reviewer { id } } eventIds userErrors { code path }';
const take = async (login: string, appealId: string): Promise<Answer> =>
  (
    await review<{ takeAppeal: Answer }>(
      login,
      `mutation ($id: ID!) { takeAppeal(input: { appealId: $id }) { ${selection} } }`,
      {
        id: appealId,
      },
    )
  ).takeAppeal;
const decide = async (login: string, appealId: string, outcome: string): Promise<Answer> =>
  (
    await review<{ decideAppeal: Answer }>(
      login,
      `mutation ($id: ID!) { decideAppeal(input: { appealId: $id, outcome: ${outcome}, reason: "It was about another work." }) { ${selection} } }`,
      { id: appealId },
    )
  ).decideAppeal;

async function qualityOf(id: string, asAt: string | null = null): Promise<Quality> {
  const query =
    'query ($id: ID!, $asAt: DateTime) { reputation(creatorId: $id, asAt: $asAt) { dimensions(only: QUALITY) { score negative evidenceCount history(first: 1) { nodes { asOf score } } explanationSumsTo { negative } evidence(first: 100) { nodes { id weight pointsNow refusal attestedBy } } } } }';
  const data = await bench.query<{ reputation: { dimensions: readonly Quality[] } }>(id, query, { id, asAt });
  return data.reputation.dimensions[0] as Quality;
}

/** How many votes against their works another community's rules take points for. */
async function votesAgainst(id: string): Promise<number> {
  const query =
    'query ($id: ID!) { reputation(creatorId: $id) { points(formula: "stackexchange-2018") { entries(first: 100) { nodes { reason } } } } }';
  const data = await bench.query<{
    reputation: { points: { entries: { nodes: readonly { readonly reason: string }[] } } };
  }>(id, query, { id });
  return data.reputation.points.entries.nodes.filter(({ reason }) => reason === 'WORK_DISAPPROVED').length;
}

const open = (login: string, evidenceId: string, more: object = {}): Promise<Answer> =>
  bench.mutate(
    login,
    'openAppeal',
    { evidenceId, text: 'I never published this work.', ...more },
    'appeal { id state reviewer { id } }',
  );

const taken = new Set<string>();

/** Somebody with a negative piece that counts, given by a platform's member (`true`) or by a creator; another one each time. */
async function accused(byPlatform: boolean): Promise<{ readonly id: string; readonly piece: Piece }> {
  for (let n = 1; n < membersCount; n++) {
    const { evidence } = await qualityOf(member(n));
    const piece = evidence.nodes.find(
      (one) =>
        one.pointsNow < 0 && one.refusal === null && (one.attestedBy !== null) === byPlatform && !taken.has(one.id),
    );
    if (piece === undefined) continue;
    taken.add(piece.id);
    return { id: member(n), piece };
  }
  throw new Error('nobody was judged badly');
}

describe('an appeal', () => {
  test.each([true, false])(
    'upheld, takes the evidence out of the score; given by a platform: %s',
    async (byPlatform) => {
      const { id, piece } = await accused(byPlatform);
      const before = await qualityOf(id);
      const beforeIso = hlcToIso(bench.dependencies.clock.now());
      const against = await votesAgainst(id);
      const key = { idempotencyKey: `appeal-${byPlatform}` };
      const opened = await open(id, piece.id, key);
      expect(opened).toMatchObject({ appeal: { state: 'OPEN', reviewer: null }, userErrors: [] });
      expect(await open(id, piece.id, key)).toEqual(opened);
      const appealId = opened.appeal?.id ?? '';

      const reviewer = 'reviewer';
      await putCreator(run.store, reviewer, []);
      const queue = '{ appealQueue { nodes { id text } } }';
      expect(JSON.stringify(await review(reviewer, queue))).toContain('never published');
      expect(await decide(reviewer, appealId, 'UPHELD')).toMatchObject({ userErrors: [{ code: 'FORBIDDEN' }] });
      expect(await take(reviewer, appealId)).toMatchObject({ appeal: { state: 'TAKEN', reviewer: { id: reviewer } } });
      expect(await decide(reviewer, appealId, 'UPHELD')).toMatchObject({ appeal: { state: 'UPHELD' }, userErrors: [] });
      await whenDrained(run.stages);

      const after = await qualityOf(id);
      expect(after.evidenceCount).toBe(before.evidenceCount - 1);
      expect(after.negative).toBeCloseTo(before.negative + piece.pointsNow, 12);
      expect(Math.abs(after.explanationSumsTo.negative - after.negative)).toBeLessThan(1e-9);
      expect(after.score).toBeGreaterThan(before.score);
      expect(await votesAgainst(id)).toBe(against - 1);
      // The past stays as it was: the number moved with the decision, not when the evidence was given.
      expect(await qualityOf(id, beforeIso)).toEqual(before);
      expect(after.history.nodes[0]).toMatchObject({ score: after.score });
      expect((after.history.nodes[0]?.asOf ?? '') > beforeIso).toBe(true);
      expect(after.evidence.nodes.find((node) => node.id === piece.id)).toMatchObject({
        refusal: 'OVERTURNED',
        pointsNow: 0,
      });
      expect(await open(id, piece.id)).toMatchObject({ userErrors: [{ code: 'ALREADY_DONE' }] });
      expect(await decide(reviewer, appealId, 'REJECTED')).toMatchObject({ userErrors: [{ code: 'ALREADY_DONE' }] });
    },
  );

  test('rejected, changes nothing but its own state', async () => {
    const { id, piece } = await accused(true);
    const before = await qualityOf(id);
    const appealId = (await open(id, piece.id)).appeal?.id ?? '';
    await take('reviewer', appealId);
    expect(await decide('reviewer', appealId, 'REJECTED')).toMatchObject({ appeal: { state: 'REJECTED' } });
    await whenDrained(run.stages);
    expect(await qualityOf(id)).toEqual(before);
    const own = `{ _entities(representations: [{ __typename: "Creator", id: "${id}" }]) { ... on Creator { appeals { nodes { state reason reviewer { id } } } } } }`;
    expect(JSON.stringify(await bench.query(id, own))).toContain('another work');
    expect(JSON.stringify(await bench.query('reviewer', own))).not.toContain('another work');
  });

  test('nobody reviews their own case, nor without the scope, nor one that another has in hand', async () => {
    const { id, piece } = await accused(true);
    const appealId = (await open(id, piece.id)).appeal?.id ?? '';
    expect(await take(id, appealId)).toMatchObject({ userErrors: [{ code: 'SELF_REFERENCE' }] });
    expect(JSON.stringify(await review(id, '{ appealQueue { nodes { id } } }'))).not.toContain(appealId);
    expect(await bench.mutate('reviewer', 'takeAppeal', { appealId }, 'appeal { id }')).toMatchObject({
      userErrors: [{ code: 'FORBIDDEN' }],
    });
    await take('reviewer', appealId);
    const other = [1, 2, 3].map(member).find((name) => name !== id) as string;
    const refused = await take(other, appealId);
    expect(['CONFLICT', 'FORBIDDEN']).toContain(refused.userErrors[0]?.code);
  });

  test('is about negative evidence about oneself, and its events tell neither words nor evidence', async () => {
    const { id, piece } = await accused(false);
    const stranger = [1, 2, 3].map(member).find((name) => name !== id) as string;
    expect(await open(stranger, piece.id)).toMatchObject({ userErrors: [{ code: 'NOT_FOUND' }] });
    for (const wrong of ['', 'x', `${id}.QUALITY.`, `${id}.QUALITY.00`])
      expect(await open(id, wrong)).toMatchObject({ userErrors: [{ code: 'NOT_FOUND' }] });
    expect(await open(id, piece.id, { text: 'No.' })).toMatchObject({
      userErrors: [{ code: 'INVALID', path: ['input', 'text'] }],
    });
    const good = (await qualityOf(id)).evidence.nodes.find(({ pointsNow }) => pointsNow > 0) as Piece;
    expect(await open(id, good.id)).toMatchObject({ userErrors: [{ code: 'INVALID' }] });
    const events = (await bench.events()).filter(({ type }) => type.startsWith('reputation.appeal'));
    expect(events.length).toBeGreaterThan(8);
    expect(JSON.stringify(events)).not.toMatch(/never published|another work|event-0|vote-/);
    expect(events.filter(({ sealed }) => sealed.length > 0).length).toBeGreaterThan(4);
  });
});

describe('an export', () => {
  test('is signed, whole, for oneself alone, and tells of negative evidence no more than the ledger does', async () => {
    const { id } = await accused(false);
    const ask = async (login: string): Promise<string | null> =>
      (await bench.entities<{ exportReputation: string | null }>(login, 'Creator', [id], 'exportReputation'))[0]
        ?.exportReputation ?? null;
    const text = await ask(id);
    const { reputationSigningKey } = await bench.query<{ reputationSigningKey: string }>(
      null,
      '{ reputationSigningKey }',
    );
    const key = await importJWK(JSON.parse(reputationSigningKey) as JWK);
    const { payload } = await compactVerify(text ?? '', key, { algorithms: ['EdDSA'] });
    const content = JSON.parse(new TextDecoder().decode(payload)) as {
      readonly creatorId: string;
      readonly dimensions: readonly {
        readonly positive: number;
        readonly negative: number;
        readonly isComplete: boolean;
        readonly ledger: readonly (Piece & { readonly source: unknown; readonly eventId: string | null })[];
      }[];
    };
    expect(content.creatorId).toBe(id);
    for (const { ledger, positive, negative, isComplete } of content.dimensions) {
      expect(isComplete).toBe(true);
      const sum = (sign: number): number =>
        ledger.reduce((total, { pointsNow }) => total + Math.max(0, sign * pointsNow), 0);
      expect(Math.abs(sum(1) - positive) + Math.abs(sum(-1) - negative)).toBeLessThan(1e-9);
      for (const piece of ledger.filter(({ weight }) => weight < 0))
        expect(piece).toMatchObject({ source: null, eventId: null });
    }
    expect(await ask('reviewer')).toBeNull();
    const [head, , signature] = (text ?? '').split('.');
    await expect(compactVerify(`${head}.e30.${signature}`, key)).rejects.toThrow();
  });
});

// The last: whoever was erased has no login any more.
describe('an appeal once more', () => {
  test('of somebody who was erased meanwhile is decided, and no word is written about them', async () => {
    const { id, piece } = await accused(true);
    const appealId = (await open(id, piece.id)).appeal?.id ?? '';
    await take('reviewer', appealId);
    await run.store.transact(async (tx) => {
      await destroyKey(tx, id);
      await tx.patch('Creator', id, { identity: erasedIdentity(id), state: 'MIGRATED' });
    });
    const { appeal, eventIds, userErrors } = await decide('reviewer', appealId, 'REJECTED');
    expect({ appeal, userErrors }).toMatchObject({ appeal: { state: 'REJECTED' }, userErrors: [] });
    const event = (await bench.events()).find((each) => each.id === eventIds[0]);
    expect(event).toMatchObject({ type: 'reputation.appeal-decided', sealed: [] });
    const [stored] = await run.store.get('Appeal', [appealId]);
    expect(stored?.props.reason).toBe('');
  });
});
