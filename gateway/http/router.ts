import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { TRACE_ID_HEADER } from '../../runtime/tracing.ts';
import { errorCodes, gatewayError } from '../errors.ts';
import { handleGraphql } from './graphql-handler.ts';
import type { GraphqlHandlerOptions } from './graphql-handler.ts';
import { answerReady } from './health.ts';
import type { ReadinessCheck } from './health.ts';
import { answerRevoke } from './revoke.ts';
import type { RevokeOptions } from './revoke.ts';
import { sendGraphqlErrors, sendJson, sendText, setExplorerPolicy, setSecurityHeaders } from './respond.ts';
import { serveStatic } from './static-files.ts';

export interface RouterOptions {
  readonly graphql: GraphqlHandlerOptions;
  readonly revoke: RevokeOptions;
  readonly readiness: Readonly<Record<string, ReadinessCheck>>;
  /** All figures, in Prometheus' text format; null where clients are not told them. */
  readonly figures: (() => Promise<string>) | null;
  readonly isStopping: () => boolean;
  readonly dashboardDirectory: string | undefined;
  readonly explorerDirectory: string;
  readonly logger: Logger;
}

/** Takes every HTTP request to what answers it. */
export function createRouter(options: RouterOptions): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    route(request, response, options).catch((error: unknown) => {
      // A client that leaves in the middle is no failure of ours.
      if (!response.destroyed && !request.destroyed)
        options.logger.error(
          { err: error, method: request.method, path: pathOf(request), traceId: response.getHeader(TRACE_ID_HEADER) },
          'a request failed',
        );
      if (response.headersSent) response.destroy();
      else {
        setSecurityHeaders(response);
        sendGraphqlErrors(request, response, 500, [gatewayError('internal error', { code: errorCodes.internal })]);
      }
    });
  };
}

const graphqlUrl = new URL('http://gateway.invalid/graphql');

async function route(request: IncomingMessage, response: ServerResponse, options: RouterOptions): Promise<void> {
  // The path of nearly all requests, taken without looking further.
  if (request.url === '/graphql') return handleGraphql(request, response, graphqlUrl, options.graphql);
  setSecurityHeaders(response);
  const url = parseUrl(request);
  if (!url) {
    sendText(response, 400, 'the request target is malformed\n');
    return;
  }
  switch (url.pathname) {
    case '/graphql':
      return handleGraphql(request, response, url, options.graphql);
    case '/revoke':
      return answerRevoke(request, response, options.revoke);
    case '/health/live': {
      sendJson(response, 200, { status: 'live' });
      return;
    }
    case '/health/ready':
      return answerReady(response, options.readiness, options.isStopping());
    case '/metrics': {
      const { figures } = options;
      if (figures) sendText(response, 200, await figures(), options.graphql.metrics.registry.contentType);
      else sendText(response, 404, 'metrics are not told here: METRICS_PORT says where\n');
      return;
    }
    case '/explorer':
      response.writeHead(308, { location: '/explorer/' }).end();
      return;
    default:
      return servePage(request, response, url.pathname, options);
  }
}

async function servePage(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  options: RouterOptions,
): Promise<void> {
  if (path.startsWith('/explorer/')) {
    setExplorerPolicy(response);
    const page = {
      directory: options.explorerDirectory,
      title: 'The GraphQL explorer',
      buildCommand: 'npm run build:dashboard',
    };
    return serveStatic(request, response, { ...page, path: path.slice('/explorer'.length) });
  }
  if (options.dashboardDirectory === undefined) {
    sendText(response, 404, 'there is nothing here: the API is at /graphql, its explorer at /explorer/\n');
    return;
  }
  await serveStatic(request, response, {
    directory: options.dashboardDirectory,
    path,
    title: 'The dashboard',
    buildCommand: 'npm run build:dashboard',
  });
}

function parseUrl(request: IncomingMessage): URL | undefined {
  return URL.parse(request.url ?? '/', 'http://gateway.invalid') ?? undefined;
}

function pathOf(request: IncomingMessage): string {
  return parseUrl(request)?.pathname ?? '';
}
