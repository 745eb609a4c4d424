import { hash } from 'node:crypto';
import { der } from './der.ts';

/** A key that signs certificates or claims: Ed25519 (RFC 8032). */
export interface Ed25519Signer {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  sign(message: Buffer): Buffer;
}

const ids = {
  ed25519: '1.3.101.112',
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  subjectKey: '2.5.29.14',
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
  authorityKey: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  /** RFC 9336: what C2PA asks of who signs claims. */
  documentSigning: '1.3.6.1.5.5.7.3.36',
} as const;

/** The same from the same keys, whenever it is made: the certificates say who signs, not when. */
const validity = der.sequence(der.utcTime('240101000000Z'), der.utcTime('491231235959Z'));
const algorithm = der.sequence(der.objectId(ids.ed25519));
const organization = 'V-COS Federation';

/**
 * The chain (RFC 5280 and RFC 8410, DER, the signer's first) under which canon signs C2PA claims. C2PA takes no self-signed certificate for a claim: `root` signs that of `signer`, and
 * whoever trusts this platform takes up the root's.
 */
export function certificateChain(name: string, signer: Ed25519Signer, root: Ed25519Signer): readonly [Buffer, Buffer] {
  const rootName = nameOf(`${name} root`);
  const issuer = { name: rootName, key: root };
  const own = certificate({ issuer, subject: { name: nameOf(name), key: signer }, extensions: ofSigner });
  return [own, certificate({ issuer, subject: issuer, extensions: ofRoot })];
}

interface Party {
  readonly name: Buffer;
  readonly key: Ed25519Signer;
}

const extension = (id: string, isCritical: boolean, value: Buffer): Buffer =>
  der.sequence(der.objectId(id), ...(isCritical ? [der.boolean(true)] : []), der.octets(value));

/** Digital signatures only. */
const ofSigner: readonly Buffer[] = [
  extension(ids.basicConstraints, true, der.sequence()),
  extension(ids.keyUsage, true, der.bits(Buffer.of(0x80), 7)),
  extension(ids.extendedKeyUsage, false, der.sequence(der.objectId(ids.documentSigning))),
];
/** Certificates and revocation lists only. */
const ofRoot: readonly Buffer[] = [
  extension(ids.basicConstraints, true, der.sequence(der.boolean(true))),
  extension(ids.keyUsage, true, der.bits(Buffer.of(0x06), 1)),
];

function certificate({
  issuer,
  subject,
  extensions,
}: {
  issuer: Party;
  subject: Party;
  extensions: readonly Buffer[];
}): Buffer {
  const version3 = der.context(0, der.integer(Buffer.of(2)));
  const serial = sha1(Buffer.concat([issuer.key.publicKey, subject.key.publicKey])).subarray(0, 16);
  serial[0] = (serial[0] ?? 0) & 0x7f || 1;
  const body = der.sequence(
    version3,
    der.integer(serial),
    algorithm,
    issuer.name,
    validity,
    subject.name,
    der.sequence(algorithm, der.bits(subject.key.publicKey)),
    der.context(
      3,
      der.sequence(
        ...extensions,
        extension(ids.subjectKey, false, der.octets(sha1(subject.key.publicKey))),
        extension(ids.authorityKey, false, der.sequence(der.contextPrimitive(0, sha1(issuer.key.publicKey)))),
      ),
    ),
  );
  return der.sequence(body, algorithm, der.bits(issuer.key.sign(body)));
}

/** An identifier, as RFC 5280 makes it of a key; nothing is secured by it. */
const sha1 = (bytes: Uint8Array): Buffer => Buffer.from(hash('sha1', bytes, 'hex'), 'hex');

function nameOf(commonName: string): Buffer {
  const part = (id: string, value: string): Buffer => der.set(der.sequence(der.objectId(id), der.text(value)));
  return der.sequence(part(ids.organization, organization), part(ids.commonName, commonName));
}
