import { gzipSync } from 'node:zlib';
import { type Signer, didOf, withProof } from './data-integrity.ts';

const contexts = [
  'https://www.w3.org/ns/credentials/v2',
  'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json',
] as const;
const statusListUrn = 'urn:vcos:certificates:revoked';
/** Entries of a status list: no fewer, so that an entry hides among the others. */
const statusBits = 131_072;

/** A certificate, as far as it is told to whoever its holder shows it to. */
export interface CertificateFacts {
  readonly id: string;
  readonly holderId: string;
  /** The creator who certified it; absent for a badge, which the platform grants. */
  readonly issuerId?: string;
  readonly skill: string;
  readonly statement: string;
  readonly issuedAt: string;
  readonly statusIndex: number;
}

/** The certificate as an Open Badges 3.0 credential (a W3C Verifiable Credential 2.0), signed. The platform signs what a creator of standing said. */
export function openBadge(facts: CertificateFacts, signer: Signer): Readonly<Record<string, unknown>> {
  const { id, holderId, issuerId, skill, statement, issuedAt, statusIndex } = facts;
  const credential = {
    '@context': contexts,
    id: `urn:uuid:${id}`,
    type: ['VerifiableCredential', 'OpenBadgeCredential'],
    name: skill,
    issuer: { id: didOf(signer), type: ['Profile'], name: 'V-COS' },
    validFrom: issuedAt,
    credentialSubject: {
      id: `urn:uuid:${holderId}`,
      type: ['AchievementSubject'],
      achievement: {
        id: `urn:vcos:skill:${encodeURIComponent(skill)}`,
        type: ['Achievement'],
        achievementType: issuerId === undefined ? 'Badge' : 'Certificate',
        creator: { id: issuerId === undefined ? didOf(signer) : `urn:uuid:${issuerId}`, type: ['Profile'] },
        name: skill,
        description: issuerId === undefined ? statement : `A creator of standing certifies: ${skill}`,
        criteria: { narrative: statement },
      },
    },
    credentialStatus: {
      id: `${statusListUrn}#${statusIndex}`,
      type: 'BitstringStatusListEntry',
      statusPurpose: 'revocation',
      statusListIndex: String(statusIndex),
      statusListCredential: statusListUrn,
    },
  };
  return withProof(credential, signer, issuedAt);
}

/** Which certificates are revoked, as a signed list of bits (W3C Bitstring Status List 1.0). */
export function statusList(
  revoked: readonly number[],
  signer: Signer,
  nowIso: string,
): Readonly<Record<string, unknown>> {
  const bits = Buffer.alloc(statusBits / 8);
  // The first entry is the leftmost bit.
  for (const index of revoked) bits[index >> 3] = (bits[index >> 3] ?? 0) | (0x80 >> (index & 7));
  const credential = {
    '@context': [contexts[0]],
    id: statusListUrn,
    type: ['VerifiableCredential', 'BitstringStatusListCredential'],
    issuer: didOf(signer),
    validFrom: nowIso,
    credentialSubject: {
      id: `${statusListUrn}#list`,
      type: 'BitstringStatusList',
      statusPurpose: 'revocation',
      encodedList: `u${gzipSync(bits).toString('base64url')}`,
    },
  } as const;
  return withProof(credential, signer, nowIso);
}

/** How many certificates there can be in the one list. */
export const certificatesMax = statusBits;
