import { randomUUID } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataIntegrityProof } from '@digitalbazaar/data-integrity';
import { createVerifyCryptosuite } from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import { verifyCredential } from '@digitalbazaar/vc';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type SqliteEngines, openSqliteEngines } from '../../engines/sqlite/open-engines.ts';
import { hlcToIso } from '../../schema/hlc.ts';
import type { BadgeFacts } from '../../schema/reputation/badges.ts';
import { topics } from '../../schema/topics.ts';
import { standingId } from '../shared/acceptance.ts';
import { type MutationOutcome, type SubgraphBench, createBench } from '../shared/testing.ts';
import { settleBadges } from './commands/badges.ts';
import { createReputationSubgraph } from './subgraph.ts';
import { putCreator } from './testing.ts';

// Goal: a certificate of somebody with standing can be taken elsewhere, is believed there as long as it holds, and not when a letter was changed.
let root: string;
let engines: SqliteEngines;
let bench: SubgraphBench;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'vcos-test-certificates-'));
  engines = openSqliteEngines({ directory: root });
  await engines.eventLog.ensureTopics(Object.values(topics).map((spec) => ({ ...spec, partitions: 1 })));
  for (const name of ['master', 'pupil', 'novice']) await putCreator(engines.store, name, []);
  await putLevel('master', 3);
  bench = createBench(createReputationSubgraph(), engines);
});
afterAll(async () => {
  await engines.eventLog.close();
  await engines.store.close();
  await rm(root, { recursive: true, force: true });
});

async function putLevel(creatorId: string, level: number): Promise<void> {
  const clocks = { aboveSince: '', belowSince: '', changedAt: '', proposedAt: '', nextAt: '9999-12-31T00:00:00.000Z' };
  const props = { creatorId, level, ...clocks, scores: '{}', logOffset: 0 };
  await engines.store.transact((tx) => tx.put({ type: 'TrustStanding', id: standingId(creatorId), props }));
}

interface ShownBadge {
  readonly badge: string;
  readonly skill: string | null;
  readonly criteria: string;
  readonly criteriaVersion: string;
  readonly evidence: readonly string[];
  readonly revokedAt: string | null;
  readonly credential: string | null;
}

async function badgesOf(login: string | null, holder: string): Promise<readonly ShownBadge[]> {
  const [found] = await bench.entities<{ badges: { nodes: readonly ShownBadge[] } }>(
    login,
    'Creator',
    [holder],
    'badges { nodes { badge skill criteria criteriaVersion evidence revokedAt credential } }',
  );
  return found?.badges.nodes ?? [];
}

/** What the level keeper does for a creator whose scores changed. */
function settle(creatorId: string, people: BadgeFacts['people'] = {}): Promise<number> {
  const { masterKey, clock, region } = bench.dependencies;
  const nowIso = hlcToIso(clock.now());
  const actor = { id: 'system:trust-levels', source: 'SYSTEM' } as const;
  return engines.store.transact((tx) =>
    settleBadges(
      { tx, actor, masterKey, region, hlc: () => clock.now(), nowIso, newId: () => randomUUID() },
      { creatorId, facts: { scores: {}, people } },
    ),
  );
}

interface Answer extends MutationOutcome {
  readonly certificate: { readonly id: string; readonly revokedAt: string | null } | null;
}
interface Credential {
  readonly issuer: { readonly id: string };
  readonly name: string;
  readonly credentialStatus: { readonly statusListIndex: string };
  readonly credentialSubject: { readonly encodedList?: string };
}

const issue = (login: string, input: object): Promise<Answer> =>
  bench.mutate(
    login,
    'issueCertificate',
    { creatorId: 'pupil', skill: 'error correction', statement: 'Built a surface code with me.', ...input },
    'certificate { id revokedAt }',
  );

async function credentialsOf(login: string): Promise<readonly (string | null)[]> {
  const [found] = await bench.entities<{ certificates: { nodes: readonly { credential: string | null }[] } }>(
    login,
    'Creator',
    ['pupil'],
    'certificates { nodes { credential } }',
  );
  return (found?.certificates.nodes ?? []).map(({ credential }) => credential);
}

/** A did:key says its own key: nothing is fetched. */
async function loadDidKey(url: string): Promise<{ contextUrl: null; documentUrl: string; document: object }> {
  const [did = '', key] = url.split('#');
  const multibase = did.replace('did:key:', '');
  const method = {
    '@context': 'https://w3id.org/security/multikey/v1',
    id: `${did}#${multibase}`,
    type: 'Multikey',
    controller: did,
    publicKeyMultibase: multibase,
  };
  const controller = { '@context': 'https://www.w3.org/ns/did/v1', id: did, assertionMethod: [method] };
  if (!did.startsWith('did:key:')) throw new Error(`asked for ${url}`);
  return Promise.resolve({ contextUrl: null, documentUrl: url, document: key === undefined ? controller : method });
}

/** What an independent implementation says of a credential. */
async function isVerified(credential: object): Promise<boolean> {
  const suite = new DataIntegrityProof({ cryptosuite: createVerifyCryptosuite() });
  const checkStatus = (): Promise<{ verified: boolean }> => Promise.resolve({ verified: true });
  const { verified } = await verifyCredential({ credential, suite, documentLoader: loadDidKey, checkStatus });
  return verified;
}

async function revokedBit(index: number): Promise<number> {
  const { certificateStatusList } = await bench.query<{ certificateStatusList: string }>(
    null,
    '{ certificateStatusList }',
  );
  const list = JSON.parse(certificateStatusList) as Credential;
  expect(await isVerified(list)).toBe(true);
  const bits = gunzipSync(Buffer.from((list.credentialSubject.encodedList ?? '').slice(1), 'base64url'));
  expect(bits).toHaveLength(16_384);
  return ((bits[index >> 3] ?? 0) >> (7 - (index & 7))) & 1;
}

describe('certificates', () => {
  test('who may issue them, the table of levels tells everybody', async () => {
    const { accessLevels } = await bench.query<{ accessLevels: readonly { name: string; capabilities: unknown }[] }>(
      null,
      '{ accessLevels { level name low dimensions evidence ageDays capabilities { name touchesIncome } } }',
    );
    expect(accessLevels.map(({ name }) => name)).toEqual(['NOVICE', 'TRUSTED', 'VERIFIED', 'HONORED', 'LEGENDARY']);
    expect(accessLevels[2]).toMatchObject({ capabilities: [{ name: 'work.monetise', touchesIncome: true }] });
  });

  test('are issued by creators of standing, to others', async () => {
    expect(await issue('novice', {})).toMatchObject({ userErrors: [{ code: 'FORBIDDEN' }] });
    expect(await issue('master', { creatorId: 'master' })).toMatchObject({ userErrors: [{ code: 'SELF_REFERENCE' }] });
    expect(await issue('master', { creatorId: 'nobody' })).toMatchObject({ userErrors: [{ code: 'NOT_FOUND' }] });
    expect(await issue('master', { skill: 'x' })).toMatchObject({
      userErrors: [{ code: 'INVALID', path: ['input', 'skill'] }],
    });
    const once = await issue('master', { idempotencyKey: 'one' });
    expect(once).toMatchObject({ certificate: { revokedAt: null }, userErrors: [] });
    expect(await issue('master', { idempotencyKey: 'one' })).toEqual(once);
    expect(JSON.stringify(await bench.events())).not.toContain('surface code');
  });

  test('verify with an independent library, for their holder to show, and not when they were changed', async () => {
    expect(await credentialsOf('master')).toEqual([null]);
    const [text] = await credentialsOf('pupil');
    const credential = JSON.parse(text ?? '') as Credential;
    expect(credential.issuer.id).toMatch(/^did:key:z6Mk/);
    expect(await isVerified(credential)).toBe(true);
    expect(await isVerified({ ...credential, name: 'everything' })).toBe(false);
  });

  test('are revoked by their issuer alone, which the signed list tells', async () => {
    const { certificate } = await issue('master', { skill: 'topology' });
    const certificateId = certificate?.id ?? '';
    expect(await revokedBit(1)).toBe(0);
    const revoke = (login: string): Promise<Answer> =>
      bench.mutate(login, 'revokeCertificate', { certificateId }, 'certificate { id revokedAt }');
    expect(await revoke('pupil')).toMatchObject({ userErrors: [{ code: 'FORBIDDEN' }] });
    expect(await revoke('master')).toMatchObject({ certificate: { revokedAt: expect.any(String) }, userErrors: [] });
    expect(await revoke('master')).toMatchObject({ userErrors: [{ code: 'ALREADY_DONE' }] });
    expect([await revokedBit(0), await revokedBit(1)]).toEqual([0, 1]);
  });
});

describe('badges', () => {
  const endorse = (from: string, to: string): Promise<boolean> =>
    engines.store.transact((tx) =>
      tx.link({
        type: 'ENDORSES',
        from,
        to,
        key: 'SKILL:weaving',
        props: { since: '2024-01-01T00:00:00.000Z', weight: 5, note: '' },
      }),
    );

  test('about a skill are granted to whoever three creators with standing endorse, said why, taken elsewhere, and revoked when one takes it back', async () => {
    await putCreator(engines.store, 'weaver', ['QUALITY']);
    for (const name of ['e1', 'e2', 'e3']) {
      await putCreator(engines.store, name, []);
      await endorse(name, 'weaver');
    }
    await putLevel('e1', 1);
    await putLevel('e2', 2);
    expect(await settle('weaver')).toBe(0);
    await putLevel('e3', 1);
    expect(await settle('weaver')).toBe(1);
    expect(await settle('weaver')).toBe(0);
    const [badge] = await badgesOf('weaver', 'weaver');
    expect(badge).toMatchObject({ badge: 'SKILLED', skill: 'weaving', criteriaVersion: '1.0.0', revokedAt: null });
    expect(badge?.criteria).toMatch(/Three creators/);
    expect(badge?.evidence.join()).toMatch(/^3 endorsements/);
    const credential = JSON.parse(badge?.credential ?? '') as Credential;
    expect(credential.name).toBe('Skilled: weaving');
    expect(await isVerified(credential)).toBe(true);
    expect(await isVerified({ ...credential, name: 'Skilled: everything' })).toBe(false);
    expect(await badgesOf(null, 'weaver')).toMatchObject([{ badge: 'SKILLED', credential: null }]);
    const index = Number(credential.credentialStatus.statusListIndex);
    expect(await revokedBit(index)).toBe(0);
    await engines.store.transact((tx) =>
      tx.unlink({ type: 'ENDORSES', from: 'e3', to: 'weaver', key: 'SKILL:weaving' }),
    );
    expect(await settle('weaver')).toBe(1);
    expect((await badgesOf(null, 'weaver'))[0]?.revokedAt).not.toBeNull();
    expect(await revokedBit(index)).toBe(1);
    const events = (await bench.events()).filter(({ type }) => type.startsWith('reputation.badge'));
    expect(events.map(({ type }) => type)).toEqual(['reputation.badge-granted', 'reputation.badge-revoked']);
    expect(JSON.stringify(events)).not.toContain('weaving');
  });

  test('stay with their creator where the dimension is not public; a certificate is enough for a skill', async () => {
    expect(await settle('pupil', { TEACHER: 10 })).toBe(2);
    expect((await badgesOf('pupil', 'pupil')).map(({ badge, skill }) => [badge, skill]).sort()).toEqual([
      ['SKILLED', 'error correction'],
      ['TEACHER', null],
    ]);
    expect(await badgesOf('novice', 'pupil')).toEqual([]);
  });
});
