import type { Logger } from 'pino';
import { SupergraphError } from '../errors.ts';

/** A supergraph as a server gave it. */
export interface RemoteSupergraph {
  readonly sdl: string;
  /** Names this version of it; null where the server names none. */
  readonly etag: string | null;
}

const bytesMax = 32 * 1024 * 1024;
const timeoutMs = 10_000;

/** Fetches a supergraph; null where it is still the one that `etag` names. Throws `SupergraphError` saying what the server did. */
export async function fetchSupergraph(url: string, etag: string | null = null): Promise<RemoteSupergraph | null> {
  const place = told(url);
  let response: Response;
  try {
    response = await fetch(url, {
      headers: { accept: 'text/plain, application/graphql, */*', ...(etag === null ? {} : { 'if-none-match': etag }) },
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (error) {
    throw new SupergraphError(`the supergraph at ${place} cannot be fetched: ${reason(error)}`, { cause: error });
  }
  if (response.status === 304 && etag !== null) return null;
  if (!response.ok) {
    await response.body?.cancel();
    throw new SupergraphError(`the supergraph at ${place} cannot be fetched: the server answered ${response.status}`);
  }
  return { sdl: await readBounded(response, place), etag: response.headers.get('etag') };
}

export interface PollOptions {
  readonly url: string;
  /** What is served now. */
  readonly current: RemoteSupergraph;
  /** Takes up another supergraph, or throws and goes on with the one before. */
  readonly reload: (supergraph: string) => void;
  readonly logger: Logger;
  /** Between the end of one look and the next. */
  readonly everyMs?: number;
}

/**
 * Reloads the supergraph whenever the server has another one. While it gives none, or one that cannot be served, the last good
 * one is served on. Call what it gives to stop.
 */
export function pollSupergraph({ url, current, reload, logger, everyMs = 10_000 }: PollOptions): () => void {
  let { sdl, etag } = current;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const look = async (): Promise<void> => {
    try {
      const next = await fetchSupergraph(url, etag);
      if (next === null || stopped) return;
      const changed = next.sdl !== sdl;
      // One that is refused below is not asked for again until it changes.
      ({ sdl, etag } = next);
      if (!changed) return;
      reload(sdl);
      logger.info({ url: told(url) }, 'the supergraph was reloaded');
    } catch (error) {
      logger.error({ err: error, url: told(url) }, 'the supergraph was not reloaded: the one before is served on');
    }
  };
  const next = (): void => {
    if (stopped) return;
    timer = setTimeout(() => void look().then(next), everyMs).unref();
  };
  next();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

async function readBounded(response: Response, place: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > bytesMax) throw new SupergraphError(`the supergraph at ${place} has more than ${bytesMax} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof SupergraphError) throw error;
    throw new SupergraphError(`the supergraph at ${place} cannot be fetched: ${reason(error)}`, { cause: error });
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Where it is, without what may be a secret. */
function told(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? 'an address that is none' : `${parsed.origin}${parsed.pathname}`;
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs} ms`;
  return error.cause instanceof Error ? error.cause.message : error.message;
}
