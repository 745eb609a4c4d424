import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openChdbWarehouse } from '../../engines/warehouse/chdb-warehouse.ts';
import type { Warehouse } from '../../engines/warehouse/port.ts';
import { type EmbeddedEngines, openEmbeddedEngines } from '../../infra/embedded-engines.ts';
import { canonicalJson } from '../../schema/events/envelope.ts';
import { type Claim, claimSignatureHead } from '../../schema/events/types/claim.ts';
import { rawPublicKey } from '../../schema/merkle/ed25519.ts';
import { createSubgraphExecutor } from '../shared/subgraph-executor.ts';
import { type SubgraphBench, createBench } from '../shared/testing.ts';
import { createCanonSubgraph } from './subgraph.ts';

// Goal: other platforms and agents submit signed claims; each thing that can be wrong has its own code and is on record without
// what was submitted; a claim repeated gives its first answer for ever.
const keys = generateKeyPairSync('ed25519');
const platform = 'platform:museum.example';
let engines: EmbeddedEngines;
let warehouse: Warehouse;
let bench: SubgraphBench;
let directory: string;

interface Answer {
  readonly eventId: string | null;
  readonly refusal: { readonly code: string; readonly message: string } | null;
  readonly eventIds: readonly string[];
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vcos-test-submission-'));
  [engines, warehouse] = await Promise.all([openEmbeddedEngines(), openChdbWarehouse({ path: directory })]);
  await warehouse.migrate();
  bench = createBench(createCanonSubgraph(), { ...engines, warehouse });
  for (const submitter of [platform, 'imvu:curator']) await register(submitter, ['guardian']);
});
afterAll(async () => {
  await warehouse.close();
  await engines.close();
  await rm(directory, { recursive: true, force: true });
});

async function register(
  submitter: string,
  scopes: readonly string[],
  role?: string,
  key = keys.publicKey,
): Promise<unknown> {
  const execute = createSubgraphExecutor(createCanonSubgraph(), bench.dependencies);
  const query = 'mutation ($input: RegisterCanonSubmitterInput!) { registerCanonSubmitter(input: $input) { source } }';
  const publicKey = rawPublicKey(key).toString('base64');
  return execute(
    { query, variables: { input: { submitter, publicKey, role } } },
    { ...bench.claimsOf('operator'), scopes },
  );
}

let claims = 0;
function claimOf(change: Partial<Claim> = {}): Claim {
  return {
    id: `claim-${(claims += 1)}`,
    type: 'relationship.followed',
    typeVersion: 1,
    hlc: { wallUs: Date.now() * 1_000, counter: 0, node: 'museum' },
    entity: { type: 'Relationship', id: 'r1' },
    causedBy: [],
    payload: { fromId: 'a', toId: 'b' },
    ...change,
  };
}

async function submitText(claim: string, options: { submitter?: string; signature?: string } = {}): Promise<Answer> {
  const signature = sign(null, Buffer.from(claimSignatureHead + claim), keys.privateKey).toString('base64');
  const query =
    'mutation ($input: SubmitCanonEventInput!) { submitCanonEvent(input: $input) { eventId refusal { code message } eventIds } }';
  const input = { submitter: platform, signature, ...options, claim };
  return (await bench.query<{ submitCanonEvent: Answer }>('courier', query, { input })).submitCanonEvent;
}

const submit = (claim: unknown, options?: { submitter?: string; signature?: string }): Promise<Answer> =>
  submitText(canonicalJson(claim), options);

describe('a claim', () => {
  test('is recorded with its signature, under the source of whoever submits it', async () => {
    const claim = claimOf();
    const { eventId, refusal } = await submit(claim);
    expect(refusal).toBeNull();
    const agents = await submit(claimOf(), { submitter: 'imvu:curator' });
    const events = await bench.events();
    expect(events.find(({ id }) => id === eventId)).toMatchObject({
      type: 'canon.claimed',
      actor: platform,
      source: 'EXTERNAL',
      entity: { type: 'Claim', id: 'r1' },
      payload: { claim, isKnown: true },
    });
    expect(events.find(({ id }) => id === agents.eventId)).toMatchObject({ source: 'IMVU', actor: 'imvu:curator' });
  });

  test('repeated, also at the same time, is recorded once; its id with other bytes is refused for ever', async () => {
    const claim = claimOf();
    const before = (await bench.events()).length;
    const answers = await Promise.all(Array.from({ length: 10 }, () => submit(claim)));
    expect(new Set(answers.map(({ eventId }) => eventId)).size).toBe(1);
    expect(await bench.events()).toHaveLength(before + 1);
    const other = await submit({ ...claim, payload: { fromId: 'a', toId: 'c' } });
    expect(other.refusal?.code).toBe('ID_REUSED');
    expect((await submit(claim)).eventId).toBe(answers[0]?.eventId);
    // Another submitter has ids of its own.
    expect((await submit(claim, { submitter: 'imvu:curator' })).refusal).toBeNull();
  });

  test('of a version or type that nobody knows yet is kept and marked', async () => {
    for (const change of [{ typeVersion: 7 }, { type: 'museum.restored' }] as const) {
      const { eventId } = await submit(claimOf({ ...change, payload: { anything: [1, { goes: true }] } }));
      const event = (await bench.events()).find(({ id }) => id === eventId);
      expect(event?.payload).toMatchObject({
        isKnown: false,
        claim: { ...change, payload: { anything: [1, { goes: true }] } },
      });
    }
  });

  test('is recorded with the one base64 form of its signature, however it was broken into lines', async () => {
    const claim = canonicalJson(claimOf());
    const signature = sign(null, Buffer.from(claimSignatureHead + claim), keys.privateKey).toString('base64');
    const { eventId } = await submitText(claim, { signature: signature.replaceAll(/.{1,2}/g, '$&\n') });
    const event = (await bench.events()).find(({ id }) => id === eventId);
    expect(event?.payload).toMatchObject({ signature });
  });

  test('may be nested, and hold any text and number that has canonical bytes', async () => {
    const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: deep(levels - 1) });
    const payload = {
      a: deep(61),
      b: JSON.parse('{"__proto__":1}') as unknown,
      c: '\u2028\0\u202e👩',
      d: [5e-324, 1e21],
    };
    const claim = claimOf({ type: 'museum.restored', payload });
    const { eventId, refusal } = await submit(claim);
    expect(refusal).toBeNull();
    const event = (await bench.events()).find(({ id }) => id === eventId);
    expect(canonicalJson(event?.payload)).toContain(`"claim":${canonicalJson(claim)}`);
  });

  test('is read as it is written, whatever the process has read before', async () => {
    for (const key of ['\\', '\n', '"']) {
      const claim = claimOf({ type: 'museum.restored', payload: { B: 1, [key]: 1 } });
      const { eventId, refusal } = await submit(claim);
      expect(refusal).toBeNull();
      const event = (await bench.events()).find(({ id }) => id === eventId);
      expect(canonicalJson(event?.payload)).toContain(`"claim":${canonicalJson(claim)}`);
    }
  });

  test('whose clock is behind is taken with a reading of ours, after its causes', async () => {
    const firstClaim = claimOf();
    const first = await submit(firstClaim);
    const late = claimOf({ hlc: { wallUs: 1_000, counter: 0, node: 'museum' }, causedBy: [first.eventId ?? ''] });
    const { eventId } = await submit(late);
    const events = await bench.events();
    const [cause, effect] = [first.eventId, eventId].map((id) => events.find((event) => event.id === id));
    expect(effect?.hlc.wallUs).toBeGreaterThanOrEqual(cause?.hlc.wallUs ?? Infinity);
    expect(effect?.causedBy).toEqual([first.eventId]);
    // What it says of its own time is held against when its cause happened, by its own account.
    expect(effect?.payload).toMatchObject({ claim: { hlc: late.hlc }, causedAtUs: firstClaim.hlc.wallUs });
  });
});

describe('what is wrong has its own code and is on record', () => {
  const future = { wallUs: (Date.now() + 3_600_000) * 1_000, counter: 0, node: 'museum' };
  const self = claimOf({ causedBy: ['itself'], id: 'itself' });
  const big = claimOf({ type: 'museum.restored', payload: { text: 'x'.repeat(40_000) } });
  const odd = (text: string, by: string): string => canonicalJson(claimOf({ payload: { x: 1 } })).replace(text, by);
  const cases: readonly (readonly [code: string, send: () => Promise<Answer>])[] = [
    ['SUBMITTER_UNKNOWN', () => submit(claimOf(), { submitter: 'platform:nobody' })],
    ['SIGNATURE_INVALID', () => submit(claimOf(), { signature: Buffer.alloc(64).toString('base64') })],
    ['SIGNATURE_INVALID', () => submit(claimOf(), { signature: '' })],
    ['CLAIM_MALFORMED', () => submitText('{')],
    ['CLAIM_MALFORMED', () => submitText(JSON.stringify(claimOf(), null, 1))],
    ['CLAIM_MALFORMED', () => submit({ ...claimOf(), more: 1 })],
    // None of these has canonical bytes that are whole, everybody's and read by everybody.
    ['CLAIM_MALFORMED', () => submitText(odd('"x":1', String.raw`"x":"\ud800"`))],
    ['CLAIM_MALFORMED', () => submitText(odd('"x":1', '"x":1e400'))],
    ['CLAIM_MALFORMED', () => submitText(odd('"x":1', '"__proto__":1'))],
    ['CLAIM_MALFORMED', () => submitText(odd('"x":1', `"x":${'['.repeat(63)}${']'.repeat(63)}`))],
    ['CLAIM_MALFORMED', () => submitText(odd('"x":1', `"x":${'['.repeat(10_000)}${']'.repeat(10_000)}`))],
    ['CLAIM_MALFORMED', () => submit(claimOf({ entity: { type: 'Relationship', id: '\0' } }))],
    ['SUBMITTER_UNKNOWN', () => submit(claimOf(), { submitter: 'platform:\ud800' })],
    ['CLAIM_TOO_LARGE', () => submit(big)],
    ['PAYLOAD_INVALID', () => submit(claimOf({ payload: { fromId: 'secret words' } }))],
    ['CLOCK_AHEAD', () => submit(claimOf({ hlc: future }))],
    ['CAUSE_UNKNOWN', () => submit(claimOf({ causedBy: ['nowhere'] }))],
    ['CAUSE_CYCLE', () => submit(self)],
  ];
  test.each(cases)('%s', async (code, send) => {
    const { eventId, refusal, eventIds } = await send();
    expect({ eventId, code: refusal?.code }).toEqual({ eventId: null, code });
    const record = (await bench.events()).find(({ id }) => id === eventIds[0]);
    expect(record).toMatchObject({ type: 'canon.submission-refused', source: 'SYSTEM', payload: { code } });
    expect(JSON.stringify(record)).not.toMatch(/secret words|xxxx|fromId|museum"|platform:nobody/);
  });

  test('who was registered, by whom and in which role is on record, and claims carry the role', async () => {
    const fields = { type: 'canon.submitter-registered', source: 'SYSTEM' };
    const registered = (await bench.events()).filter(({ type }) => type === fields.type);
    expect(registered).toMatchObject([
      { ...fields, payload: { submitter: platform, role: 'PLATFORM' } },
      { ...fields, payload: { submitter: 'imvu:curator', role: 'CREATIVE_IMVU' } },
    ]);
    await register(platform, ['guardian'], 'OPERATOR');
    const { eventId } = await submit(claimOf());
    const event = (await bench.events()).find(({ id }) => id === eventId);
    expect(event).toMatchObject({ typeVersion: 3, payload: { role: 'OPERATOR' } });
    for (const [name, role] of [
      ['imvu:curator', 'OPERATOR'],
      [platform, 'GUARDIAN_IMVU'],
    ] as const)
      expect(await register(name, ['guardian'], role)).toMatchObject({
        errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
      });
  });

  test('submitters are registered by guardians only, by a sound name and key', async () => {
    expect(await register('platform:other', ['write'])).toMatchObject({
      errors: [{ extensions: { code: 'FORBIDDEN' } }],
    });
    expect(await register('nobody', ['guardian'])).toMatchObject({
      errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
    });
  });
});

test('a claim repeated as it was signed gets its first answer also after the submitter was given another key, which new claims need', async () => {
  const submitter = 'platform:rotating.example';
  await register(submitter, ['guardian']);
  const claim = claimOf();
  const { eventId } = await submit(claim, { submitter });
  const next = generateKeyPairSync('ed25519');
  await register(submitter, ['guardian'], undefined, next.publicKey);
  const before = (await bench.events()).length;
  expect(await submit(claim, { submitter })).toEqual({ eventId, refusal: null, eventIds: [eventId] });
  const text = canonicalJson(claim);
  const signature = sign(null, Buffer.from(claimSignatureHead + text), next.privateKey).toString('base64');
  expect((await submitText(text, { submitter, signature })).eventId).toBe(eventId);
  expect(await bench.events()).toHaveLength(before);
  for (const refused of [{ ...claim, payload: { fromId: 'a', toId: 'c' } }, claimOf()])
    expect((await submit(refused, { submitter })).refusal?.code).toBe('SIGNATURE_INVALID');
  expect((await submitText(text, { submitter, signature: 'AAAA' })).refusal?.code).toBe('SIGNATURE_INVALID');
});
