import type { Logger } from 'pino';
import type { SubgraphOperation } from '../planning/plan.ts';
import { SubgraphUnavailableError } from '../transports/transport.ts';
import type { SubgraphResponse, SubgraphTransport } from '../transports/transport.ts';
import type { ExecutionState } from './state.ts';

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
export type Call = (
  state: ExecutionState,
  extraVariables: Readonly<Record<string, unknown>> | null,
) => Promise<SubgraphResponse>;

/** Compiles the sending of one operation of a plan. */
export function compileCall(operation: SubgraphOperation, dependencies: ExecutionDependencies): Call {
  const { subgraph, query, kind, variables } = operation;
  const transport = Object.hasOwn(dependencies.transports, subgraph) ? dependencies.transports[subgraph] : undefined;
  const send: Call = async (state, extraVariables) => {
    if (!transport) throw new SubgraphUnavailableError(`the subgraph ${subgraph} is not connected`);
    const request = {
      query,
      variables: { ...pick(state.variables, variables), ...extraVariables },
      auth: state.auth,
      idempotent: kind === 'query',
      signal: state.deadline.signal,
    };
    return state.deadline.within(transport.execute(request));
  };
  return async (state, extraVariables) => {
    const startedMs = performance.now();
    let outcome: 'ok' | 'error' = 'error';
    try {
      const response = await send(state, extraVariables);
      if (response.errors === undefined || response.errors.length === 0) outcome = 'ok';
      return response;
    } catch (error) {
      dependencies.logger.warn(
        { subgraph, err: error instanceof Error && error.cause !== undefined ? error.cause : error },
        'a subgraph did not answer',
      );
      throw error;
    } finally {
      dependencies.onFetch({ subgraph, durationMs: performance.now() - startedMs, outcome });
    }
  };
}

function pick(variables: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const name of names) if (Object.hasOwn(variables, name)) picked[name] = variables[name];
  return picked;
}
