import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import {
  CLAIMS_HEADER,
  CLOCK_HEADER,
  SIGNATURE_HEADER,
  tellClock,
  verifyGatewayRequest,
} from '../../runtime/gateway-signature.ts';
import { TRACEPARENT_HEADER } from '../../runtime/tracing.ts';
import { parseExactly } from '../../schema/events/exact-json.ts';
import { HANDSHAKE, HANDSHAKE_HEADER } from '../../schema/handshake.ts';
import type { SubgraphDependencies } from './context.ts';
import { type SubgraphRequest, createSubgraphExecutor } from './subgraph-executor.ts';
import type { Subgraph } from './subgraph.ts';
import { TakenRequests } from './taken-requests.ts';

export const requestBytesMax = 4 * 1024 * 1024;

export interface SubgraphServer {
  /** Resolves once it listens. Port 0 takes a free one. */
  start(port: number, host: string): Promise<void>;
  /** Finishes the requests in flight. */
  stop(): Promise<void>;
  /** Where the gateway sends its requests. Throws before `start`. */
  readonly url: string;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: object;
}

const requestSchema = z.object({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
});

/** A subgraph behind HTTP, for the gateway only: it answers 451 without the handshake, 401 without the gateway's signature of a request to it that it did not take before, and does nothing then. */
export function createSubgraphServer(options: {
  subgraph: Subgraph;
  dependencies: SubgraphDependencies;
  secret: string;
}): SubgraphServer {
  const { subgraph, dependencies, secret } = options;
  const execute = createSubgraphExecutor(subgraph, dependencies);
  const taken = new TakenRequests();
  const answer = async (request: IncomingMessage): Promise<Answer> => {
    if (request.method !== 'POST') return refusal(405, 'METHOD_NOT_ALLOWED', 'POST only');
    const handshake = headerOf(request, HANDSHAKE_HEADER);
    if (handshake !== HANDSHAKE) {
      return refusal(
        451,
        'HANDSHAKE_REQUIRED',
        `the header X-N3XUS-Handshake ${handshake === undefined ? 'is missing' : 'is of another version'}: ask the gateway instead`,
      );
    }
    const body = await readBody(request);
    if (body === null) return refusal(413, 'PAYLOAD_TOO_LARGE', `the body is larger than ${requestBytesMax} bytes`);
    const signed = {
      claimsHeader: headerOf(request, CLAIMS_HEADER),
      signatureHeader: headerOf(request, SIGNATURE_HEADER),
    };
    const nowMs = Date.now();
    const verified = verifyGatewayRequest({ secret, subgraph: subgraph.name, handshake, body, nowMs, ...signed });
    if (!verified.ok) {
      const refused = refusal(401, 'SIGNATURE_REQUIRED', `${verified.reason}: ask the gateway instead`);
      const { signatureHeader } = signed;
      if (!verified.isOtherClock || signatureHeader === undefined) return refused;
      return { ...refused, headers: { [CLOCK_HEADER]: tellClock({ secret, signatureHeader }, nowMs) } };
    }
    const parsed = parseRequest(body);
    if (parsed === null)
      return refusal(
        400,
        'BAD_REQUEST',
        'expected a JSON object with "query", and perhaps "variables" and "operationName"',
      );
    if (parsed.query.includes('mutation') && !taken.isNew(verified.id, nowMs))
      return refusal(401, 'SIGNATURE_REQUIRED', 'this request was taken before: ask the gateway instead');
    return {
      status: 200,
      body: await execute({ ...parsed, traceparent: headerOf(request, TRACEPARENT_HEADER) }, verified.claims),
    };
  };
  const server = createServer((request, response) => {
    answer(request).then(
      (given) => send(response, given),
      (error: unknown) => {
        dependencies.logger.error({ err: error, subgraph: subgraph.name }, 'a request failed');
        send(response, refusal(500, 'INTERNAL_SERVER_ERROR', 'something went wrong on our side'));
      },
    );
  });
  return {
    start: (port, host) => listen(server, port, host),
    stop: () => close(server),
    get url() {
      const address = server.address() as AddressInfo | null;
      if (address === null) throw new Error(`subgraph ${subgraph.name} does not listen yet`);
      const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
      return `http://${host}:${address.port}/`;
    },
  };
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}

function refusal(status: number, code: string, message: string): Answer {
  return { status, body: { errors: [{ message, extensions: { code } }] } };
}

/** The whole body, null when it is larger than the limit. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > requestBytesMax) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseRequest(body: Buffer): SubgraphRequest | null {
  try {
    const parsed = requestSchema.safeParse(parseExactly(body.toString('utf8')));
    return parsed.success
      ? {
          query: parsed.data.query,
          variables: parsed.data.variables ?? null,
          operationName: parsed.data.operationName ?? null,
        }
      : null;
  } catch {
    return null;
  }
}

function send(response: ServerResponse, answer: Answer): void {
  if (response.destroyed) return;
  const body = Buffer.from(JSON.stringify(answer.body));
  const headers = {
    'content-type': 'application/json',
    'content-length': body.length,
    ...answer.headers,
    ...(answer.status === 405 ? { allow: 'POST' } : {}),
  };
  // A body that was not read to its end cannot be followed by another request.
  response.writeHead(answer.status, answer.status === 200 ? headers : { ...headers, connection: 'close' }).end(body);
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeIdleConnections();
  });
}
