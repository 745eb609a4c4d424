import { type KeyObject, createHash, sign } from 'node:crypto';
import { encode } from 'base58-universal';
import { canonicalJson } from '../../../schema/events/envelope.ts';
import { rawPublicKey } from '../../../schema/merkle/ed25519.ts';

export interface Signer {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** The multicodec of an Ed25519 public key. */
const ed25519Codec = Buffer.from([0xed, 0x01]);

/** The `did:key` of a public key (W3C CCG did:key v0.9). */
export function didOf({ publicKey }: Signer): string {
  return `did:key:z${encode(Buffer.concat([ed25519Codec, rawPublicKey(publicKey)]))}`;
}

const sha256 = (value: unknown): Buffer => createHash('sha256').update(canonicalJson(value), 'utf8').digest();

/** The document with a Data Integrity proof of the suite `eddsa-jcs-2022` (W3C vc-di-eddsa, section 3.3). `created` is ISO 8601. */
export function withProof<D extends { readonly '@context': readonly string[] }>(
  document: D,
  signer: Signer,
  created: string,
): D & { readonly proof: Readonly<Record<string, unknown>> } {
  const did = didOf(signer);
  const options = {
    '@context': document['@context'],
    type: 'DataIntegrityProof',
    cryptosuite: 'eddsa-jcs-2022',
    created,
    verificationMethod: `${did}#${did.slice('did:key:'.length)}`,
    proofPurpose: 'assertionMethod',
  };
  const signature = sign(null, Buffer.concat([sha256(options), sha256(document)]), signer.privateKey);
  return { ...document, proof: { ...options, proofValue: `z${encode(signature)}` } };
}
