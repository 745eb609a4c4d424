import type { SubgraphRequest, SubgraphResponse } from './transport.ts';

/** What a subgraph answered. */
export interface SharedAnswer {
  readonly response: SubgraphResponse;
  /** The same once more, of which no part belongs to anybody else. */
  readonly copy: () => SubgraphResponse;
}

/** Sends a request whose body is this text. */
export type SendQuery = (request: SubgraphRequest, body: string) => Promise<SharedAnswer>;

interface Asker {
  readonly request: SubgraphRequest;
  readonly resolve: (response: SubgraphResponse) => void;
  readonly reject: (error: unknown) => void;
}

interface Waiting {
  readonly body: string;
  readonly askers: Asker[];
}

/**
 * Queries that are asked in one turn of the event loop are sent at its end, equal ones once. Nobody joins a request that was sent before:
 * whoever asks after a change sees it, which sharing whatever is on its way would not give.
 */
export class SharedQueries {
  readonly #send: SendQuery;
  #waiting = new Map<string, Waiting>();
  /** How many did not have to be sent. */
  saved = 0;

  constructor(send: SendQuery) {
    this.#send = send;
  }

  /** `key` is equal where the subgraph could not tell the requests apart, who asks included. */
  ask(key: string, request: SubgraphRequest, body: string): Promise<SubgraphResponse> {
    return new Promise((resolve, reject) => {
      const asker = { request, resolve, reject };
      const waiting = this.#waiting.get(key);
      if (waiting) {
        waiting.askers.push(asker);
        return;
      }
      if (this.#waiting.size === 0) setImmediate(() => this.#flush());
      this.#waiting.set(key, { body, askers: [asker] });
    });
  }

  #flush(): void {
    const all = this.#waiting;
    this.#waiting = new Map();
    for (const { body, askers } of all.values()) {
      this.saved += askers.length - 1;
      const [only] = askers;
      if (only && askers.length === 1) this.#sendFor(only, body);
      else this.#sendForAll(askers, body);
    }
  }

  #sendFor({ request, resolve, reject }: Asker, body: string): void {
    this.#send(request, body).then(({ response }) => resolve(response), reject);
  }

  /** The request lives as long as the last of those who wait for it; each of them gives up by itself. */
  #sendForAll(askers: readonly Asker[], body: string): void {
    const { request } = askers.reduce((last, asker) =>
      asker.request.deadline.endsMs > last.request.deadline.endsMs ? asker : last,
    );
    const answer = this.#send(request, body);
    for (const [index, { request: asked, resolve, reject }] of askers.entries())
      asked.deadline.within(answer).then(({ response, copy }) => resolve(index === 0 ? response : copy()), reject);
  }
}
