import type { ServerResponse } from 'node:http';
import { TokenError } from '../identity/token-verifier.ts';
import { IdentityUnavailableError } from '../identity/unavailable.ts';
import { BodyTooLargeError } from './body.ts';

/** Why a request is turned away before what it asks for is looked at, whatever it asks for. */
export interface RequestFault {
  readonly status: 401 | 413 | 503;
  readonly message: string;
}

/** The fault that an error of reading a request, or of finding out who sent it, stands for; null for any other. `bytesMax`: of its body. */
export function requestFault(error: unknown, bytesMax: number): RequestFault | null {
  if (error instanceof TokenError) return { status: 401, message: error.message };
  if (error instanceof BodyTooLargeError) return { status: 413, message: `the body is longer than ${bytesMax} bytes` };
  if (error instanceof IdentityUnavailableError) return { status: 503, message: `${error.message}: try again` };
  return null;
}

/** Sets what HTTP wants a client to be told with such a status. */
export function setFaultHeaders(response: ServerResponse, status: number): void {
  if (status === 401) response.setHeader('www-authenticate', 'Bearer error="invalid_token"');
  if (status === 503) response.setHeader('retry-after', '1');
  // The rest of a body that is too long is not read, so the connection cannot be used again.
  if (status === 413) response.setHeader('connection', 'close');
}
