import type { GraphQLFormattedError } from 'graphql';
import type { Claims } from '../../runtime/identity.ts';
import type { CircuitState } from './circuit-breaker.ts';
import type { Deadline } from './deadline.ts';

/** On whose behalf a subgraph is asked. The same object reaches an in-process subgraph's context and, signed, an HTTP one. */
export interface SubgraphAuth {
  /** Null for an anonymous caller. */
  readonly claims: Claims | null;
  /** The version of the governance protocol that the request is made under. */
  readonly handshake: string;
}

export interface SubgraphRequest {
  readonly query: string;
  readonly operationName?: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** The same as JSON, where the caller has it. */
  readonly variablesJson?: string;
  readonly auth: SubgraphAuth;
  /** False where a repetition could have an effect: such a request is sent once. */
  readonly idempotent: boolean;
  /** After which nobody waits for the answer any more. */
  readonly deadline: Deadline;
  /** The span that asks (W3C Trace Context); absent where nothing is traced. */
  readonly traceparent?: string | undefined;
}

export interface SubgraphResponse {
  readonly data?: Record<string, unknown> | null | undefined;
  readonly errors?: readonly SubgraphResponseError[] | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

export type SubgraphResponseError = Pick<GraphQLFormattedError, 'message' | 'path' | 'extensions'>;

/** A way to ask one subgraph. `data` belongs to the caller afterwards, who may change it. */
export interface SubgraphTransport {
  /**
   * Resolves with whatever the subgraph answers; rejects with `SubgraphUnavailableError` where it does not, and with the
   * deadline's error as soon as that passes.
   */
  execute(request: SubgraphRequest): Promise<SubgraphResponse>;
  /**
   * Subscribes. Resolves when the subgraph has taken it; rejects with `SubgraphUnavailableError`. Absent where subscriptions do not come from the subgraph
   * itself.
   */
  subscribe?(request: SubgraphSubscription, listener: UpstreamListener): Promise<Upstream>;
  /** How it fares; absent where nothing can come between. */
  health?(): TransportHealth;
  close(): Promise<void>;
}

export type SubgraphSubscription = Pick<SubgraphRequest, 'query' | 'variables' | 'auth'>;

/** Told what a subgraph sends for one subscription. */
export interface UpstreamListener {
  next(response: SubgraphResponse): void;
  /** Told once: null where the subgraph said that there is no more, its errors where it refused, or why it cannot go on. */
  end(reason: readonly SubgraphResponseError[] | SubgraphUnavailableError | null): void;
}

/** A subscription at a subgraph. */
export interface Upstream {
  /** Ends it; its listener is told nothing any more. */
  close(): void;
}

export interface TransportHealth {
  readonly circuit: CircuitState;
  /** Requests that were sent again, since the start. */
  readonly retries: number;
  /** Requests that were not sent because the circuit was open, since the start. */
  readonly refused: number;
  /** Queries that were answered by a request which others asked for as well, since the start. */
  readonly shared: number;
  /** How far its clock was ahead of this gateway's when it last refused a signature for its time, in milliseconds. */
  readonly clockDifferenceMs: number;
}

/** A subgraph gave no usable answer. The message may reach a client, `cause` only the log. */
export class SubgraphUnavailableError extends Error {
  override readonly name = 'SubgraphUnavailableError';
  /** When it is worth trying again, in milliseconds from now; null where that is not known. */
  readonly retryAfterMs: number | null;
  constructor(message: string, options: ErrorOptions & { readonly retryAfterMs?: number | null } = {}) {
    super(message, options);
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}
