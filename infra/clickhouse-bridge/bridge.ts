import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Fault, Faults, faultSchema } from './faults.ts';
import { boundParameters } from './parameters.ts';

/** Runs one statement and gives its output in the format that it names. Throws with ClickHouse's `code` and `type`. */
export type RunStatement = (sql: string, parameters: Readonly<Record<string, unknown>>) => Promise<string>;

/** Who may ask. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

/** As long as ClickHouse lets an address be (`http_max_uri_size`), with its parameters. Node's own limit is 16 KiB. */
const addressBytesMax = 1_048_576;

/**
 * As much of ClickHouse's HTTP interface as `@clickhouse/client` needs: `GET /ping`, and statements as the body of a POST or, where the body is rows,
 * in its `query`. `POST /faults` plans what goes wrong next, `DELETE /faults` forgets it.
 */
export function createBridge(run: RunStatement, login: Login): Server {
  const faults = new Faults();
  return createServer({ maxHeaderSize: addressBytesMax }, (request, response) => {
    route({ request, response, faults, run, login }).catch((error: unknown) => refuse(response, error));
  });
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly faults: Faults;
  readonly run: RunStatement;
  readonly login: Login;
}

async function route({ request, response, faults, run, login }: Exchange): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://bridge');
  if (url.pathname === '/ping') return void response.end('Ok.\n');
  if (url.pathname === '/faults') {
    if (request.method === 'DELETE') faults.clear();
    else faults.plan(faultSchema.parse(JSON.parse(await text(request))));
    return void response.end();
  }
  const body = await text(request);
  if (!isAllowed(request, login)) {
    throw exception(
      516,
      'AUTHENTICATION_FAILED',
      'Authentication failed: password is incorrect, or there is no such user',
    );
  }
  const query = url.searchParams.get('query');
  const sql = query === null ? body : `${query}\n${body}`;
  const fault = faults.next(sql);
  if (fault?.kind === 'slow') await sleep(fault.waitMs);
  if (fault?.kind === 'error') {
    response.writeHead(500, { 'content-type': 'text/plain' });
    return void response.end('upstream went away\n');
  }
  const output = await run(sql, boundParameters(url.searchParams, sql));
  answer(response, output, fault);
}

function answer(response: ServerResponse, output: string, fault: Fault | null): void {
  if (fault?.kind === 'drop') return void response.socket?.destroy();
  response.writeHead(200, {
    'x-clickhouse-summary': JSON.stringify({ read_rows: '0', written_rows: '0' }),
    ...(fault?.kind === 'cut' ? {} : { 'content-length': Buffer.byteLength(output) }),
  });
  if (fault?.kind !== 'cut') return void response.end(output);
  response.write(output.slice(0, Math.ceil(output.length / 2)), () => {
    response.write('\nCode: 395. DB::Exception: broke off. (FUNCTION_THROW_IF_VALUE_IS_NON_ZERO)\n', () =>
      response.socket?.destroy(),
    );
  });
}

/** The client sends its login as basic authentication or in headers of ClickHouse's own. */
function isAllowed(request: IncomingMessage, { user, password }: Login): boolean {
  const basic = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  if (request.headers.authorization !== undefined) return request.headers.authorization === basic;
  return request.headers['x-clickhouse-user'] === user && request.headers['x-clickhouse-key'] === password;
}

function exception(code: number, type: string, message: string): Error {
  return Object.assign(new Error(message), { code: String(code), type });
}

function refuse(response: ServerResponse, error: unknown): void {
  const { code = '1000', type = 'POCO_EXCEPTION' } = error as { code?: string; type?: string };
  const message = error instanceof Error ? error.message : String(error);
  const status = type === 'AUTHENTICATION_FAILED' ? 403 : type === 'UNKNOWN_TABLE' ? 404 : 500;
  response.writeHead(status, { 'x-clickhouse-exception-code': code });
  response.end(`Code: ${code}. DB::Exception: ${message}. (${type})\n`);
}
