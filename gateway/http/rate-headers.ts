import type { ServerResponse } from 'node:http';
import type { RateLimit, RateState } from '../operations/rate-limiter.ts';

/** The fields of the IETF draft "RateLimit header fields for HTTP" (draft-ietf-httpapi-ratelimit-headers-10). */
export function setRateHeaders(response: ServerResponse, limit: RateLimit, state: RateState): void {
  response.setHeader('ratelimit-policy', `"cost";q=${limit.units};w=${limit.windowS}`);
  response.setHeader('ratelimit', `"cost";r=${state.remaining};t=${state.resetS}`);
}
