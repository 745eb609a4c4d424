import type { IncomingMessage } from 'node:http';
import type { GraphQLError } from 'graphql';
import { errorCodes } from '../errors.ts';
import { acceptsByName } from './media-types.ts';

/** What is wrong with the operation, not with the request. */
const operationFaults: readonly unknown[] = [
  errorCodes.parseFailed,
  errorCodes.validationFailed,
  errorCodes.operationUnresolved,
  errorCodes.badUserInput,
];

/**
 * GraphQL over HTTP: a client that names `application/json` and not the newer type knows 4xx as the transport's failures only, and
 * should get 200 for a well-formed request whose operation is at fault.
 */
export function statusOf({ headers }: IncomingMessage, status: number, error: GraphQLError | undefined): number {
  const { accept } = headers;
  const isLegacy =
    acceptsByName(accept, 'application/json') && !acceptsByName(accept, 'application/graphql-response+json');
  return isLegacy && operationFaults.includes(error?.extensions['code']) ? 200 : status;
}
