import { hash } from 'node:crypto';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectKeyIdentifier,
} from '@peculiar/asn1-x509';

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
  /** RFC 9336: what C2PA asks of who signs claims. */
  documentSigning: '1.3.6.1.5.5.7.3.36',
} as const;

/** The same from the same keys, whenever it is made: the certificates say who signs, not when. */
const validity = { notBefore: new Date('2024-01-01T00:00:00Z'), notAfter: new Date('2049-12-31T23:59:59Z') } as const;
const algorithm = new AlgorithmIdentifier({ algorithm: ids.ed25519 });
const organization = 'V-COS Federation';

/**
 * The chain (RFC 5280 and RFC 8410, DER, the signer's first) under which canon signs C2PA claims. C2PA takes no self-signed certificate for a claim: `root` signs that of `signer`, and
 * whoever trusts this platform takes up the root's.
 */
export function certificateChain(name: string, signer: Ed25519Signer, root: Ed25519Signer): readonly [Buffer, Buffer] {
  const issuer = { name: nameOf(`${name} root`), key: root };
  const own = certificate({ issuer, subject: { name: nameOf(name), key: signer }, extensions: ofSigner });
  return [own, certificate({ issuer, subject: issuer, extensions: ofRoot })];
}

interface Party {
  readonly name: Name;
  readonly key: Ed25519Signer;
}

const der = (value: unknown): Buffer => Buffer.from(AsnConvert.serialize(value));
const extension = (extnID: string, critical: boolean, value: unknown): Extension =>
  new Extension({ extnID, critical, extnValue: new OctetString(der(value)) });

/** Digital signatures only. */
const ofSigner: readonly Extension[] = [
  extension(id_ce_basicConstraints, true, new BasicConstraints()),
  extension(id_ce_keyUsage, true, new KeyUsage(KeyUsageFlags.digitalSignature)),
  extension(id_ce_extKeyUsage, false, new ExtendedKeyUsage([ids.documentSigning])),
];
/** Certificates and revocation lists only. */
const ofRoot: readonly Extension[] = [
  extension(id_ce_basicConstraints, true, new BasicConstraints({ cA: true })),
  extension(id_ce_keyUsage, true, new KeyUsage(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign)),
];

function certificate({
  issuer,
  subject,
  extensions,
}: {
  issuer: Party;
  subject: Party;
  extensions: readonly Extension[];
}): Buffer {
  const serial = sha1(Buffer.concat([issuer.key.publicKey, subject.key.publicKey])).subarray(0, 16);
  serial[0] = (serial[0] ?? 0) & 0x7f || 1;
  const keyOf = ({ key }: Party): OctetString => new OctetString(sha1(key.publicKey));
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: arrayBufferOf(serial),
    signature: algorithm,
    issuer: issuer.name,
    validity: new Validity(validity),
    subject: subject.name,
    subjectPublicKeyInfo: new SubjectPublicKeyInfo({
      algorithm,
      subjectPublicKey: arrayBufferOf(subject.key.publicKey),
    }),
    extensions: new Extensions([
      ...extensions,
      extension(id_ce_subjectKeyIdentifier, false, new SubjectKeyIdentifier(keyOf(subject))),
      extension(id_ce_authorityKeyIdentifier, false, new AuthorityKeyIdentifier({ keyIdentifier: keyOf(issuer) })),
    ]),
  });
  const signatureValue = arrayBufferOf(issuer.key.sign(der(tbsCertificate)));
  return der(new Certificate({ tbsCertificate, signatureAlgorithm: algorithm, signatureValue }));
}

const arrayBufferOf = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;

/** An identifier, as RFC 5280 makes it of a key; nothing is secured by it. */
const sha1 = (bytes: Uint8Array): Buffer => Buffer.from(hash('sha1', bytes, 'hex'), 'hex');

function nameOf(commonName: string): Name {
  const part = (type: string, utf8String: string): RelativeDistinguishedName =>
    new RelativeDistinguishedName([new AttributeTypeAndValue({ type, value: new AttributeValue({ utf8String }) })]);
  return new Name([part(ids.organization, organization), part(ids.commonName, commonName)]);
}
