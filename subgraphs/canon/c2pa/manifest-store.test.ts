import { X509Certificate, createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { WasmReader, initSync } from '@contentauth/c2pa-wasm';
import { type CanonEvent, GENESIS_HASH, completeEvent } from '../../../schema/events/envelope.ts';
import { noteSigner, parseVerifierKey } from '../../../schema/merkle/signed-note.ts';
import { versionsOf } from '../domain/manifest.ts';
import { certificateChain } from './certificate.ts';
import { manifestStore } from './manifest-store.ts';
import { claimOfVersion } from './version-claim.ts';

// Goal: the reference implementation of C2PA (c2pa-rs) opens our manifest stores, finds nothing wrong with them but that the content is not there, trusts them by our root
// and by no other, and finds out any change.
const keyOf = (n: number): { publicKey: Buffer; sign: (message: Buffer) => Buffer } => {
  const signer = noteSigner('vcos.test/canon', Buffer.alloc(32, n));
  const { x = '' } = parseVerifierKey(signer.verifierKey).key.export({ format: 'jwk' });
  return { publicKey: Buffer.from(x, 'base64url'), sign: (message) => signer.sign(message) };
};
const own = keyOf(1);
const certificates = certificateChain('vcos.test/canon', own, keyOf(2));
const otherRoot = certificateChain('vcos.other/canon', keyOf(3), keyOf(4))[1];
const contentHash = createHash('sha256').update('the work itself').digest('hex');

function eventOf(version: number, type: string, payload: Record<string, unknown>): CanonEvent {
  return completeEvent({
    ...{ id: `e${version}`, type, typeVersion: 1, region: 'local', actor: 'ada', source: 'CREATOR', causedBy: [] },
    hlc: { wallUs: 1_750_000_000_000_000 + version, counter: 0, node: 'live:t' },
    ...{ entity: { type: 'Artifact', id: 'work' }, entityVersion: version, handshake: '55-45-17', payload },
    ...{ sealed: [], prevHash: GENESIS_HASH },
  }).event;
}

interface Told {
  readonly sources?: readonly string[];
  readonly stated?: boolean;
  readonly hash?: string;
  readonly revised?: boolean;
}
/** The newest version's manifest store. */
function storeOf({
  sources = [],
  stated = true,
  hash = `sha256:${contentHash}`,
  revised = false,
}: Told): Buffer | null {
  const derivedFrom = sources.map((artifactId) => ({ artifactId, kind: 'REMIX' }));
  const credits = [{ creatorId: 'ada', sharePercent: 62.5 }];
  const common = { contentHash: hash, credits, derivedFrom };
  const events = [eventOf(1, 'artifact.published', { ...common, visibility: 'PUBLIC' })];
  if (revised) events.push(eventOf(2, 'artifact.revised', { ...common, revision: 2 }));
  const ofRevision = revised ? 2 : 1;
  if (stated)
    events.push(eventOf(3, 'artifact.ai-assistance-stated', { ofRevision, digitalSourceType: 'HUMAN_EDITS' }));
  const version = versionsOf(events).at(-1);
  const claim = version && claimOfVersion(version);
  return claim ? manifestStore(claim, { certificates, sign: own.sign }) : null;
}

interface Verdict {
  readonly failures: readonly string[];
  readonly successes: readonly string[];
  readonly manifest: { readonly assertions: readonly { label: string; data: Record<string, unknown> }[] };
}
/** What c2pa-rs says of a store by itself. */
async function read(store: Uint8Array, root: Buffer = certificates[1]): Promise<Verdict> {
  const pem = new X509Certificate(root).toString();
  const settings = JSON.stringify({ trust: { trust_anchors: pem }, verify: { verify_trust: true } });
  const reader = await WasmReader.fromBytes('application/c2pa', store, settings);
  try {
    const told = JSON.parse(reader.json()) as {
      active_manifest: string;
      manifests: Record<string, Verdict['manifest']>;
      validation_results: { activeManifest: Record<'failure' | 'success', readonly { code: string }[]> };
    };
    const { failure, success } = told.validation_results.activeManifest;
    return {
      failures: failure.map(({ code }) => code),
      successes: success.map(({ code }) => code),
      manifest: told.manifests[told.active_manifest] as Verdict['manifest'],
    };
  } finally {
    reader.free();
  }
}
/** Whether a byte belongs to the description of a box that holds others: kind, label and lengths, which C2PA hashes nowhere. */
function isOfDescription(store: Buffer, at: number): boolean {
  return ['c2as', 'c2cl', 'c2cs'].some((kind) => {
    const begin = store.indexOf(`jumd${kind}`);
    return at >= begin - 12 && at < begin - 4 + store.readUInt32BE(begin - 4);
  });
}

/** The content lies elsewhere, so that nothing can be said of it here. */
const contentElsewhere = ['assertion.dataHash.mismatch'];

beforeAll(() => {
  initSync({ module: readFileSync(createRequire(import.meta.url).resolve('@contentauth/c2pa-wasm/c2pa.wasm')) });
});

describe('C2PA manifest stores', () => {
  test.each<[string, Told, readonly string[]]>([
    ['a new work', {}, ['c2pa.created']],
    ['a remix', { sources: ['s1'] }, ['c2pa.opened', 'c2pa.edited']],
    ['a collage', { sources: ['s1', 's2'] }, ['c2pa.created', 'c2pa.placed', 'c2pa.placed']],
    ['a remix of which nothing was stated', { sources: ['s1'], stated: false }, ['c2pa.opened', 'c2pa.edited']],
    ['a revision with more sources', { sources: ['s1'], revised: true }, ['c2pa.opened', 'c2pa.placed', 'c2pa.edited']],
  ])('%s: the reference implementation finds nothing wrong', async (_what, told, actions) => {
    const store = storeOf(told) as Buffer;
    const { failures, successes, manifest } = await read(store);
    expect(failures).toEqual(contentElsewhere);
    expect(successes).toEqual(
      expect.arrayContaining(['claimSignature.validated', 'signingCredential.trusted', 'assertion.hashedURI.match']),
    );
    const dataOf = (label: string): Record<string, unknown> | undefined =>
      manifest.assertions.find((assertion) => assertion.label === label)?.data;
    const { actions: read_ } = dataOf('c2pa.actions.v2') as { actions: readonly { action: string }[] };
    expect(read_.map(({ action }) => action)).toEqual(actions);
    expect(dataOf('org.vcos.credits')).toEqual({ credits: [{ creatorId: 'ada', sharePercent: 62.5 }] });
    // What binds the claim to the content, which c2pa-rs does not print.
    expect(store.includes(Buffer.from(contentHash, 'hex'))).toBe(true);
    expect(storeOf(told)).toEqual(store);
  });

  test('another platform’s root does not make it trusted', async () => {
    const { failures } = await read(storeOf({}) as Buffer, otherRoot);
    expect(failures).toEqual(['signingCredential.untrusted', ...contentElsewhere]);
  });

  test('a byte changed anywhere in what the manifest says is found', async () => {
    const store = storeOf({ sources: ['s1'] }) as Buffer;
    const unnoticed: number[] = [];
    for (let at = 3; at < store.length; at += 61) {
      if (isOfDescription(store, at)) continue;
      const bent = Buffer.from(store);
      bent[at] = (bent[at] ?? 0) ^ 1;
      const isNoticed = await read(bent).then(
        ({ failures }) => failures.some((code) => !contentElsewhere.includes(code)),
        () => true,
      );
      if (!isNoticed) unnoticed.push(at);
    }
    expect(unnoticed).toEqual([]);
  }, 30_000);

  test('there is none where it would say what nobody knows', () => {
    expect(storeOf({ hash: 'v2' })).toBeNull();
    expect(storeOf({ stated: false })).toBeNull();
  });
});
