import { hash } from 'node:crypto';
import { Tagged } from 'cborg';
import { type CborValue, cbor } from './cbor.ts';
import { box, hashedPart, superbox } from './jumbf.ts';

/** One statement of a manifest. `json` ones are JSON-LD, the others CBOR. */
export interface Assertion {
  readonly label: string;
  readonly data: CborValue;
  readonly isJson?: boolean;
}

export interface Claim {
  /** Of this version of the work. */
  readonly instanceId: string;
  /** UUID of the manifest. */
  readonly manifestId: string;
  readonly generator: { readonly name: string };
  /** In order; one may name those before it by what `reference` gives. */
  readonly assertions: readonly ((reference: Reference) => Assertion)[];
}

/** Names an assertion of the same manifest, with its hash. */
export type Reference = (label: string) => HashedUri;
type HashedUri = { readonly url: string; readonly hash: Uint8Array };

export interface ClaimSigner {
  /** DER, the signer's own first. */
  readonly certificates: readonly Uint8Array[];
  sign(message: Buffer): Buffer;
}

const sha256 = (bytes: Uint8Array): Buffer => Buffer.from(hash('sha256', bytes, 'hex'), 'hex');
/** Headers and algorithms of COSE (RFC 9052, 9053, 9360). */
const cose = { sign1Tag: 18, alg: 1, edDsa: -8, x5chain: 33 } as const;

/**
 * A C2PA manifest store (C2PA 2.1) with one manifest, to be kept beside its content ("external manifest", `.c2pa`): JUMBF boxes with CBOR assertions, a claim (v2) over their
 * hashes, and a COSE_Sign1 over the claim with the signer's certificates. The same claim and keys give the same bytes.
 */
export function manifestStore(claim: Claim, signer: ClaimSigner): Buffer {
  const boxes = new Map<string, Buffer>();
  const reference: Reference = (label) => {
    const found = boxes.get(label);
    if (!found) throw new TypeError(`no assertion ${label} comes before the one that names it`);
    return { url: `self#jumbf=c2pa.assertions/${label}`, hash: sha256(hashedPart(found)) };
  };
  for (const make of claim.assertions) {
    const assertion = make(reference);
    boxes.set(assertion.label, assertionBox(assertion));
  }
  const label = `urn:c2pa:${claim.manifestId}`;
  const claimBytes = cbor({
    instanceID: claim.instanceId,
    claim_generator_info: claim.generator,
    signature: `self#jumbf=/c2pa/${label}/c2pa.signature`,
    created_assertions: [...boxes.keys()].map(reference),
    alg: 'sha256',
  });
  const manifest = superbox(
    'manifest',
    label,
    superbox('assertions', 'c2pa.assertions', ...boxes.values()),
    superbox('claim', 'c2pa.claim.v2', box('cbor', claimBytes)),
    superbox('signature', 'c2pa.signature', box('cbor', sign1(claimBytes, signer))),
  );
  return superbox('store', 'c2pa', manifest);
}

function assertionBox({ label, data, isJson = false }: Assertion): Buffer {
  return isJson
    ? superbox('json', label, box('json', Buffer.from(JSON.stringify(data), 'utf8')))
    : superbox('cbor', label, box('cbor', cbor(data)));
}

/** COSE_Sign1 (RFC 9052) whose payload stands elsewhere. */
function sign1(payload: Buffer, signer: ClaimSigner): Buffer {
  const header = cbor(
    new Map<number, CborValue>([
      [cose.alg, cose.edDsa],
      [cose.x5chain, signer.certificates],
    ]),
  );
  const signed = cbor(['Signature1', header, Buffer.alloc(0), payload]);
  return cbor(new Tagged(cose.sign1Tag, [header, {}, null, signer.sign(signed)]));
}
