import { canonicalJson } from '../../schema/events/envelope.ts';
import { parseVerifierKey } from '../../schema/merkle/signed-note.ts';
import type { CanonSigner, SubgraphContext } from '../shared/context.ts';
import { readerOf } from './canon-reader.ts';
import { type Ed25519Signer, certificateChain } from './c2pa/certificate.ts';
import { manifestStore } from './c2pa/manifest-store.ts';
import { claimOfVersion } from './c2pa/version-claim.ts';
import { type PublishedVersion, manifestOf, mayHaveManifest, versionsOf } from './domain/manifest.ts';
import { eventOfBody } from './recorded.ts';

/** Events of one work that are looked at: publications, revisions and statements. */
const eventsMax = 2_000;

export interface SignedManifest {
  readonly revision: number;
  readonly content: Readonly<Record<string, unknown>>;
  /** Compact JWS. */
  readonly jws: string;
  /** JWK. */
  readonly publicKey: Readonly<Record<string, string>>;
  /** C2PA manifest store, base64; null where C2PA has no true claim for the version. */
  readonly c2pa: string | null;
  /** PEM. */
  readonly c2paRoot: string;
}

/** The signed manifest of a version of a work, the newest for null; null where canon holds none, or none for the caller. The same content gives the same text. */
export async function artifactManifest(
  context: SubgraphContext,
  artifactId: string,
  revision: number | null,
): Promise<SignedManifest | null> {
  const { creatorId } = readerOf(context);
  const rows = await context.warehouse.query<{ readonly body: string }>(
    `SELECT body FROM platform.canon_events FINAL
     WHERE entity_id = {id:String} AND entity_type = 'Artifact' AND status = 'CANONICAL'
       AND type IN ('artifact.published', 'artifact.revised', 'artifact.ai-assistance-stated')
     ORDER BY entity_version LIMIT ${eventsMax}`,
    { id: artifactId },
  );
  const versions = versionsOf(rows.map(({ body }) => eventOfBody(body)).filter((event) => event !== null));
  const version = revision === null ? versions.at(-1) : versions.find((each) => each.revision === revision);
  if (!version || !mayHaveManifest(version, creatorId)) return null;
  const content = manifestOf(version);
  return {
    revision: version.revision,
    content,
    ...signed(content, context.signer),
    ...inC2pa(version, context.signer),
  };
}

function inC2pa(version: PublishedVersion, signer: CanonSigner): Pick<SignedManifest, 'c2pa' | 'c2paRoot'> {
  const { name } = parseVerifierKey(signer.verifierKey);
  const certificates = certificateChain(name, withKey(signer), withKey(signer.root));
  const claim = claimOfVersion(version);
  const store = claim && manifestStore(claim, { certificates, sign: (message) => signer.sign(message) });
  return { c2pa: store?.toString('base64') ?? null, c2paRoot: pemOf(certificates[1]) };
}

function withKey(signer: Pick<CanonSigner, 'verifierKey' | 'sign'>): Ed25519Signer {
  const { x = '' } = parseVerifierKey(signer.verifierKey).key.export({ format: 'jwk' });
  return { publicKey: Buffer.from(x, 'base64url'), sign: (message) => signer.sign(message) };
}

/** RFC 7468. */
function pemOf(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

/** A JWS (RFC 7515) with Ed25519 (RFC 8037) over the canonical JSON of a value, and the key that verifies it. */
function signed(content: object, signer: CanonSigner): Pick<SignedManifest, 'jws' | 'publicKey'> {
  const { key, keyId } = parseVerifierKey(signer.verifierKey);
  const kid = keyId.toString('hex');
  const encode = (value: object): string => Buffer.from(canonicalJson(value)).toString('base64url');
  const input = `${encode({ alg: 'EdDSA', kid, typ: 'vcos-manifest+jws' })}.${encode(content)}`;
  const { kty, crv, x } = key.export({ format: 'jwk' });
  const publicKey = { kty: kty ?? '', crv: crv ?? '', x: x ?? '', kid, alg: 'EdDSA', use: 'sig' };
  return { jws: `${input}.${signer.sign(Buffer.from(input)).toString('base64url')}`, publicKey };
}
