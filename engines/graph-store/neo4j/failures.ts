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

/** The same for what keeps a database from being opened: names the settings that say where it is. */
export function translateOpening(error: unknown, { url, database }: { url: string; database: string }): unknown {
  const code = neo4jCode(error);
  const { host, protocol } = new URL(url);
  // The driver's guesses at what may be wrong, among them a release of 2020, hide what it was.
  const guesses = / Please ensure that your database .*Caused by:| If you trust the database .*driver options\./s;
  const message = (error as Error).message.replace(guesses, '');
  if (code === null || isOfLogin(code) || code === databaseNotFound) return translate(error, host);
  const expected = `GRAPH_STORE_URL; Neo4j 5.26 or later is expected there, ${protocol.includes('+s') ? 'encrypted: bolt:// is for servers that are not' : 'not encrypted: bolt+s:// is for servers that are'}`;
  const isNotBolt = isPassingCode(code) || code === notOfServer;
  const text = isNotBolt
    ? `Neo4j at ${host} does not answer (${expected}): ${message}${adviceOn(error, protocol)}`
    : `Neo4j at ${host} (GRAPH_STORE_URL) does not let its database ${database} (GRAPH_STORE_DATABASE) be used: ${code}: ${message}`;
  return new StoreUnavailableError(text, { cause: error });
}

function adviceOn(error: unknown, protocol: string): string {
  if (/certificate/i.test(wordsOf(error)))
    return "; the server's certificate is of no CA that is trusted here: NODE_EXTRA_CA_CERTS names the file with the certificate of a private one";
  if (protocol.startsWith('neo4j'))
    return '; an address with neo4j in front asks the server which servers there are: bolt in its place goes to this one alone, and tells why it cannot be had';
  return '';
}

/** Messages of an error and of its causes. */
function wordsOf(error: unknown): string {
  return error instanceof Error ? `${error.message}\n${wordsOf(error.cause)}` : '';
}

const databaseNotFound = 'Neo.ClientError.Database.DatabaseNotFound';
/** Of what the driver finds out by itself. */
const notOfServer = 'N/A';

function isOfLogin(code: string): boolean {
  return ['Unauthorized', 'Authentication', 'CredentialsExpired'].some((kind) =>
    code.startsWith(`Neo.ClientError.Security.${kind}`),
  );
}

function explain(code: string, message: string, address: string): string {
  if (code === 'Neo.ClientError.Security.CredentialsExpired') {
    return `Neo4j at ${address} wants another password for this user first (${message.split('\n', 1)[0]}): change it there, and set it in GRAPH_STORE_URL or GRAPH_STORE_PASSWORD`;
  }
  if (isOfLogin(code)) {
    return `Neo4j at ${address} refuses the user or the password (${message}): set both in GRAPH_STORE_URL (bolt://user:password@host:port) as the server knows them`;
  }
  if (isPassingCode(code)) {
    return `Neo4j at ${address} does not answer (${message}): nothing of this change was acknowledged, try again`;
  }
  if (code === databaseNotFound) {
    return `Neo4j at ${address} has no such database (${message}): make it, or set GRAPH_STORE_DATABASE to one that it has`;
  }
  return `Neo4j at ${address} failed (${code}: ${message})`;
}
