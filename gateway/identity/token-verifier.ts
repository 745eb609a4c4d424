import { createRemoteJWKSet, decodeJwt, errors, jwtVerify } from 'jose';
import type { CryptoKey, JWTPayload, JWTVerifyGetKey, JWTVerifyOptions } from 'jose';
import type { Claims } from '../../runtime/identity.ts';
import { BUILT_IN_ALGORITHM, BUILT_IN_AUDIENCE, BUILT_IN_ISSUER, TOKEN_AGE_S_MAX } from '../../runtime/issuer.ts';
import { tokenIdOf } from '../../schema/revocations.ts';
import { BoundedMap } from '../bounded-map.ts';
import type { Revocations, TokenFacts } from './revocations.ts';
import { IdentityUnavailableError } from './unavailable.ts';

/** An outside issuer whose tokens are accepted. */
export interface TrustedIssuer {
  /** The exact `iss` of its tokens. */
  readonly issuer: string;
  /** The `aud` that its tokens must have; unset accepts any, for issuers that name none. */
  readonly audience?: string | undefined;
  /** Where its keys are; unset asks the issuer's own OpenID configuration. */
  readonly jwksUri?: string | undefined;
}

export interface IdentityOptions {
  /** The public key of this installation's own issuer; null where it has none. */
  readonly builtInKey: CryptoKey | null;
  readonly issuers: readonly TrustedIssuer[];
  /** Absent where nothing can be revoked. */
  readonly revocations?: Revocations | undefined;
  readonly clock?: () => number;
}

/** The token is not good, and the message tells its bearer why. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
}

export interface TokenVerifier {
  /**
   * Rejects with `TokenError` for a token that is malformed, expired, of an unknown issuer, wrongly signed or revoked; with
   * `IdentityUnavailableError` while that last thing, or the keys of its issuer, cannot be known.
   */
  verify(token: string): Promise<Claims>;
  /** Whether the token behind claims that `verify` gave was revoked since. */
  isRevoked(claims: Claims): boolean;
  /** What revokes the token behind claims that `verify` gave; undefined for any other claims. */
  factsOf(claims: Claims): TokenFacts | undefined;
}

/** Signatures that prove who signed: a shared secret or none at all never does. */
const outsideAlgorithms = ['EdDSA', 'ES256', 'ES384', 'ES512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const clockToleranceS = 5;
/** How long an outside token is good without its issuer's keys being looked at again. jose keeps them for as long: a withdrawn key is noticed after twice that. */
const trustedMs = 600_000;
/** How long a token that was good stands while its issuer does not answer, before the issuer is asked again. */
const retryMs = 30_000;
/** Longer tokens are refused unread. */
const tokenCharactersMax = 8_192;

interface Verified {
  readonly claims: Claims;
  /** When its issuer is to be asked for its keys again. */
  againAt: number;
}

interface Source {
  readonly key: CryptoKey | JWTVerifyGetKey;
  readonly options: JWTVerifyOptions;
}

/** Verifies tokens of the built-in and of the trusted issuers. What was verified is remembered until it expires. */
export function createTokenVerifier(options: IdentityOptions): TokenVerifier {
  const clock = options.clock ?? Date.now;
  const sources = readSources(options);
  const { revocations } = options;
  const verified = new BoundedMap<Verified>({ weightMax: 4_000_000 });
  // Beside the claims, which subgraphs get as they are.
  const facts = new WeakMap<Claims, TokenFacts>();
  const isRevoked = (claims: Claims): boolean => {
    const known = facts.get(claims);
    return known !== undefined && revocations?.isRevoked(known) === true;
  };
  const read = async (token: string): Promise<Claims> => {
    const known = verified.get(token);
    const isGood = known !== undefined && known.claims.expiresAt > clock();
    if (isGood && clock() < known.againAt) return known.claims;
    try {
      const payload = await verify(token, sources, clock());
      const claims = toClaims(payload);
      if (revocations) facts.set(claims, factsFor(token, claims, payload, revocations));
      // Our own key does not change while the process runs.
      const againAt = claims.issuer === BUILT_IN_ISSUER ? Infinity : clock() + trustedMs;
      verified.set(token, { claims, againAt }, token.length);
      return claims;
    } catch (error) {
      if (isGood && error instanceof IdentityUnavailableError) {
        known.againAt = clock() + retryMs;
        return known.claims;
      }
      verified.delete(token);
      throw error;
    }
  };
  return {
    async verify(token) {
      const claims = await read(token);
      await revocations?.loaded();
      if (isRevoked(claims)) throw new TokenError(tokenRevoked);
      return claims;
    },
    isRevoked,
    factsOf: (claims) => facts.get(claims),
  };
}

/** Told to whoever still uses a token that was revoked. */
export const tokenRevoked = 'the token was revoked: sign in again';

function factsFor(token: string, claims: Claims, payload: JWTPayload, revocations: Revocations): TokenFacts {
  return {
    tokenId: tokenIdOf(token, claims.issuer, payload.jti),
    subjectId: revocations.subjectIdOf(`${claims.issuer}|${claims.subject}`),
    issuedAt: (payload.iat ?? 0) * 1_000,
  };
}

function readSources(options: IdentityOptions): ReadonlyMap<string, Source> {
  const sources = new Map<string, Source>();
  for (const trusted of options.issuers) {
    const audience = trusted.audience === undefined ? {} : { audience: trusted.audience };
    sources.set(trusted.issuer, {
      key: remoteKeys(trusted),
      options: { ...audience, issuer: trusted.issuer, algorithms: outsideAlgorithms },
    });
  }
  if (options.builtInKey) {
    const builtIn = { issuer: BUILT_IN_ISSUER, audience: BUILT_IN_AUDIENCE, algorithms: [BUILT_IN_ALGORITHM] };
    sources.set(BUILT_IN_ISSUER, { key: options.builtInKey, options: builtIn });
  }
  return sources;
}

async function verify(token: string, sources: ReadonlyMap<string, Source>, nowMs: number): Promise<JWTPayload> {
  if (token.length > tokenCharactersMax)
    throw new TokenError(`the token is longer than ${tokenCharactersMax} characters`);
  const issuer = issuerOf(token);
  const source = sources.get(issuer);
  if (!source) throw new TokenError(`the token's issuer ${JSON.stringify(issuer)} is not trusted here`);
  try {
    const options = {
      ...source.options,
      clockTolerance: clockToleranceS,
      currentDate: new Date(nowMs),
      requiredClaims: ['sub', 'exp', 'iat'],
      maxTokenAge: TOKEN_AGE_S_MAX,
    };
    // Two overloads of jose, one body: a key, or a function that finds it.
    const { payload } = await (typeof source.key === 'function'
      ? jwtVerify(token, source.key, options)
      : jwtVerify(token, source.key, options));
    return payload;
  } catch (error) {
    if (error instanceof IdentityUnavailableError) throw error;
    throw new TokenError(reasonOf(error), { cause: error });
  }
}

function issuerOf(token: string): string {
  try {
    const { iss } = decodeJwt(token);
    if (typeof iss === 'string') return iss;
  } catch {
    throw new TokenError('the token is not a JWT');
  }
  throw new TokenError('the token names no issuer (iss)');
}

function toClaims(payload: JWTPayload): Claims {
  const { iss = '', sub, exp, iat, scope, scp } = payload as JWTPayload & { scope?: unknown; scp?: unknown };
  if (typeof sub !== 'string' || sub === '' || typeof exp !== 'number' || typeof iat !== 'number')
    throw new TokenError('the token needs a subject (sub), an expiry (exp) and the time it was issued (iat)');
  const scopes = typeof scope === 'string' ? scope.split(' ') : Array.isArray(scp) ? scp.map(String) : [];
  // Longer ones end here: revocations are kept for as long only.
  const expiresAt = Math.min(exp, iat + TOKEN_AGE_S_MAX) * 1_000;
  return { issuer: iss, subject: sub, scopes: scopes.filter((item) => item !== ''), expiresAt };
}

function reasonOf(error: unknown): string {
  if (error instanceof TokenError) return error.message;
  if (error instanceof errors.JWTExpired && error.claim === 'iat')
    return `the token was issued more than ${TOKEN_AGE_S_MAX / 86_400} days ago`;
  if (error instanceof errors.JWTExpired)
    return `the token expired at ${new Date((error.payload.exp ?? 0) * 1000).toISOString()}`;
  if (error instanceof errors.JWTClaimValidationFailed) return `the token's claim ${error.claim} does not fit`;
  if (error instanceof errors.JWSSignatureVerificationFailed) return "the token's signature does not match";
  if (error instanceof errors.JOSEAlgNotAllowed) return "the token's algorithm is not allowed";
  if (error instanceof errors.JWKSNoMatchingKey) return "the token's key is not one of its issuer's";
  return 'the token is malformed';
}

/** What a token can be at fault for where a key of its issuer is looked for; anything else is the issuer's. */
const tokenFaults = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported];

/** The keys of an issuer, fetched when first needed and kept by jose; the configuration is asked again after a failure. */
function remoteKeys(trusted: TrustedIssuer): JWTVerifyGetKey {
  let keys: Promise<JWTVerifyGetKey> | undefined;
  return async (header, token) => {
    keys ??= jwksUriOf(trusted).then((uri) => createRemoteJWKSet(new URL(uri), { timeoutDuration: 5_000 }));
    try {
      const find = await keys.catch((error: unknown) => {
        keys = undefined;
        throw error;
      });
      return await find(header, token);
    } catch (error) {
      if (tokenFaults.some((fault) => error instanceof fault)) throw error;
      throw new IdentityUnavailableError("the keys of the token's issuer cannot be had at the moment", {
        cause: error,
      });
    }
  };
}

async function jwksUriOf(trusted: TrustedIssuer): Promise<string> {
  if (trusted.jwksUri !== undefined) return trusted.jwksUri;
  const answer = await fetch(`${trusted.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(5_000),
  });
  const { jwks_uri: uri } = (await answer.json()) as { jwks_uri?: unknown };
  if (typeof uri !== 'string') throw new Error(`the OpenID configuration of ${trusted.issuer} names no jwks_uri`);
  return uri;
}
