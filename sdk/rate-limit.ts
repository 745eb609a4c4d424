/**
 * How long the server wants to be left alone, in milliseconds; null when it does not say. Read from `Retry-After` (seconds or a
 * date; RFC 9110), else from rate limits that are used up: `RateLimit` as in draft-ietf-httpapi-ratelimit-headers
 * (`"policy";r=0;t=30`, or the older `limit=10, remaining=0, reset=30`), or `RateLimit-Remaining` with `RateLimit-Reset`.
 */
export function serverWaitMs(headers: Headers, nowMs: number): number | null {
  return retryAfterMs(headers.get('retry-after'), nowMs) ?? usedUpMs(headers);
}

function retryAfterMs(value: string | null, nowMs: number): number | null {
  if (value === null) return null;
  if (/^\s*\d+(\.\d+)?\s*$/.test(value)) return Number(value) * 1000;
  const dateMs = Date.parse(value);
  return Number.isNaN(dateMs) ? null : Math.max(0, dateMs - nowMs);
}

function usedUpMs(headers: Headers): number | null {
  const combined = headers.get('ratelimit');
  if (combined === null) return waitFor(headers.get('ratelimit-remaining'), headers.get('ratelimit-reset'));
  const older = waitFor(parameter(combined, 'remaining'), parameter(combined, 'reset'));
  // Several policies may stand in one header: the longest wait counts.
  const waits = combined.split(',').map((policy) => waitFor(parameter(policy, 'r'), parameter(policy, 't')));
  const known = [older, ...waits].filter((wait) => wait !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function waitFor(remaining: string | null, resetSeconds: string | null): number | null {
  if (remaining === null || resetSeconds === null || Number(remaining) > 0) return null;
  const ms = Number(resetSeconds) * 1000;
  return Number.isFinite(ms) && ms >= 0 ? ms : null;
}

function parameter(text: string, name: string): string | null {
  return new RegExp(`(?:^|[;,\\s])${name}=(\\d+(?:\\.\\d+)?)`).exec(text)?.[1] ?? null;
}
