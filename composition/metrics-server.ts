import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Registry, collectDefaultMetrics } from 'prom-client';
import type { Gateway } from '../gateway/gateway.ts';
import { type Config, ConfigError } from '../runtime/config.ts';
import type { StageRegistry } from './stage-metrics.ts';

/** The figures of a process, where Prometheus asks for them and clients need not be let in. */
export interface MetricsServer {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Answers `GET /metrics` at `METRICS_PORT` in Prometheus' text format: what is told there, a registry's figures with the process's memory, CPU time and event loop
 * lag. Null where that port is not set. Rejects with {@link ConfigError} when it cannot be had.
 */
export async function serveMetrics(
  { metricsPort, server: { host } }: Pick<Config, 'metricsPort' | 'server'>,
  told: Pick<StageRegistry, 'text'> | Pick<Gateway, 'figures'>,
): Promise<MetricsServer | null> {
  if (metricsPort === null) return null;
  const text = 'figures' in told ? () => told.figures() : withProcess(told);
  const server = createServer((request, response) => void answer(request, response, text));
  server.listen(metricsPort, host);
  // A process whose work could not start ends, whoever may still ask for its figures.
  server.unref();
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new ConfigError(
      `environment variable METRICS_PORT: cannot listen on port ${metricsPort} of ${host} (${(error as Error).message}): choose a free one`,
      { cause: error },
    );
  }
  return { port: (server.address() as AddressInfo).port, stop: () => close(server) };
}

function withProcess(registry: Pick<StageRegistry, 'text'>): () => Promise<string> {
  const own = new Registry();
  collectDefaultMetrics({ register: own });
  return async () => `${await own.metrics()}${await registry.text()}`;
}

async function answer(
  { method, url }: IncomingMessage,
  response: ServerResponse,
  text: () => Promise<string>,
): Promise<void> {
  if (method !== 'GET' || url !== '/metrics') {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('only GET /metrics is answered here\n');
    return;
  }
  try {
    const body = await text();
    response.writeHead(200, { 'content-type': Registry.PROMETHEUS_CONTENT_TYPE }).end(body);
  } catch {
    response.writeHead(503, { 'content-type': 'text/plain' }).end('the figures cannot be told\n');
  }
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
