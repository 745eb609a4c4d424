import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  CLAIMS_HEADER,
  CLOCK_HEADER,
  SIGNATURE_HEADER,
  tellClock,
  verifyGatewayRequest,
} from '../../runtime/gateway-signature.ts';
import { HANDSHAKE, HANDSHAKE_HEADER } from '../../schema/handshake.ts';
import { Deadline } from './deadline.ts';
import { createHttpTransport } from './http.ts';
import type { HttpTransportOptions } from './http.ts';
import type { SubgraphRequest, SubgraphTransport } from './transport.ts';

// Goal: a subgraph over HTTP gets signed requests on kept-alive connections, and whatever it does, nothing of where it is gets out.
interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

let server: Server;
let url: string;
let answer: (response: ServerResponse, request: IncomingMessage) => void;
let received: Received[];
const transports: SubgraphTransport[] = [];

beforeEach(async () => {
  received = [];
  server = createServer((request, response) => {
    void text(request).then((body) => {
      received.push({ headers: request.headers, body });
      answer(response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql?x=1`;
});
afterEach(async () => {
  await Promise.all(transports.splice(0).map((transport) => transport.close()));
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const secret = 'a secret for tests';
function create(options: Partial<HttpTransportOptions> = {}): SubgraphTransport {
  const transport = createHttpTransport({ name: 'people', url, secret, ...options });
  transports.push(transport);
  return transport;
}
const deadline = new Deadline(60_000);
afterAll(() => deadline.clear());
const claims = { issuer: 'vcos', subject: 'ada', scopes: ['read'], expiresAt: 1 };
const request: SubgraphRequest = {
  query: '{ a }',
  variables: { x: 1 },
  auth: { claims, handshake: HANDSHAKE },
  idempotent: true,
  deadline,
};
const json = (value: unknown) => (response: ServerResponse) => {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
};

describe('HTTP transport', () => {
  test('sends what a subgraph can verify, over connections that stay', async () => {
    const ports = new Set<number | undefined>();
    answer = (response, { socket }) => {
      ports.add(socket.remotePort);
      json({ data: { a: 1 } })(response);
    };
    const transport = create();
    for (let index = 0; index < 10; index += 1) expect(await transport.execute(request)).toEqual({ data: { a: 1 } });
    expect(ports.size).toBeLessThanOrEqual(2);
    const [first] = received;
    expect(first?.headers[HANDSHAKE_HEADER]).toBe(HANDSHAKE);
    expect(JSON.parse(first?.body ?? '')).toEqual({ query: '{ a }', variables: { x: 1 } });
    const header = (name: string): string => String(first?.headers[name]);
    const signed = {
      claimsHeader: header(CLAIMS_HEADER),
      signatureHeader: header(SIGNATURE_HEADER),
      body: first?.body ?? '',
    };
    expect(
      verifyGatewayRequest({ secret, subgraph: 'people', handshake: HANDSHAKE, nowMs: Date.now(), ...signed }),
    ).toEqual({
      ok: true,
      claims,
      id: expect.any(Number),
    });
  });

  /** Answers as a subgraph does whose clock is ahead by what `aheadMs` says. */
  const bySubgraphAhead =
    (aheadMs: () => number) =>
    (response: ServerResponse): void => {
      const sent = received.at(-1);
      const header = (name: string): string => String(sent?.headers[name]);
      const signatureHeader = header(SIGNATURE_HEADER);
      const nowMs = Date.now() + aheadMs();
      const signed = { claimsHeader: header(CLAIMS_HEADER), signatureHeader, body: sent?.body ?? '' };
      const verified = verifyGatewayRequest({ secret, subgraph: 'people', handshake: HANDSHAKE, nowMs, ...signed });
      if (verified.ok) return json({ data: { a: 1 } })(response);
      if (verified.isOtherClock) response.setHeader(CLOCK_HEADER, tellClock({ secret, signatureHeader }, nowMs));
      response.statusCode = 401;
      json({ errors: [{ message: verified.reason, extensions: { code: 'SIGNATURE_REQUIRED' } }] })(response);
    };

  test('a subgraph whose clock was set is asked in its own time, a mutation too, and it is told once', async () => {
    const hourMs = 3_600_000;
    let aheadMs = -hourMs;
    answer = bySubgraphAhead(() => aheadMs);
    const told: number[] = [];
    const transport = create({ onClockDifference: (ms) => told.push(Math.abs(Math.round(ms / hourMs))) });
    const mutation = { ...request, idempotent: false };
    for (let n = 0; n < 3; n += 1) expect(await transport.execute(mutation)).toEqual({ data: { a: 1 } });
    expect(received).toHaveLength(4);
    expect(Math.round((transport.health?.().clockDifferenceMs ?? 0) / hourMs)).toBe(-1);
    aheadMs = 0;
    expect(await transport.execute(mutation)).toEqual({ data: { a: 1 } });
    expect(told).toEqual([1, 0]);
  });

  test.each<[string, Partial<HttpTransportOptions>, number, RegExp]>([
    ['another secret', { secret: 'other' }, 0, /does not match/],
    ['a clock that never stands still', {}, 7_200_000, /from this clock/],
  ])('%s: a refusal is an outage to the caller, and why is for the log', async (_name, options, stepMs, reason) => {
    let aheadMs = 0;
    answer = bySubgraphAhead(() => (aheadMs += stepMs));
    const failure = await create(options)
      .execute(request)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({
      name: 'SubgraphUnavailableError',
      message: 'the subgraph people does not accept requests of this gateway',
      cause: { message: expect.stringMatching(reason) },
    });
  });

  test("somebody else's subgraph learns nothing of the caller", async () => {
    answer = json({ data: null });
    await create({ secret: undefined }).execute(request);
    expect(received[0]?.headers).toHaveProperty(HANDSHAKE_HEADER, HANDSHAKE);
    expect(Object.keys(received[0]?.headers ?? {}).filter((name) => name.startsWith('x-vcos'))).toEqual([]);
  });

  test('a key that is written with escapes is itself, whatever was answered before', async () => {
    let body = '';
    answer = (response) => response.setHeader('content-type', 'application/json').end(body);
    const transport = create();
    for (const value of [
      { b: 1, '\\': 1 },
      { b: 1, '\n': 1 },
    ]) {
      body = JSON.stringify({ data: { a: value } });
      expect(await transport.execute(request)).toEqual({ data: { a: value } });
    }
  });

  test('errors of GraphQL are answers, whatever their status', async () => {
    answer = (response) => {
      response.statusCode = 401;
      json({ errors: [{ message: 'no' }] })(response);
    };
    await expect(create().execute(request)).resolves.toEqual({ errors: [{ message: 'no' }] });
  });

  test('a query is sent once more after a connection error, a mutation never', async () => {
    let failures = 1;
    answer = (response) => {
      failures -= 1;
      if (failures >= 0) response.destroy();
      else json({ data: { a: 2 } })(response);
    };
    expect(await create().execute(request)).toEqual({ data: { a: 2 } });
    expect(received).toHaveLength(2);
    failures = 1;
    await expect(create().execute({ ...request, idempotent: false })).rejects.toThrow(
      'the subgraph people does not answer',
    );
    expect(received).toHaveLength(3);
  });

  test.each<[string, (response: ServerResponse) => void]>([
    ['HTML', (response) => response.writeHead(502).end('<html>nginx at 10.0.0.1</html>')],
    ['JSON of something else', json({ host: '10.0.0.1' })],
    ['half an answer', (response) => response.writeHead(200, { 'content-length': 50 }).end('{"data":')],
    ['nothing in time', () => {}],
  ])('%s is an outage that tells no host', async (_name, respond) => {
    answer = respond;
    const failure = await create({ timeoutMs: 200 })
      .execute({ ...request, idempotent: false })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({
      name: 'SubgraphUnavailableError',
      message: expect.stringContaining('subgraph people'),
    });
    expect((failure as Error).message).not.toMatch(/10\.0\.0\.1|127\.0\.0\.1/);
  });

  test('nobody there', async () => {
    await expect(create({ url: 'http://127.0.0.1:1/' }).execute(request)).rejects.toThrow(
      'the subgraph people does not answer',
    );
  });

  test('a server that asks for time is given it, a proxy that has none behind it is asked again', async () => {
    const statuses = [503, 502, 200];
    answer = (response) => {
      response.statusCode = statuses.shift() ?? 200;
      if (response.statusCode === 200) json({ data: { a: 3 } })(response);
      else response.end('<html>nginx at 10.0.0.1</html>');
    };
    const patient = create();
    expect(await patient.execute(request)).toEqual({ data: { a: 3 } });
    expect(patient.health?.()).toEqual({ circuit: 'closed', retries: 2, refused: 0, shared: 0, clockDifferenceMs: 0 });
    received = [];
    answer = (response) => response.writeHead(429, { 'retry-after': '7' }).end('slower');
    const limited = create();
    await expect(limited.execute(request)).rejects.toMatchObject({ retryAfterMs: 7_000 });
    await expect(limited.execute(request)).rejects.toMatchObject({
      message: 'the subgraph people does not answer and is left alone for a moment',
      retryAfterMs: expect.any(Number),
    });
    expect(received).toHaveLength(1);
    expect(limited.health?.()).toEqual({ circuit: 'open', retries: 0, refused: 1, shared: 0, clockDifferenceMs: 0 });
  });

  test('an outage is not made worse by trying again, and its end is found by one request', async () => {
    let isDown = true;
    answer = (response) => (isDown ? response.destroy() : json({ data: { a: 4 } })(response));
    const transport = create({ circuit: { openMs: 50, openMsMax: 50 } });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 60 }, (_, x) => transport.execute({ ...request, variables: { x } })),
    );
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    // 60 requests, with at most the ten repetitions that were saved up and the six that they earned.
    expect(received.length).toBeLessThanOrEqual(76);
    expect(transport.health?.().circuit).not.toBe('closed');
    const before = received.length;
    isDown = false;
    for (;;) {
      const answers = await Promise.allSettled(
        Array.from({ length: 5 }, (_, x) => transport.execute({ ...request, variables: { x } })),
      );
      if (answers.some(({ status }) => status === 'fulfilled')) break;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(received).toHaveLength(before + 1);
    expect(transport.health?.().circuit).toBe('closed');
    expect(await transport.execute(request)).toEqual({ data: { a: 4 } });
  });

  test('a caller who gave up says nothing about the subgraph', async () => {
    answer = () => {};
    const transport = create();
    for (let index = 0; index < 12; index += 1) {
      const soon = new Deadline(1);
      await expect(transport.execute({ ...request, deadline: soon })).rejects.toThrow('took longer than 1 ms');
    }
    expect(transport.health?.().circuit).toBe('closed');
  });

  test('ends when nobody waits any more', async () => {
    const soon = new Deadline(50);
    const closed = new Promise<void>((resolve) => (answer = (response) => response.once('close', resolve)));
    const pending = create().execute({ ...request, deadline: soon });
    await expect(pending).rejects.toThrow('the operation took longer than 50 ms');
    await closed;
  });

  test('equal queries of one moment are one request, of which everybody has an answer of his own', async () => {
    answer = json({ data: { a: { b: 1 } } });
    const transport = create();
    const other = { ...request, auth: { ...request.auth, claims: { ...claims, subject: 'eve' } } };
    const [first, second, ...others] = await Promise.all([
      transport.execute(request),
      transport.execute({ ...request, auth: { ...request.auth, claims: { ...claims } } }),
      transport.execute(other),
      transport.execute({ ...request, variables: { x: 2 } }),
      transport.execute({ ...request, idempotent: false }),
      transport.execute({ ...request, traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }),
    ]);
    expect(received).toHaveLength(5);
    expect(transport.health?.().shared).toBe(1);
    expect([first, second, ...others]).toEqual(Array(6).fill({ data: { a: { b: 1 } } }));
    expect(first.data?.['a']).not.toBe(second.data?.['a']);
  });

  test('a query that comes later is sent: what is on its way may know less', async () => {
    const waiting: ServerResponse[] = [];
    const arrived = new Promise<void>((resolve) => {
      answer = (response) => {
        waiting.push(response);
        resolve();
      };
    });
    const transport = create();
    const early = transport.execute(request);
    await arrived;
    answer = json({ data: { a: 'new' } });
    expect(await transport.execute(request)).toEqual({ data: { a: 'new' } });
    for (const response of waiting) json({ data: { a: 'old' } })(response);
    expect(await early).toEqual({ data: { a: 'old' } });
  });

  test('who gives up on a shared query leaves it to the others; what breaks, breaks for all', async () => {
    const soon = new Deadline(20);
    const transport = create();
    const left = new Promise<void>((resolve) => soon.on(() => resolve()));
    answer = (response) => void left.then(() => json({ data: { a: 5 } })(response));
    const [hasty, patient] = await Promise.allSettled([
      transport.execute({ ...request, deadline: soon }),
      transport.execute(request),
    ]);
    expect(hasty).toMatchObject({ reason: { message: 'the operation took longer than 20 ms' } });
    expect(patient).toMatchObject({ value: { data: { a: 5 } } });
    expect(received).toHaveLength(1);
    answer = (response) => response.writeHead(200).end('<html>');
    const failed = await Promise.allSettled([transport.execute(request), transport.execute(request)]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(received).toHaveLength(2);
  });
});
