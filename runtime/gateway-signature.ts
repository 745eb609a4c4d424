import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Claims } from './identity.ts';

/** The header with the caller's claims: base64url of JSON, `null` for an anonymous caller. */
export const CLAIMS_HEADER = 'x-vcos-claims';
/** The header with the proof that the gateway sent this one request to this one subgraph: `t=<unix ms>,n=<hex nonce>,v2=<hex HMAC-SHA256>`. */
export const SIGNATURE_HEADER = 'x-vcos-subgraph-signature';
/** The proof that subgraphs of 0.1 want, which holds at each of them, and again: `t=<unix ms>,v1=<hex HMAC-SHA256>`. It proves nothing to newer ones. */
export const OLD_SIGNATURE_HEADER = 'x-vcos-signature';
/**
 * The header by which a subgraph that refuses a signature for its time tells its own: `t=<unix ms>,v1=<hex HMAC-SHA256>`, bound to the signature that it
 * refused, so that nobody but the subgraph can move the time that the gateway signs with.
 */
export const CLOCK_HEADER = 'x-vcos-clock';
/** How far a signature's time may lie from the verifier's clock, either way, in milliseconds. */
export const SIGNATURE_AGE_MS_MAX = 60_000;

export interface SignatureHeaders {
  readonly [CLAIMS_HEADER]: string;
  readonly [SIGNATURE_HEADER]: string;
  readonly [OLD_SIGNATURE_HEADER]: string;
}

export interface SignOptions {
  readonly secret: string;
  /** The name of the subgraph that is asked: no other believes the signature. */
  readonly subgraph: string;
  readonly handshake: string;
  readonly claims: Claims | null;
  readonly body: string | Uint8Array;
  readonly nowMs: number;
}

/** The headers that prove a request to a subgraph: who calls, and that the gateway vouches for it. No two are the same, even of equal requests. */
export function signGatewayRequest({ secret, subgraph, ...options }: SignOptions): SignatureHeaders {
  const claims = Buffer.from(JSON.stringify(options.claims), 'utf8').toString('base64url');
  const text = textOf({ ...options, claims, timeMs: String(options.nowMs) });
  const nonce = randomBytes(8).toString('hex');
  return {
    [CLAIMS_HEADER]: claims,
    [SIGNATURE_HEADER]: `t=${options.nowMs},n=${nonce},v2=${mac(secret, `v2.${subgraph}.${nonce}.${text}`)}`,
    [OLD_SIGNATURE_HEADER]: `t=${options.nowMs},v1=${mac(secret, text)}`,
  };
}

export interface VerifyOptions {
  readonly secret: string;
  /** The name of the subgraph that verifies. */
  readonly subgraph: string;
  readonly handshake: string;
  /** The raw values of the two headers, undefined where absent. */
  readonly claimsHeader: string | undefined;
  readonly signatureHeader: string | undefined;
  /** The request's body as it came, before any parsing. */
  readonly body: string | Uint8Array;
  readonly nowMs: number;
}

export type Verification =
  /** `id`: 52 bits that tell this request from all others, an equal one included. */
  | { readonly ok: true; readonly claims: Claims | null; readonly id: number }
  /** `isOtherClock`: all is well but the time, so that the two clocks differ or somebody repeats an old request. */
  | { readonly ok: false; readonly reason: string; readonly isOtherClock: boolean };

/** Checks the two headers against the body. A refusal says why, without telling what would have been right. */
export function verifyGatewayRequest(options: VerifyOptions): Verification {
  const { claimsHeader, signatureHeader } = options;
  if (claimsHeader === undefined) return refuse(`the header ${CLAIMS_HEADER} is missing`);
  if (signatureHeader === undefined)
    return refuse(
      `the header ${SIGNATURE_HEADER} is missing (gateways of 0.1 send none: update them before subgraphs)`,
    );
  const parts = signatureParts(signatureHeader);
  if (parts === null) return refuse(`the header ${SIGNATURE_HEADER} is malformed`);
  const text = textOf({ ...options, claims: claimsHeader, timeMs: parts.timeMs });
  const expected = mac(options.secret, `v2.${options.subgraph}.${parts.nonce}.${text}`);
  if (!isEqualMac(expected, parts.mac)) return refuse('the signature does not match');
  if (Math.abs(options.nowMs - Number(parts.timeMs)) > SIGNATURE_AGE_MS_MAX)
    return refuse(`the signature is more than ${SIGNATURE_AGE_MS_MAX / 1000} s from this clock`, true);
  const claims = parseClaims(claimsHeader);
  if (claims === undefined) return refuse(`the header ${CLAIMS_HEADER} is malformed`);
  return { ok: true, claims, id: parseInt(parts.mac.slice(0, 13), 16) };
}

export interface ClockProof {
  readonly secret: string;
  /** The signature that was refused. */
  readonly signatureHeader: string;
}

/** The value of {@link CLOCK_HEADER}: what a subgraph's clock says, proved to whoever made this signature. */
export function tellClock({ secret, signatureHeader }: ClockProof, nowMs: number): string {
  return `t=${nowMs},v1=${clockMac(secret, signatureHeader, String(nowMs))}`;
}

/** The time, in Unix milliseconds, that the subgraph proved in answer to this signature; null where it proves none. */
export function readClock({ secret, signatureHeader }: ClockProof, clockHeader: string): number | null {
  const parts = clockParts(clockHeader);
  if (parts === null || !isEqualMac(clockMac(secret, signatureHeader, parts.timeMs), parts.mac)) return null;
  return Number(parts.timeMs);
}

/** Begins as no signed request's text does, so that neither can be taken for the other. */
function clockMac(secret: string, signatureHeader: string, timeMs: string): string {
  return mac(secret, `clock.${timeMs}.${signatureHeader}`);
}

function clockParts(header: string): { readonly timeMs: string; readonly mac: string } | null {
  const [, timeMs, given] = /^t=(\d{1,15}),v1=([0-9a-f]{64})$/.exec(header) ?? [];
  return timeMs === undefined || given === undefined ? null : { timeMs, mac: given };
}

function signatureParts(
  header: string,
): { readonly timeMs: string; readonly nonce: string; readonly mac: string } | null {
  const [, timeMs, nonce, given] = /^t=(\d{1,15}),n=([0-9a-f]{16}),v2=([0-9a-f]{64})$/.exec(header) ?? [];
  return timeMs === undefined || nonce === undefined || given === undefined ? null : { timeMs, nonce, mac: given };
}

function isEqualMac(expected: string, given: string): boolean {
  return timingSafeEqual(Buffer.from(expected, 'hex'), Buffer.from(given, 'hex'));
}

function textOf(input: {
  readonly handshake: string;
  readonly claims: string;
  readonly body: string | Uint8Array;
  readonly timeMs: string;
}): string {
  const bodyHash = createHash('sha256').update(input.body).digest('hex');
  return `${input.timeMs}.${input.handshake}.${input.claims}.${bodyHash}`;
}

function mac(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('hex');
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

function refuse(reason: string, isOtherClock = false): Verification {
  return { ok: false, reason, isOtherClock };
}
