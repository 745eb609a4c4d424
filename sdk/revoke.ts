import { HttpError, NetworkError, TimeoutError } from './errors.ts';

/** Asks the server to refuse a token from now on (RFC 7009). */
export async function revoke({
  endpoint,
  fetch: send,
  token,
  everywhere,
  timeoutMs,
}: {
  readonly endpoint: URL;
  readonly fetch: typeof fetch;
  readonly token: string;
  /** All tokens of the same subject as well. */
  readonly everywhere: boolean;
  readonly timeoutMs: number;
}): Promise<void> {
  const signal = AbortSignal.timeout(timeoutMs);
  const body = new URLSearchParams({ token, ...(everywhere ? { all: 'true' } : {}) });
  let response: Response;
  try {
    response = await send(endpoint, { method: 'POST', body, signal });
  } catch (cause) {
    if (signal.aborted) throw new TimeoutError(timeoutMs);
    throw new NetworkError(`no answer from ${endpoint.host}`, { cause });
  }
  if (!response.ok) throw new HttpError(response.status, `the token was not revoked (HTTP ${response.status})`);
}
