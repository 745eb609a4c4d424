import type { Logger } from 'pino';
import { errorCodes } from '../errors.ts';
import type { SubgraphOperation } from '../planning/plan.ts';
import { pickVariables } from '../planning/variable-names.ts';
import { SubgraphUnavailableError } from '../transports/transport.ts';
import type { SubgraphRequest, SubgraphResponse, SubgraphTransport } from '../transports/transport.ts';
import type { ExecutionState } from './state.ts';
import type { ExtraVariables } from './variables.ts';

/** What the executor needs of the world. */
export interface ExecutionDependencies {
  readonly transports: Readonly<Record<string, SubgraphTransport>>;
  readonly logger: Logger;
  /** Told of every fetch when it is over. */
  readonly onFetch: (fetch: {
    readonly subgraph: string;
    readonly durationMs: number;
    readonly outcome: 'ok' | 'error';
  }) => void;
}

/** Sends one operation of a plan; rejects when there is no answer in time. */
export type Call = (state: ExecutionState, extra: ExtraVariables | null) => Promise<SubgraphResponse>;

/** Compiles the sending of one operation of a plan. */
export function compileCall(operation: SubgraphOperation, dependencies: ExecutionDependencies): Call {
  const { subgraph, kind } = operation;
  const { logger, onFetch, transports } = dependencies;
  const transport = Object.hasOwn(transports, subgraph) ? transports[subgraph] : undefined;
  const spanName = `subgraph ${subgraph}`;
  const attributes = { 'vcos.subgraph': subgraph, 'graphql.operation.type': kind };
  return async (state, extra) => {
    const startedMs = performance.now();
    const span = state.span?.child(spanName, attributes);
    try {
      if (!transport) throw new SubgraphUnavailableError(`the subgraph ${subgraph} is not connected`);
      const response = await transport.execute(new PlannedRequest(operation, state, extra, span?.traceparent));
      const failed = response.errors !== undefined && response.errors.length > 0;
      onFetch({ subgraph, durationMs: performance.now() - startedMs, outcome: failed ? 'error' : 'ok' });
      if (failed) span?.fail(errorCodes.subgraphError);
      return response;
    } catch (error) {
      onFetch({ subgraph, durationMs: performance.now() - startedMs, outcome: 'error' });
      span?.fail(error === state.deadline.error ? errorCodes.operationTimeout : errorCodes.subgraphUnavailable);
      logger.warn(
        {
          subgraph,
          traceId: span?.traceId,
          err: error instanceof Error && error.cause !== undefined ? error.cause : error,
        },
        'a subgraph did not answer',
      );
      throw error;
    } finally {
      span?.end();
    }
  };
}

/** A request of a plan. Its variables come in two forms, each made only for the transport that asks for it. */
class PlannedRequest implements SubgraphRequest {
  readonly query: string;
  readonly idempotent: boolean;
  readonly traceparent: string | undefined;
  readonly #state: ExecutionState;
  readonly #names: readonly string[];
  readonly #extra: ExtraVariables | null;
  #variables: Readonly<Record<string, unknown>> | undefined;

  constructor(
    { query, kind, variables }: SubgraphOperation,
    state: ExecutionState,
    extra: ExtraVariables | null,
    traceparent: string | undefined,
  ) {
    this.query = query;
    this.idempotent = kind === 'query';
    this.traceparent = traceparent;
    this.#state = state;
    this.#names = variables;
    this.#extra = extra;
  }

  get auth(): SubgraphRequest['auth'] {
    return this.#state.auth;
  }

  get deadline(): SubgraphRequest['deadline'] {
    return this.#state.deadline;
  }

  get variables(): Readonly<Record<string, unknown>> {
    this.#variables ??= { ...this.#picked(), ...this.#extra?.object() };
    return this.#variables;
  }

  get variablesJson(): string {
    const extra = this.#extra?.json() ?? '';
    if (this.#names.length === 0) return `{${extra}}`;
    const picked = JSON.stringify(this.#picked());
    if (extra === '') return picked;
    return picked === '{}' ? `{${extra}}` : `${picked.slice(0, -1)},${extra}}`;
  }

  #picked(): Record<string, unknown> {
    return pickVariables(this.#names, this.#state.variables);
  }
}
