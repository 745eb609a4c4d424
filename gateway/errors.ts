import { GraphQLError } from 'graphql';

/** Codes in `extensions.code` that the gateway itself gives; subgraphs add their own. README.md explains each. */
export const errorCodes = {
  unauthenticated: 'UNAUTHENTICATED',
  forbidden: 'FORBIDDEN',
  identityUnavailable: 'IDENTITY_UNAVAILABLE',
  badUserInput: 'BAD_USER_INPUT',
  badRequest: 'BAD_REQUEST',
  parseFailed: 'GRAPHQL_PARSE_FAILED',
  validationFailed: 'GRAPHQL_VALIDATION_FAILED',
  operationUnresolved: 'OPERATION_RESOLUTION_FAILURE',
  bodyTooLarge: 'BODY_TOO_LARGE',
  tokenLimit: 'TOKEN_LIMIT',
  depthLimit: 'DEPTH_LIMIT',
  aliasLimit: 'ALIAS_LIMIT',
  rootFieldLimit: 'ROOT_FIELD_LIMIT',
  fieldLimit: 'FIELD_LIMIT',
  documentLimit: 'DOCUMENT_LIMIT',
  variableLimit: 'VARIABLE_LIMIT',
  operationTimeout: 'OPERATION_TIMEOUT',
  subgraphUnavailable: 'SUBGRAPH_UNAVAILABLE',
  subgraphError: 'SUBGRAPH_ERROR',
  invalidSubgraphData: 'INVALID_SUBGRAPH_DATA',
  incrementalDelivery: 'INCREMENTAL_DELIVERY_UNSUPPORTED',
  planningFailed: 'PLANNING_FAILED',
  notFound: 'NOT_FOUND',
  notLive: 'SUBSCRIPTION_UNAVAILABLE',
  tooManySubscriptions: 'SUBSCRIPTION_LIMIT',
  rateLimited: 'RATE_LIMITED',
  costLimit: 'COST_LIMIT_EXCEEDED',
  persistedNotFound: 'PERSISTED_QUERY_NOT_FOUND',
  persistedOnly: 'OPERATION_NOT_PERSISTED',
  cursorInvalid: 'CURSOR_INVALID',
  cursorExpired: 'CURSOR_EXPIRED',
  internal: 'INTERNAL_SERVER_ERROR',
} as const;

export type ResponsePath = readonly (string | number)[];

export interface GatewayErrorOptions {
  readonly code: string;
  readonly path?: ResponsePath;
  /** Told to the client beside the code, such as the limit that was passed. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** A GraphQL error as every part of the gateway gives it: a message for people and a code for programs. */
export function gatewayError(message: string, options: GatewayErrorOptions): GraphQLError {
  return new GraphQLError(message, {
    path: options.path ?? null,
    extensions: { ...options.details, code: options.code },
  });
}

/** The port that the gateway should listen on is taken. The message says what to do. */
export class PortInUseError extends Error {
  override readonly name = 'PortInUseError';
  readonly port: number;
  constructor(host: string, port: number) {
    super(`port ${port} on ${host} is in use: stop the program that has it, or choose another with PORT=${port + 1}`);
    this.port = port;
  }
}

/** The gateway cannot listen where it should, for another reason than a port in use. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  constructor(host: string, port: number, cause: Error) {
    super(
      `cannot listen on HOST ${host}, PORT ${port} (${cause.message}): HOST must be a name or address of this machine, PORT one that this user may take`,
      { cause },
    );
  }
}

/** The supergraph cannot be served. The message names what is wrong with it. */
export class SupergraphError extends Error {
  override readonly name = 'SupergraphError';
}
