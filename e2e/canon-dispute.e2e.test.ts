import { generateKeyPairSync, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Platform, startPlatform } from '../composition/platform.ts';
import { readConfig } from '../runtime/config.ts';
import { issueToken } from '../runtime/issuer.ts';
import { createLogger } from '../runtime/logger.ts';
import { canonicalJson } from '../schema/events/envelope.ts';
import { claimSignatureHead } from '../schema/events/types/claim.ts';
import { rawPublicKey } from '../schema/merkle/ed25519.ts';
import {
  AssignCanonReviewDocument,
  CanonBranchesDocument,
  type Client,
  CompareCanonBranchDocument,
  ContradictionDocument,
  ContradictionsDocument,
  type ContradictionsQuery,
  DecideCanonCaseDocument,
  ReconcileCanonBranchDocument,
  RegisterCanonSubmitterDocument,
  RegisterCreatorDocument,
  ReviewQueueDocument,
  SubmitCanonEventDocument,
  VoteOnCanonCaseDocument,
  createClient,
} from '../sdk/index.ts';
import { makeDataDir } from './platform-process.ts';

// Goal: two platforms say different things of one work; everybody concerned sees the contradiction, a reviewer decides it, and the statuses move; or both
// sides are kept as branches, compared, and reconciled. Through the gateway, with the SDK.
const data = makeDataDir();
const keys = generateKeyPairSync('ed25519');
const logger = createLogger('silent');
const [museum, archive, registry] = [
  'platform:museum.example',
  'platform:archive.example',
  'platform:registry.example',
] as const;
let platform: Platform;
let guardian: Client;
let reviewer: Client;
let outsider: Client;
let reviewerId = '';

async function clientOf(subject: string, ...scopes: string[]): Promise<Client> {
  const token = await issueToken({
    key: platform.keys.issuer,
    subject,
    scopes: ['read', 'write', ...scopes],
    ttlS: 3_600,
  });
  return createClient({ url: platform.address.url.replace(/\/graphql$/, ''), token });
}

async function register(client: Client, username: string): Promise<string> {
  const input = { username, displayName: username, type: 'CURATOR' } as const;
  const { registerCreator } = await client.request(RegisterCreatorDocument, { input });
  return registerCreator.creator?.id ?? '';
}

let [claims, lastUs] = [0, 0];
/** Submits a claim and waits until canon has taken it up; its event's id. */
async function submit(submitter: string, type: string, about: { id: string; payload: object }): Promise<string> {
  lastUs = Math.max(lastUs + 1, Date.now() * 1_000);
  const claim = canonicalJson({
    id: `claim-${(claims += 1)}`,
    type,
    typeVersion: 1,
    hlc: { wallUs: lastUs, counter: 0, node: 'elsewhere' },
    entity: { type: 'Artifact', id: about.id },
    causedBy: [],
    payload: about.payload,
  });
  const signature = sign(null, Buffer.from(claimSignatureHead + claim), keys.privateKey).toString('base64');
  const { submitCanonEvent } = await outsider.request(SubmitCanonEventDocument, {
    input: { submitter, claim, signature },
  });
  expect(submitCanonEvent.refusal).toBeNull();
  await platform.drained();
  return submitCanonEvent.eventId ?? '';
}

const published = (creatorId: string, tags: string[] = []): object => ({
  ...{ kind: 'MEDIA', visibility: 'PUBLIC', contentHash: '', derivedFrom: [], tags },
  credits: [{ creatorId, sharePercent: 100 }],
});

type Found = ContradictionsQuery['canonContradictions']['nodes'][number];
async function caseAbout(entityId: string): Promise<Found> {
  const { canonContradictions } = await guardian.request(ContradictionsDocument, { filter: { entityId } });
  expect(canonContradictions.nodes).toHaveLength(1);
  return canonContradictions.nodes[0] as Found;
}

async function statusOf(eventId: string): Promise<string | undefined> {
  const text = 'query ($id: ID!) { canonEvent(id: $id) { status } }';
  const auditor = await clientOf('auditor', 'guardian', 'audit');
  const { canonEvent } = await auditor.request<{ canonEvent: { status: string } | null }, { id: string }>(text, {
    id: eventId,
  });
  return canonEvent?.status;
}

beforeAll(async () => {
  platform = await startPlatform(readConfig({ DATA_DIR: data.path, PORT: '0', LOG_LEVEL: 'silent' }), logger);
  guardian = await clientOf('gwen', 'guardian');
  reviewer = await clientOf('rita');
  outsider = await clientOf('otto');
  await register(guardian, 'gwen');
  reviewerId = await register(reviewer, 'rita');
  await register(outsider, 'otto');
  const publicKey = rawPublicKey(keys.publicKey).toString('base64');
  for (const submitter of [museum, archive])
    await guardian.request(RegisterCanonSubmitterDocument, { input: { submitter, publicKey } });
  const operator = { submitter: registry, publicKey, role: 'OPERATOR' } as const;
  await guardian.request(RegisterCanonSubmitterDocument, { input: operator });
}, 60_000);
afterAll(async () => {
  for (const client of [guardian, reviewer, outsider]) client.close();
  await platform.stop();
  data.remove();
}, 30_000);

describe('a work of which two platforms say different things', () => {
  test('is reviewed: the contradiction is seen, assigned and decided, and the status moves', async () => {
    const first = await submit(museum, 'artifact.published', { id: 'vase', payload: published('ada') });
    // Who says the same agrees.
    const agrees = await submit(archive, 'artifact.published', { id: 'vase', payload: published('ada') });
    const other = await submit(archive, 'artifact.published', { id: 'vase', payload: published('bob') });
    expect(await Promise.all([first, agrees, other].map(statusOf))).toEqual(['CANONICAL', 'CANONICAL', 'PROPOSED']);

    const found = await caseAbout('vase');
    expect(found).toMatchObject({
      ...{ kind: 'STATE', state: 'OPEN', strategy: 'MANUAL', verdict: null, eventIds: [other], version: 0 },
      ...{ entityType: 'Claim', entityId: 'vase', parties: [archive, museum], assignee: null, escalations: 0 },
    });
    expect(found.reason).toContain('began otherwise than canon holds');
    const { canonReviewQueue } = await guardian.request(ReviewQueueDocument, { isUnassigned: true });
    expect(canonReviewQueue.nodes.map(({ id }) => id)).toContain(found.id);

    // It is nobody's business but the parties', reviewers' and guardians'.
    for (const client of [reviewer, outsider])
      expect((await client.request(ContradictionDocument, { id: found.id })).canonContradiction).toBeNull();
    await expect(outsider.request(ReviewQueueDocument)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const input = { caseId: found.id, verdict: 'REJECT', ground: 'EVIDENCE', expectedVersion: 0 } as const;
    const early = await outsider.request(DecideCanonCaseDocument, { input });
    expect(early.decideCanonCase.userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);

    const assign = { caseId: found.id, assigneeId: reviewerId, expectedVersion: 0 };
    const { assignCanonReview } = await guardian.request(AssignCanonReviewDocument, { input: assign });
    expect(assignCanonReview).toMatchObject({ eventIds: [expect.any(String)], userErrors: [] });
    await platform.drained();
    const { canonContradiction: seen } = await reviewer.request(ContradictionDocument, { id: found.id });
    expect(seen).toMatchObject({
      version: 1,
      assignee: { id: reviewerId },
      events: [{ id: other, status: 'PROPOSED' }],
    });

    const stale = await reviewer.request(DecideCanonCaseDocument, { input });
    expect(stale.decideCanonCase.userErrors).toMatchObject([{ code: 'CONFLICT', path: ['input', 'expectedVersion'] }]);
    const decided = await reviewer.request(DecideCanonCaseDocument, {
      input: { ...input, expectedVersion: 1, note: 'the inventory of 1912 says so' },
    });
    expect(decided.decideCanonCase.userErrors).toEqual([]);
    await platform.drained();
    expect(await statusOf(other)).toBe('NON_CANONICAL');
    const { canonContradiction: closed } = await guardian.request(ContradictionDocument, { id: found.id });
    expect(closed).toMatchObject({
      ...{ state: 'RESOLVED', verdict: 'REJECT', decider: reviewerId, strategy: 'MANUAL' },
      history: [{ state: 'OPEN' }, { state: 'OPEN', decider: expect.any(String) }, { state: 'RESOLVED' }],
    });
    // What was rejected is for auditors only.
    expect(closed?.events).toEqual([]);
    const late = await guardian.request(DecideCanonCaseDocument, { input: { ...input, expectedVersion: 2 } });
    expect(late.decideCanonCase.userErrors).toMatchObject([{ code: 'ALREADY_DONE' }]);
  }, 60_000);

  test('is kept in both ways: branches are compared and reconciled', async () => {
    const main = await submit(museum, 'artifact.published', { id: 'bowl', payload: published('ada', ['blue']) });
    const other = await submit(archive, 'artifact.published', { id: 'bowl', payload: published('bob', ['red']) });
    const { id: caseId } = await caseAbout('bowl');
    const fork = { caseId, verdict: 'FORK', ground: 'EVIDENCE', expectedVersion: 0 } as const;
    expect((await guardian.request(DecideCanonCaseDocument, { input: fork })).decideCanonCase.userErrors).toEqual([]);
    await platform.drained();
    expect(await caseAbout('bowl')).toMatchObject({ state: 'FORKED', verdict: 'FORK', version: 1 });

    // The main line goes on.
    const revision = { revision: 2, contentHash: '', tags: ['blue', 'old'], derivedFrom: [] };
    const credits = [{ creatorId: 'ada', sharePercent: 100 }];
    await submit(museum, 'artifact.revised', { id: 'bowl', payload: { ...revision, credits } });
    const { canonBranches } = await guardian.request(CanonBranchesDocument, { entityId: 'bowl' });
    expect(canonBranches.nodes).toMatchObject([
      { id: other, isOpen: true, events: [{ id: other, status: 'PROPOSED' }] },
    ]);
    expect((await outsider.request(CanonBranchesDocument, { entityId: 'bowl' })).canonBranches.nodes).toEqual([]);

    const { canonBranchComparison } = await guardian.request(CompareCanonBranchDocument, { id: other });
    expect(canonBranchComparison).toMatchObject({
      base: { state: { tags: ['blue'] }, version: 1 },
      other: { state: { tags: ['blue', 'old'] }, version: 3 },
      branch: { state: { tags: ['red'], credits: [{ creatorId: 'bob' }] }, version: 2 },
      changes: [
        { field: 'credits', isConflict: false },
        { field: 'revision', isConflict: false },
        { field: 'tags', base: ['blue'], other: ['blue', 'old'], branch: ['red'], isConflict: true },
      ],
    });
    expect((await outsider.request(CompareCanonBranchDocument, { id: other })).canonBranchComparison).toBeNull();

    const adopt = { branchId: other, outcome: 'ADOPT', ground: 'EVIDENCE' } as const;
    const wordy = await guardian.request(ReconcileCanonBranchDocument, {
      input: { ...adopt, note: 'x'.repeat(2_001) },
    });
    expect(wordy.reconcileCanonBranch.userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'note'] }]);
    const { reconcileCanonBranch } = await guardian.request(ReconcileCanonBranchDocument, { input: adopt });
    expect(reconcileCanonBranch).toMatchObject({ eventIds: [expect.any(String)], userErrors: [] });
    await platform.drained();
    expect(await Promise.all([main, other].map(statusOf))).toEqual(['CANONICAL', 'CANONICAL']);
    expect((await guardian.request(CanonBranchesDocument, { entityId: 'bowl' })).canonBranches.nodes).toEqual([]);
    const all = await outsider.request(CanonBranchesDocument, { entityId: 'bowl', isOpen: false });
    expect(all.canonBranches.nodes).toMatchObject([{ id: other, isOpen: false }]);
    const again = await guardian.request(ReconcileCanonBranchDocument, { input: adopt });
    expect(again.reconcileCanonBranch.userErrors).toMatchObject([
      { code: 'ALREADY_DONE', path: ['input', 'branchId'] },
    ]);
  }, 60_000);

  test('is settled by trust, where nothing of value hangs on it: who is trusted more is followed, whoever was first', async () => {
    const space = (kind: string): { id: string; payload: object } => ({
      ...{ id: 'hall', payload: { spaceId: 'hall', kind, capacity: 9, parentId: null } },
    });
    const first = await submit(museum, 'space.created', space('SOCIAL'));
    const better = await submit(registry, 'space.created', space('ARCHIVE'));
    const later = await submit(archive, 'space.created', space('SOCIAL'));
    expect(await Promise.all([first, better, later].map(statusOf))).toEqual([
      ...['CANONICAL', 'CANONICAL', 'NON_CANONICAL'],
    ]);
    const { canonContradictions } = await guardian.request(ContradictionsDocument, { filter: { entityId: 'hall' } });
    expect(canonContradictions.nodes).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'STATE', strategy: 'TRUST', verdict: 'ACCEPT', eventIds: [better] }),
        expect.objectContaining({ kind: 'STATE', strategy: 'TRUST', verdict: 'REJECT', eventIds: [later] }),
      ]),
    );
  }, 60_000);

  test('is voted on: three electors decide, each with one voice', async () => {
    await submit(museum, 'artifact.published', { id: 'cup', payload: published('ada') });
    const other = await submit(archive, 'artifact.published', { id: 'cup', payload: published('bob') });
    const { id: caseId } = await caseAbout('cup');
    const input = { caseId, isFor: true, expectedVersion: 0 };
    await expect(outsider.request(VoteOnCanonCaseDocument, { input })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    for (const [name, isFor] of [
      ['eva', true],
      ['eva', true],
      ['egon', false],
      ['elsa', true],
    ] as const) {
      const elector = await clientOf(name, 'elector');
      await register(elector, name);
      expect(await statusOf(other)).toBe('PROPOSED');
      const { voteOnCanonCase } = await elector.request(VoteOnCanonCaseDocument, { input: { ...input, isFor } });
      expect(voteOnCanonCase.userErrors).toEqual([]);
      await platform.drained();
    }
    expect(await statusOf(other)).toBe('CANONICAL');
    expect(await caseAbout('cup')).toMatchObject({ strategy: 'MAJORITY', verdict: 'ACCEPT', decider: 'system:canon' });
  }, 60_000);
});
