import { StoreUnavailableError } from '../port.ts';

/** The code of an error of the driver or the server, otherwise null. Goes by shape: test runners load the class more than once. */
export function neo4jCode(error: unknown): string | null {
  if (!(error instanceof Error) || error.name !== 'Neo4jError') return null;
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

const lostNode = 'Neo.ClientError.Statement.EntityNotFound';
const constraintFailed = 'Neo.ClientError.Schema.ConstraintValidationFailed';

/** Another transaction came in between: the whole of this one runs again and then sees what that one did. */
export function isCollision(error: unknown): boolean {
  const code = neo4jCode(error);
  return code === lostNode || code === constraintFailed;
}

/** The server is away or overtaxed: the same may succeed later, and nothing else would now. */
export function isPassing(error: unknown): boolean {
  return isPassingCode(neo4jCode(error) ?? '');
}

function isPassingCode(code: string): boolean {
  return code === 'ServiceUnavailable' || code === 'SessionExpired' || code.startsWith('Neo.TransientError');
}

/** The port's own error for whatever the driver threw, in the operator's words; errors of the domain pass as they are. */
export function translate(error: unknown, address: string): unknown {
  const code = neo4jCode(error);
  if (code === null) return error;
  return new StoreUnavailableError(explain(code, (error as Error).message, address), { cause: error });
}

function explain(code: string, message: string, address: string): string {
  if (code === 'Neo.ClientError.Security.Unauthorized' || code.startsWith('Neo.ClientError.Security.Authentication')) {
    return `Neo4j at ${address} refuses the user or the password (${message}): set both in GRAPH_STORE_URL (bolt://user:password@host:port) as the server knows them`;
  }
  if (isPassingCode(code)) {
    return `Neo4j at ${address} does not answer (${message}): nothing of this change was acknowledged, try again`;
  }
  if (code === 'Neo.ClientError.Database.DatabaseNotFound') {
    return `Neo4j at ${address} has no such database (${message}): make it, or set GRAPH_STORE_DATABASE to one that it has`;
  }
  return `Neo4j at ${address} failed (${code}: ${message})`;
}
