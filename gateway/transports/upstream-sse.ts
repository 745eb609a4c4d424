import { fetch, getGlobalDispatcher } from 'undici';
import type { Dispatcher, Response } from 'undici';
import { parseExactly } from '../../schema/events/exact-json.ts';
import { HANDSHAKE_HEADER } from '../../schema/handshake.ts';
import { readGraphqlResponse } from './graphql-response.ts';
import { SubgraphUnavailableError } from './transport.ts';
import type { SubgraphSubscription, Upstream, UpstreamListener } from './transport.ts';
import type { UpstreamOptions } from './upstream.ts';

/** Subscribes over server-sent events (the "distinct connections" mode of graphql-sse). Rejects with `SubgraphUnavailableError`. */
export async function subscribeOverSse(
  options: UpstreamOptions,
  { query, variables, auth }: SubgraphSubscription,
  listener: UpstreamListener,
  send = fetch,
): Promise<Upstream> {
  const { name, url, timeoutMs } = options;
  const controller = new AbortController();
  const unavailable = (what: string, cause?: unknown): SubgraphUnavailableError =>
    new SubgraphUnavailableError(`the subgraph ${name} ${what}`, { cause });
  // Until the subgraph has answered: with a stream, or with all of what it says instead.
  const late = setTimeout(() => controller.abort(), timeoutMs);
  let body: NonNullable<Response['body']>;
  try {
    const response = await send(url, {
      dispatcher: patient(),
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        [HANDSHAKE_HEADER]: auth.handshake,
      },
      body: JSON.stringify({ query, variables }),
      redirect: 'error',
      signal: controller.signal,
    });
    const isStream = /^text\/event-stream\b/i.test(response.headers.get('content-type') ?? '');
    if (!isStream || !response.body) {
      const refusal = isStream ? null : await refusalOf(response, options.eventBytesMax);
      controller.abort();
      if (!refusal) throw unavailable(`answered ${response.status} to a subscription without events`);
      listener.end(refusal);
      return { close: () => {} };
    }
    body = response.body;
  } catch (error) {
    throw error instanceof SubgraphUnavailableError ? error : unavailable('does not answer', error);
  } finally {
    clearTimeout(late);
  }
  forward(body, options.eventBytesMax, listener)
    .then(
      (isComplete) => listener.end(isComplete ? null : unavailable('ended the connection')),
      (error: unknown) => listener.end(unavailable('ended the connection', error)),
    )
    .finally(() => controller.abort());
  return { close: () => controller.abort() };
}

/**
 * Sends as every request is sent, but lets a stream be quiet for as long as nothing happens: five minutes without a byte would end it. A peer that
 * is gone is found by TCP's own keep-alive.
 */
function patient(): Dispatcher {
  return getGlobalDispatcher().compose(
    (dispatch) => (options, handler) => dispatch({ ...options, bodyTimeout: 0 }, handler),
  );
}

/** The errors of a subgraph that answered once, with why there is no stream; null where that is no GraphQL. */
async function refusalOf(response: Response, bytesMax: number): Promise<ReturnType<typeof errorsOf>> {
  let text = '';
  const decoder = new TextDecoder();
  try {
    const body: AsyncIterable<Uint8Array> | readonly Uint8Array[] = response.body ?? [];
    for await (const chunk of body) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length > bytesMax) return null;
    }
    return errorsOf(parseExactly(text));
  } catch {
    return null;
  }
}

function errorsOf(value: unknown): NonNullable<ReturnType<typeof readGraphqlResponse>>['errors'] | null {
  return readGraphqlResponse(value)?.errors ?? null;
}

/** Passes the events of a stream on (HTML standard, section 9.2.6). True where the subgraph said that there are no more. */
async function forward(
  body: AsyncIterable<Uint8Array>,
  bytesMax: number,
  listener: UpstreamListener,
): Promise<boolean> {
  const decoder = new TextDecoder();
  /** A carriage return at the end of a chunk, of which the next one may have the line feed. */
  let held = '';
  /** The line that has not ended yet. Only what is new is looked through: a long line comes in thousands of chunks. */
  let rest = '';
  let name = '';
  let data: string[] = [];
  let dataLength = 0;
  for await (const chunk of body) {
    const text = held + decoder.decode(chunk, { stream: true });
    held = text.endsWith('\r') ? '\r' : '';
    const lines = text.slice(0, text.length - held.length).split(/\r\n|\n|\r/);
    lines[0] = rest + (lines[0] ?? '');
    rest = lines.pop() ?? '';
    if (rest.length + dataLength > bytesMax) throw new Error(`an event has more than ${bytesMax} characters`);
    for (const line of lines) {
      const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
      if (field === 'event') name = value;
      else if (field === 'data') {
        data.push(value);
        dataLength += value.length;
      }
      if (line !== '') continue;
      if (name === 'complete') return true;
      if (data.length > 0) {
        const response = readGraphqlResponse(parseExactly(data.join('\n')));
        if (!response) throw new Error('an event is no GraphQL response');
        listener.next(response);
      }
      name = '';
      data = [];
      dataLength = 0;
    }
  }
  return false;
}
