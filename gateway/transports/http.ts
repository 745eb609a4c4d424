import { Pool } from 'undici';
import { signGatewayRequest } from '../../runtime/gateway-signature.ts';
import { HANDSHAKE_HEADER } from '../../schema/handshake.ts';
import { SubgraphUnavailableError } from './transport.ts';
import type { SubgraphRequest, SubgraphResponse, SubgraphTransport } from './transport.ts';

export interface HttpTransportOptions {
  /** Named in errors; the URL never is. */
  readonly name: string;
  readonly url: string;
  /** Shared with the subgraph. Without it requests carry no claims and no signature, as befits somebody else's subgraph. */
  readonly secret?: string | undefined;
  readonly timeoutMs?: number;
  readonly connectionsMax?: number;
  /** Bytes of one answer. */
  readonly responseBytesMax?: number;
  readonly clock?: () => number;
}

/** Connection errors after which the subgraph cannot have acted on an idempotent request in a way that matters. */
const connectionErrors = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT']);

/** A subgraph behind HTTP, on kept-alive connections. An idempotent request is sent once more after a connection error. */
export function createHttpTransport(options: HttpTransportOptions): SubgraphTransport {
  const url = new URL(options.url);
  const pool = new Pool(url.origin, {
    connections: options.connectionsMax ?? 64,
    keepAliveTimeout: 30_000,
    headersTimeout: options.timeoutMs ?? 20_000,
    bodyTimeout: options.timeoutMs ?? 20_000,
    connect: { timeout: 5_000 },
    maxResponseSize: options.responseBytesMax ?? 64 * 1024 * 1024,
  });
  const path = url.pathname + url.search;
  const post = async (request: SubgraphRequest, body: string): Promise<SubgraphResponse> => {
    const answer = await pool.request({
      method: 'POST',
      path,
      headers: headersFor(options, request, body),
      body,
      signal: request.signal,
    });
    return readAnswer(options.name, answer.statusCode, await answer.body.text());
  };
  return {
    async execute(request) {
      const body = JSON.stringify({
        query: request.query,
        variables: request.variables,
        operationName: request.operationName,
      });
      try {
        return await post(request, body).catch((error: unknown) => {
          if (!request.idempotent || !connectionErrors.has(codeOf(error))) throw error;
          return post(request, body);
        });
      } catch (error) {
        if (error instanceof SubgraphUnavailableError) throw error;
        throw new SubgraphUnavailableError(`the subgraph ${options.name} does not answer`, { cause: error });
      }
    },
    close: () => pool.close(),
  };
}

function headersFor(options: HttpTransportOptions, request: SubgraphRequest, body: string): Record<string, string> {
  const headers = {
    'content-type': 'application/json',
    accept: 'application/graphql-response+json, application/json;q=0.9',
    [HANDSHAKE_HEADER]: request.auth.handshake,
  };
  if (options.secret === undefined) return headers;
  const { handshake, claims } = request.auth;
  const nowMs = options.clock?.() ?? Date.now();
  return { ...headers, ...signGatewayRequest({ secret: options.secret, handshake, claims, body, nowMs }) };
}

/** Anything that is a GraphQL response counts, whatever its status; anything else is an outage. */
function readAnswer(name: string, status: number, text: string): SubgraphResponse {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SubgraphUnavailableError(`the subgraph ${name} answered ${status} without JSON`, { cause: error });
  }
  if (typeof value === 'object' && value !== null && ('data' in value || 'errors' in value))
    return value as SubgraphResponse;
  throw new SubgraphUnavailableError(`the subgraph ${name} answered ${status} without a GraphQL response`);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
