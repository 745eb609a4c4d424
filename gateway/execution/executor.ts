import { GraphQLError } from 'graphql';
import type { Claims } from '../../runtime/identity.ts';
import type { Span, SpanAttributes } from '../../runtime/tracing.ts';
import { HANDSHAKE } from '../../schema/handshake.ts';
import { errorCodes, gatewayError } from '../errors.ts';
import type { Operation } from '../operations/operation.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import { Deadline } from '../transports/deadline.ts';
import type { DataObject } from './data.ts';
import type { Executable, ExecutableStore } from './executable.ts';
import type { Step } from './root-fetch.ts';
import { runInParts } from './deferral.ts';
import type { PartsListener } from './deferral.ts';
import { ErrorList, toldErrors } from './state.ts';
import { coerceVariables } from './coerce-variables.ts';

/** A GraphQL result. `data` is absent where execution did not begin. */
export interface Result {
  readonly data?: DataObject | null;
  readonly errors?: readonly GraphQLError[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export interface ExecutionRequest {
  readonly operation: Operation;
  /** As the client sent them. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly claims: Claims | null;
  /** Told what is executed and how it ends, and the parent of what subgraphs are asked; whoever began it ends it. */
  readonly span?: Span | undefined;
}

export interface ExecutorOptions {
  readonly supergraph: Supergraph;
  readonly executables: ExecutableStore;
  readonly operationTimeoutMs: number;
}

/** An operation that is ready to run: variables coerced, plan compiled. */
export interface PreparedExecution {
  readonly executable: Executable;
  readonly request: ExecutionRequest;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Runs operations over the subgraphs. */
export class Executor {
  readonly #options: ExecutorOptions;

  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  /** Answers a query or a mutation. */
  async execute(request: ExecutionRequest): Promise<Result> {
    const { span, operation } = request;
    if (span) span.set(attributesOf(operation));
    const prepared = await this.prepare(request);
    const result = 'errors' in prepared ? prepared : await this.run(prepared, prepared.executable.run, {});
    if (span && result.errors) span.fail(result.errors[0]?.extensions['code']);
    return result;
  }

  /** Answers a query or a mutation, and what of it may come later in parts of their own. `onParts` is told of these until the promise is done. */
  async executeInParts(request: ExecutionRequest, listener: PartsListener): Promise<void> {
    const { span, operation } = request;
    if (span) span.set(attributesOf(operation));
    const prepared = await this.prepare(request, true);
    const deferral = 'errors' in prepared ? null : prepared.executable.deferral;
    if ('errors' in prepared || deferral === null) {
      const result = 'errors' in prepared ? prepared : await this.run(prepared, prepared.executable.run, {});
      if (span && result.errors) span.fail(result.errors[0]?.extensions['code']);
      listener.onFirst(result, false);
      return;
    }
    const { executable, variables } = prepared;
    const errors = new ErrorList();
    const deadline = new Deadline(this.#options.operationTimeoutMs);
    try {
      const introspection = executable.introspect?.(request.variables, errors) ?? null;
      const auth = { claims: request.claims, handshake: HANDSHAKE };
      await runInParts(deferral, { data: {}, errors, variables, auth, deadline, span }, introspection, listener);
    } finally {
      deadline.clear();
    }
  }

  /** Coerces variables and plans. The errors of a request that cannot run come back as a result. */
  async prepare(
    request: ExecutionRequest,
    mayDefer = false,
  ): Promise<PreparedExecution | { readonly errors: readonly GraphQLError[] }> {
    const definitions = request.operation.node.variableDefinitions ?? [];
    const coerced = coerceVariables(this.#options.supergraph.apiSchema, definitions, request.variables);
    if (coerced.errors) return { errors: coerced.errors.map(asBadInput) };
    try {
      const executable = await this.#options.executables.get(
        request.operation,
        coerced.coerced,
        request.claims,
        mayDefer,
      );
      return { executable, request, variables: coerced.coerced };
    } catch (error) {
      if (error instanceof GraphQLError) return { errors: [error] };
      throw error;
    }
  }

  /** Whether the caller's rights still give the form of the operation that was prepared. */
  async isCurrent({ executable, request, variables }: PreparedExecution): Promise<boolean> {
    const { executables } = this.#options;
    return executables.isCurrent(executable, request.operation, { variables, claims: request.claims });
  }

  /** Runs a step of a prepared operation on what there already is of its data, and shapes the response. */
  async run(prepared: PreparedExecution, step: Step | null, data: DataObject): Promise<Result> {
    const { executable, request, variables } = prepared;
    const { claims, span } = request;
    const errors = new ErrorList();
    const deadline = new Deadline(this.#options.operationTimeoutMs);
    try {
      const introspection = executable.introspect?.(request.variables, errors) ?? null;
      await step?.({ data, errors, variables, auth: { claims, handshake: HANDSHAKE }, deadline, span });
      const shaped = executable.shape(data, errors, introspection);
      return { data: shaped, ...toldErrors(errors) };
    } finally {
      deadline.clear();
    }
  }
}

function attributesOf({ node }: Operation): SpanAttributes {
  const name = node.name?.value;
  const type = { 'graphql.operation.type': node.operation };
  return name === undefined ? type : { ...type, 'graphql.operation.name': name };
}

function asBadInput(error: GraphQLError): GraphQLError {
  const { nodes } = error;
  return new GraphQLError(error.message, {
    ...(nodes ? { nodes } : {}),
    extensions: { code: errorCodes.badUserInput },
  });
}

/** The error for an operation name that a document does not have. */
export function unknownOperation(operationName: string | null | undefined): GraphQLError {
  const message = operationName
    ? `the document has no operation named ${operationName}`
    : 'the document has several operations: name one in operationName';
  return gatewayError(message, { code: errorCodes.operationUnresolved });
}
