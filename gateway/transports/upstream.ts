import type { SubgraphResponseError, SubgraphSubscription, Upstream, UpstreamListener } from './transport.ts';
import { SubgraphUnavailableError } from './transport.ts';
import { subscribeOverSse } from './upstream-sse.ts';
import { subscribeOverWebSocket } from './upstream-websocket.ts';

export interface UpstreamOptions {
  /** Of the subgraph; named in errors, its URL never is. */
  readonly name: string;
  /** `ws:` and `wss:` are WebSockets. With `http:` and `https:` WebSockets are tried first, then server-sent events. */
  readonly url: string;
  /** How long the subgraph may take to accept a subscription, in milliseconds. */
  readonly timeoutMs: number;
  /** Bytes of one event. */
  readonly eventBytesMax: number;
}

/** The server answered, but does not speak this protocol: another may do. */
export class NotSpokenError extends SubgraphUnavailableError {}

/** A way to subscribe to one subgraph. */
export interface Upstreams {
  subscribe(request: SubgraphSubscription, listener: UpstreamListener): Promise<Upstream>;
  /** Ends all that are open. */
  close(): void;
}

/** Subscriptions to a subgraph, by whichever of the two protocols it speaks; that is found out once. */
export function createUpstreams(options: UpstreamOptions): Upstreams {
  const open = new Set<Once>();
  let speaksWebSocket: boolean | null = /^wss?:/.test(options.url) ? true : null;
  const http = { ...options, url: options.url.replace(/^ws/, 'http') };
  const start = async (request: SubgraphSubscription, once: Once): Promise<Upstream> => {
    if (speaksWebSocket !== false) {
      try {
        const upstream = await subscribeOverWebSocket(http, request, once);
        speaksWebSocket = true;
        return upstream;
      } catch (error) {
        if (!(error instanceof NotSpokenError) || speaksWebSocket === true) throw error;
      }
    }
    const upstream = await subscribeOverSse(http, request, once);
    speaksWebSocket = false;
    return upstream;
  };
  return {
    async subscribe(request, listener) {
      const once = new Once(listener, () => open.delete(once));
      open.add(once);
      try {
        once.opened(await start(request, once));
      } catch (error) {
        open.delete(once);
        throw error;
      }
      return once;
    },
    close() {
      for (const once of open) {
        once.end(new SubgraphUnavailableError(`the subgraph ${options.name} is not used any more: subscribe again`));
        once.close();
      }
    },
  };
}

/** Passes events on until the first end, whoever tells it. */
class Once implements UpstreamListener, Upstream {
  readonly #listener: UpstreamListener;
  readonly #onOver: () => void;
  #upstream: Upstream | null = null;
  #isOver = false;

  constructor(listener: UpstreamListener, onOver: () => void) {
    this.#listener = listener;
    this.#onOver = onOver;
  }

  opened(upstream: Upstream): void {
    this.#upstream = upstream;
    if (this.#isOver) upstream.close();
  }

  next(response: Parameters<UpstreamListener['next']>[0]): void {
    if (!this.#isOver) this.#listener.next(response);
  }

  end(reason: readonly SubgraphResponseError[] | SubgraphUnavailableError | null): void {
    if (this.#over()) this.#listener.end(reason);
  }

  close(): void {
    this.#over();
    this.#upstream?.close();
  }

  #over(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#onOver();
    return true;
  }
}
