import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Claims } from '../../runtime/identity.ts';
import { BUILT_IN_ISSUER } from '../../runtime/issuer.ts';
import { authenticate } from '../identity/bearer.ts';
import { callerOf } from '../identity/caller.ts';
import type { Revocations } from '../identity/revocations.ts';
import { TokenError } from '../identity/token-verifier.ts';
import type { TokenVerifier } from '../identity/token-verifier.ts';
import type { RateLimiter } from '../operations/rate-limiter.ts';
import { isOfType, readBody } from './body.ts';
import { requestFault, setFaultHeaders } from './faults.ts';
import { setRateHeaders } from './rate-headers.ts';
import { sendJson } from './respond.ts';

export interface RevokeOptions {
  /** Undefined where nothing can be revoked: nobody's tokens are accepted here. */
  readonly revocations: Revocations | undefined;
  readonly verifier: TokenVerifier;
  readonly limiter: RateLimiter | undefined;
}

/** The scope of a token that may revoke those of others. */
export const operatorScope = 'operator';
const bodyBytesMax = 16_384;
/** In units of the caller's budget: about what a small query costs. */
const cost = 10;

/** An OAuth error (RFC 6749, section 5.2). */
class OAuthError extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/**
 * `POST /revoke` with a form, after RFC 7009. `token` names the token that is to end; whoever has it may end it, and one that is no good
 * any more is answered with 200 as well. `all=true` ends every token that its subject was issued until now. With a token of the scope
 * `operator` in the header, `subject` (and `issuer`) in place of `token` ends those of anybody.
 */
export async function answerRevoke(
  request: IncomingMessage,
  response: ServerResponse,
  options: RevokeOptions,
): Promise<void> {
  try {
    if (request.method !== 'POST') {
      response.setHeader('allow', 'POST');
      throw new OAuthError(405, 'invalid_request', 'this path answers POST');
    }
    charge(request, response, options.limiter);
    const { revocations } = options;
    if (!revocations)
      throw new OAuthError(404, 'invalid_request', 'no tokens are accepted here, so none can be revoked');
    const form = await readForm(request);
    const subject = single(form, 'subject');
    if (subject === undefined) await revokeOwn(form, options.verifier, revocations);
    else await revokeOfSubject(request, { form, subject, revocations, verifier: options.verifier });
    response.setHeader('cache-control', 'no-store');
    response.writeHead(200, { 'content-length': 0 }).end();
  } catch (error) {
    const told = oauthError(error);
    if (told === null) throw error;
    setFaultHeaders(response, told.status);
    sendJson(response, told.status, { error: told.code, error_description: told.message });
  }
}

function charge(request: IncomingMessage, response: ServerResponse, limiter: RateLimiter | undefined): void {
  const rate = limiter?.take(callerOf(null, request.socket.remoteAddress), cost);
  if (!limiter || !rate) return;
  setRateHeaders(response, limiter.limit, rate);
  if (rate.allowed) return;
  response.setHeader('retry-after', String(rate.retryAfterS));
  throw new OAuthError(429, 'temporarily_unavailable', `too many requests: try again in ${rate.retryAfterS} seconds`);
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  if (!isOfType(request, 'application/x-www-form-urlencoded'))
    throw new OAuthError(415, 'invalid_request', 'the body must be application/x-www-form-urlencoded');
  return new URLSearchParams((await readBody(request, bodyBytesMax)).toString('utf8'));
}

function single(form: URLSearchParams, name: string): string | undefined {
  const [value, ...more] = form.getAll(name);
  if (more.length > 0) throw new OAuthError(400, 'invalid_request', `${name} is given more than once`);
  return value === '' ? undefined : value;
}

async function revokeOwn(form: URLSearchParams, verifier: TokenVerifier, revocations: Revocations): Promise<void> {
  const token = single(form, 'token');
  if (token === undefined)
    throw new OAuthError(400, 'invalid_request', 'token is missing: the token to revoke, in the body');
  let claims: Claims;
  try {
    claims = await verifier.verify(token);
  } catch (error) {
    // RFC 7009, section 2.2: what is no good is what the client wanted.
    if (error instanceof TokenError) return;
    throw error;
  }
  const facts = verifier.factsOf(claims);
  if (!facts) return;
  if (single(form, 'all') === 'true') await revocations.revokeSubject(facts.subjectId);
  else await revocations.revokeToken(facts.tokenId, claims.expiresAt);
}

async function revokeOfSubject(
  request: IncomingMessage,
  {
    form,
    subject,
    revocations,
    verifier,
  }: {
    readonly form: URLSearchParams;
    readonly subject: string;
    readonly revocations: Revocations;
    readonly verifier: TokenVerifier;
  },
): Promise<void> {
  const operator = await authenticate(verifier, request.headers.authorization);
  if (operator === null) throw new OAuthError(401, 'invalid_client', 'subject needs a token with the scope operator');
  if (!operator.scopes.includes(operatorScope))
    throw new OAuthError(403, 'insufficient_scope', 'subject needs a token with the scope operator');
  const issuer = single(form, 'issuer') ?? BUILT_IN_ISSUER;
  await revocations.revokeSubject(revocations.subjectIdOf(`${issuer}|${subject}`));
}

const oauthCodes = { 401: 'invalid_client', 413: 'invalid_request', 503: 'temporarily_unavailable' } as const;

function oauthError(error: unknown): OAuthError | null {
  if (error instanceof OAuthError) return error;
  const fault = requestFault(error, bodyBytesMax);
  return fault && new OAuthError(fault.status, oauthCodes[fault.status], fault.message);
}
