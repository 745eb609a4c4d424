import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLError } from 'graphql';
import { acceptsByName } from './media-types.ts';

const common = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

const ownOriginOnly =
  "default-src 'self'; img-src 'self' data:; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'";

/** The same as a list, after those that every GraphQL answer carries. */
export const graphqlHeaders: readonly string[] = [
  'cache-control',
  'no-store',
  ...Object.entries(common).flat(),
  'content-security-policy',
  ownOriginOnly,
];

/** Sets the headers that every answer carries: nothing from or into another origin. */
export function setSecurityHeaders(response: ServerResponse): void {
  for (const [name, value] of Object.entries(common)) response.setHeader(name, value);
  response.setHeader('content-security-policy', ownOriginOnly);
}

/** The explorer's editor makes style elements and starts its workers from blobs; scripts still come from here only. */
export function setExplorerPolicy(response: ServerResponse): void {
  response.setHeader(
    'content-security-policy',
    `${ownOriginOnly}; style-src 'self' 'unsafe-inline'; font-src 'self' data:; worker-src 'self' blob:`,
  );
}

export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
  response.end(response.req.method === 'HEAD' ? undefined : text);
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.setHeader('cache-control', 'no-store');
  sendText(response, status, `${JSON.stringify(value)}\n`, 'application/json; charset=utf-8');
}

/** Answers a request that never got to execution, as GraphQL over HTTP has it. */
export function sendGraphqlErrors(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  errors: readonly GraphQLError[],
): void {
  const modern = acceptsByName(request.headers.accept, 'application/graphql-response+json');
  response.setHeader('cache-control', 'no-store');
  sendText(
    response,
    status,
    `${JSON.stringify({ errors })}\n`,
    `application/${modern ? 'graphql-response+json' : 'json'}; charset=utf-8`,
  );
}
