import type { Claims } from '../../runtime/identity.ts';
import { TokenError } from './token-verifier.ts';
import type { TokenVerifier } from './token-verifier.ts';

/** The claims behind an `Authorization` value; null where there is none. Rejects with `TokenError` for one that is no good. */
export async function authenticate(verifier: TokenVerifier, authorization: string | undefined): Promise<Claims | null> {
  if (authorization === undefined || authorization === '') return null;
  const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  if (token === undefined) throw new TokenError('the Authorization header must read "Bearer <token>"');
  return verifier.verify(token);
}

/** The claims of a WebSocket's first message, which gives `authToken`, or `Authorization` as the header would be. */
export async function authenticateConnection(verifier: TokenVerifier, payload: unknown): Promise<Claims | null> {
  if (typeof payload !== 'object' || payload === null) return null;
  const { authToken, Authorization: header, authorization } = payload as Record<string, unknown>;
  if (typeof authToken === 'string' && authToken !== '') return verifier.verify(authToken.replace(/^Bearer +/i, ''));
  const value = header ?? authorization;
  if (value !== undefined && typeof value !== 'string') throw new TokenError('Authorization must be a string');
  return authenticate(verifier, value);
}
