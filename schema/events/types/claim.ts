import { z } from 'zod';
import { hlcSchema } from '../../hlc.ts';

/** Why a submission of another platform or an agent was not taken up. Codes are part of the API: added, never renamed. */
export const refusalCodes = [
  'SUBMITTER_UNKNOWN',
  'SIGNATURE_INVALID',
  'CLAIM_MALFORMED',
  'CLAIM_TOO_LARGE',
  'PAYLOAD_INVALID',
  'CLOCK_AHEAD',
  'CAUSE_UNKNOWN',
  'CAUSE_CYCLE',
  'ID_REUSED',
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

const id = z.string().min(1).max(128);

/** What another platform or an agent says has happened, as it signs it: the canonical JSON of this. */
export const claimSchema = z.strictObject({
  /** The submitter's own id of it: the same id with other bytes is refused for ever. */
  id,
  type: z.string().regex(/^[a-z][a-z0-9-]{0,30}\.[a-z][a-z0-9-]{0,31}$/),
  typeVersion: z.int().min(1).max(65_535),
  /** The submitter's clock. */
  hlc: hlcSchema,
  entity: z.strictObject({ type: z.string().min(1).max(64), id }),
  /** Ids of canon events. */
  causedBy: z.array(id).max(32),
  payload: z.record(z.string(), z.unknown()),
});
export type Claim = z.infer<typeof claimSchema>;

/** How far a submitter's clock may lie from others', in microseconds: further ahead of ours is refused, further behind its causes' is a contradiction. */
export const claimDriftUsMax = 60_000_000;

/** Bytes of a claim's canonical text. */
export const claimBytesMax = 32_768;

/** Levels of lists and objects in a claim, itself counted: more than anybody needs, few enough for whatever reads it. */
export const claimDepthMax = 64;

/** What a claim's Ed25519 signature is of: this line and the canonical text. */
export const claimSignatureHead = 'vcos/canon-claim@v1\n';

const byEntity = (event: { readonly entity: { readonly id: string } }): string => event.entity.id;

/** What somebody who submits claims is registered as: it decides how far their claims are trusted. */
export const submitterRoles = ['PLATFORM', 'OPERATOR', 'CREATIVE_IMVU', 'GUARDIAN_IMVU'] as const;
export type SubmitterRole = (typeof submitterRoles)[number];

/** The role of those who were registered without one. */
export function plainRole(source: string): SubmitterRole {
  return source === 'IMVU' ? 'CREATIVE_IMVU' : 'PLATFORM';
}

const claimed = {
  claim: claimSchema,
  /** Whether this build knew the claim's type in this version, and the payload fits it. */
  isKnown: z.boolean(),
  /** Base64. */
  signature: z.string().max(128),
  publicKey: z.string().max(64),
};

export const claimEvents = {
  /** A claim that was taken up. Its chain is that of the claims about the same entity; the claim itself changes nothing of that entity. */
  'canon.claimed': {
    version: 3,
    entity: 'Claim',
    payload: z.strictObject({
      ...claimed,
      /** What the submitter was registered as when the claim was taken up. */
      role: z.enum(submitterRoles),
      /** When the latest of its causes happened, in microseconds: of claims, when they say so. Null where it has none. */
      causedAtUs: z.int().min(0).nullable(),
    }),
    /** Version 1 told no role: nobody had more than a plain one. Up to version 2 nobody looked at the times of causes. */
    upcasts: {
      2: (payload: Readonly<Record<string, unknown>>) => ({ ...payload, causedAtUs: null }),
      1: (payload: Readonly<Record<string, unknown>>, event: object) => ({
        ...payload,
        role: plainRole('source' in event ? String(event.source) : ''),
      }),
    },
    key: byEntity,
  },
  /** A guardian let somebody submit claims, or gave them another key or role. The entity is the submitter. */
  'canon.submitter-registered': {
    version: 1,
    entity: 'Submitter',
    payload: z.strictObject({
      submitter: z.string().max(128),
      role: z.enum(submitterRoles),
      publicKey: z.string().max(64),
      /** The guardian, where the login has a creator. */
      registeredBy: z.string().max(128).nullable(),
    }),
    key: byEntity,
  },
  /** A submission that was refused, without what it said. */
  'canon.submission-refused': {
    version: 1,
    entity: 'Submission',
    payload: z.strictObject({
      /** Null where nobody known submitted it. */
      submitter: z.string().max(128).nullable(),
      code: z.enum(refusalCodes),
      bytes: z.int().min(0),
      /** A keyed digest, by which the platform can tell whether two submissions were the same. */
      digest: z.string().regex(/^[0-9a-f]{64}$/),
    }),
    key: byEntity,
  },
} as const;
