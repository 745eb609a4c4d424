import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Claims } from './identity.ts';

/** The header with the caller's claims: base64url of JSON, `null` for an anonymous caller. */
export const CLAIMS_HEADER = 'x-vcos-claims';
/** The header with the proof that the gateway sent the request: `t=<unix ms>,v1=<hex HMAC-SHA256>`. */
export const SIGNATURE_HEADER = 'x-vcos-signature';
/** How far a signature's time may lie from the verifier's clock, either way, in milliseconds. */
export const SIGNATURE_AGE_MS_MAX = 60_000;

export interface SignatureHeaders {
  readonly [CLAIMS_HEADER]: string;
  readonly [SIGNATURE_HEADER]: string;
}

export interface SignOptions {
  readonly secret: string;
  readonly handshake: string;
  readonly claims: Claims | null;
  readonly body: string | Uint8Array;
  readonly nowMs: number;
}

/** The two headers that prove a request to a subgraph: who calls, and that the gateway vouches for it. */
export function signGatewayRequest(options: SignOptions): SignatureHeaders {
  const claims = Buffer.from(JSON.stringify(options.claims), 'utf8').toString('base64url');
  const signature = mac({ ...options, claims, timeMs: String(options.nowMs) });
  return { [CLAIMS_HEADER]: claims, [SIGNATURE_HEADER]: `t=${options.nowMs},v1=${signature}` };
}

export interface VerifyOptions {
  readonly secret: string;
  readonly handshake: string;
  /** The raw values of the two headers, undefined where absent. */
  readonly claimsHeader: string | undefined;
  readonly signatureHeader: string | undefined;
  /** The request's body as it came, before any parsing. */
  readonly body: string | Uint8Array;
  readonly nowMs: number;
}

export type Verification =
  { readonly ok: true; readonly claims: Claims | null } | { readonly ok: false; readonly reason: string };

/** Checks the two headers against the body. A refusal says why, without telling what would have been right. */
export function verifyGatewayRequest(options: VerifyOptions): Verification {
  const { claimsHeader, signatureHeader } = options;
  if (claimsHeader === undefined) return refuse(`the header ${CLAIMS_HEADER} is missing`);
  if (signatureHeader === undefined) return refuse(`the header ${SIGNATURE_HEADER} is missing`);
  const parts = /^t=(\d{1,15}),v1=([0-9a-f]{64})$/.exec(signatureHeader);
  if (parts?.[1] === undefined || parts[2] === undefined) return refuse(`the header ${SIGNATURE_HEADER} is malformed`);
  const expected = mac({ ...options, claims: claimsHeader, timeMs: parts[1] });
  if (!timingSafeEqual(Buffer.from(expected, 'hex'), Buffer.from(parts[2], 'hex')))
    return refuse('the signature does not match');
  if (Math.abs(options.nowMs - Number(parts[1])) > SIGNATURE_AGE_MS_MAX) {
    return refuse(`the signature is more than ${SIGNATURE_AGE_MS_MAX / 1000} s from this clock`);
  }
  const claims = parseClaims(claimsHeader);
  return claims === undefined ? refuse(`the header ${CLAIMS_HEADER} is malformed`) : { ok: true, claims };
}

function mac(input: {
  secret: string;
  handshake: string;
  claims: string;
  body: string | Uint8Array;
  timeMs: string;
}): string {
  const bodyHash = createHash('sha256').update(input.body).digest('hex');
  const text = `${input.timeMs}.${input.handshake}.${input.claims}.${bodyHash}`;
  return createHmac('sha256', input.secret).update(text).digest('hex');
}

function parseClaims(header: string): Claims | null | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'));
    return value === null || isClaims(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isClaims(value: unknown): value is Claims {
  if (typeof value !== 'object' || value === null) return false;
  const claims = value as Partial<Record<keyof Claims, unknown>>;
  return (
    typeof claims.issuer === 'string' &&
    typeof claims.subject === 'string' &&
    typeof claims.expiresAt === 'number' &&
    Array.isArray(claims.scopes) &&
    claims.scopes.every((scope) => typeof scope === 'string')
  );
}

function refuse(reason: string): Verification {
  return { ok: false, reason };
}
