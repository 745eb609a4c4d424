import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Claims } from '../../runtime/identity.ts';
import { errorCodes, gatewayError } from '../errors.ts';
import { sendGraphqlErrors } from '../http/respond.ts';
import { tokenRevoked } from '../identity/token-verifier.ts';
import type { TokenVerifier } from '../identity/token-verifier.ts';
import type { LiveStream } from './live-stream.ts';
import { operate } from './operate.ts';
import type { LiveRequest, OperateOptions } from './operate.ts';

export interface SseOptions extends OperateOptions {
  readonly verifier: TokenVerifier;
  /** Clients are told to come back at random within so long when the server goes away. */
  readonly reconnectSpreadMs: number;
  readonly keepAliveMs: number;
}

const timerMsMax = 2_147_483_647;

/** Streams of events that are open, so that they can be ended when the server stops. */
export class LiveEvents {
  readonly #options: SseOptions;
  readonly #streams = new Map<LiveStream, Claims | null>();
  #stopping = false;

  constructor(options: SseOptions) {
    this.#options = options;
  }

  async answer(request: IncomingMessage, response: ServerResponse, operation: LiveRequest): Promise<void> {
    // Whoever can make a browser send a GET (or HEAD) must not be able to change anything with it.
    const lastEventId = request.headers['last-event-id'];
    const resumed = typeof lastEventId === 'string' && lastEventId !== '' ? { resume: lastEventId } : {};
    const answer = await operate({ ...operation, ...resumed }, this.#options, request.method !== 'POST');
    if (answer.kind === 'refused') {
      sendGraphqlErrors(request, response, 400, answer.errors);
      return;
    }
    this.#options.usage?.streaming(request, response, answer.kind === 'single' && answer.hasErrors);
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    response.flushHeaders();
    if (answer.kind === 'single') response.write(event('next', answer.text));
    else await this.#forward(response, answer.stream, operation.claims);
    // A client that is not told of an end connects again, to another instance, after the time that it is given here.
    const retryMs = randomInt(this.#options.reconnectSpreadMs + 1);
    response.end(this.#stopping ? `retry: ${retryMs}\n\n` : event('complete', ''));
  }

  close(): void {
    this.#stopping = true;
    for (const stream of this.#streams.keys()) stream.close();
  }

  /** Ends the streams whose tokens were revoked. */
  closeRevoked(): void {
    for (const [stream, claims] of this.#streams) if (this.#isRevoked(claims)) stream.close();
  }

  #isRevoked(claims: Claims | null): boolean {
    return claims !== null && this.#options.verifier.isRevoked(claims);
  }

  async #forward(response: ServerResponse, stream: LiveStream, claims: Claims | null): Promise<void> {
    this.#streams.set(stream, claims);
    // It may have been revoked while the stream was being opened.
    if (this.#isRevoked(claims)) stream.close();
    const expiresAt = claims?.expiresAt ?? Infinity;
    response.on('close', () => {
      stream.close();
    });
    // Who left while the stream was being opened is not told of again.
    if (response.destroyed) stream.close();
    const keepAlive = setInterval(() => response.write(':\n\n'), this.#options.keepAliveMs);
    const expiry = closeAt(stream, expiresAt);
    // An id without data is no event, but clients remember it.
    if (stream.startCursor !== null) response.write(`id: ${stream.startCursor}\n\n`);
    try {
      for await (const { text, cursor } of stream) {
        const id = cursor === null ? '' : `id: ${cursor}\n`;
        if (!response.write(`${id}${event('next', text)}`)) await drained(response);
      }
      if (this.#isRevoked(claims)) response.write(event('next', tokenEnded(tokenRevoked)));
      else if (expiresAt <= Date.now()) response.write(event('next', tokenEnded('the token expired')));
    } finally {
      clearInterval(keepAlive);
      clearTimeout(expiry);
      this.#streams.delete(stream);
    }
  }
}

/** Timers reach 24 days. No token that anybody should accept lasts longer, and no connection does. */
function closeAt(stream: LiveStream, expiresAt: number): NodeJS.Timeout | undefined {
  const leftMs = Math.max(expiresAt - Date.now(), 0);
  if (leftMs > timerMsMax) return undefined;
  return setTimeout(() => {
    stream.close();
  }, leftMs);
}

async function drained(response: ServerResponse): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]).finally(() => {
    controller.abort();
  });
}

function tokenEnded(reason: string): string {
  return JSON.stringify({ errors: [gatewayError(reason, { code: errorCodes.unauthenticated })] });
}

function event(name: 'next' | 'complete', data: string): string {
  return `event: ${name}\ndata: ${data}\n\n`;
}
