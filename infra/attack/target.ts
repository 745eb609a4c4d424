import { connect } from 'node:net';
import { WebSocket } from 'ws';
import type { Met } from './attack.ts';

/** A gateway under attack, seen from outside. */
export interface Target {
  readonly url: URL;
  post(body: string, headers?: Readonly<Record<string, string>>): Promise<Met>;
  get(path: string, init?: RequestInit): Promise<Met>;
  /** Sends bytes as they are over a connection of its own and tells the status of what comes back; 0 where the connection is only closed. */
  raw(bytes: string): Promise<Met>;
  /** Opens a WebSocket, sends these messages at once, and tells how it was closed, or the code of the first error message. */
  socket(messages: readonly string[], options?: { protocol?: string; waitMs?: number }): Promise<Met>;
  /** Requests that the gateway has sent to subgraphs so far, by its own metrics. */
  subgraphCalls(): Promise<number>;
  /** Resident memory of its process, in bytes. */
  memory(): Promise<number>;
  /** Longest delay of its event loop that any look at its metrics has seen, in milliseconds. */
  longestDelayMs(): number;
}

/** Stands among the messages for a socket: what follows is sent once the gateway has said hello. */
export const ack = 'wait for connection_ack';

/** How long an answer may take; later it counts as none. */
const patienceMs = 20_000;

export function createTarget(base: string): Target {
  const url = new URL('/graphql', base);
  let delayMs = 0;
  const metrics = async (): Promise<string> => {
    const text = await (await fetch(new URL('/metrics', base))).text();
    // The gauge starts anew with each look at it.
    delayMs = Math.max(delayMs, sum(text, 'nodejs_eventloop_lag_max_seconds') * 1000);
    return text;
  };
  return {
    url,
    post: (body, headers = {}) =>
      answerOf(fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body })),
    get: (path, init = {}) => answerOf(fetch(new URL(path, base), init)),
    raw: (bytes) => sendRaw(url, bytes),
    socket: (messages, options = {}) => openSocket(url, messages, options),
    async subgraphCalls() {
      return sum(await metrics(), 'vcos_gateway_subgraph_fetch_duration_seconds_count');
    },
    async memory() {
      return sum(await metrics(), 'process_resident_memory_bytes');
    },
    longestDelayMs: () => delayMs,
  };
}

/** All samples of one metric, whatever their labels. */
function sum(text: string, name: string): number {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
    .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/** A connection that the gateway closes while we still send counts as closed, status 0. */
async function answerOf(answer: Promise<Response>): Promise<Met> {
  try {
    const response = await answer;
    return { status: response.status, code: codeIn(await response.text()) };
  } catch (error) {
    // By name: a test's realm has a TypeError of its own.
    if ((error as { name?: string }).name === 'TypeError') return { status: 0, code: null };
    throw error;
  }
}

/** The code of the first GraphQL error in a body. */
function codeIn(text: string): string | null {
  try {
    const { errors } = JSON.parse(text) as { errors?: readonly { extensions?: { code?: string } }[] };
    return errors?.[0]?.extensions?.code ?? null;
  } catch {
    return null;
  }
}

function sendRaw(url: URL, bytes: string): Promise<Met> {
  return new Promise((resolve) => {
    const socket = connect(Number(url.port), url.hostname, () => socket.write(bytes));
    let text = '';
    const end = (): void => {
      socket.destroy();
      const [head = '', body = ''] = text.split('\r\n\r\n');
      resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0), code: codeIn(body.trim()) });
    };
    socket.setTimeout(patienceMs, end);
    socket.on('data', (chunk) => {
      text += chunk.toString();
      // Whole as soon as the length that it names is there: a connection may be kept open after that.
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? Number.NaN);
      if (text.length >= text.indexOf('\r\n\r\n') + 4 + length) end();
    });
    socket.on('error', end);
    socket.on('close', end);
  });
}

function openSocket(
  url: URL,
  messages: readonly string[],
  { protocol = 'graphql-transport-ws', waitMs = patienceMs }: { protocol?: string; waitMs?: number },
): Promise<Met> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url.href.replace('http', 'ws'), protocol);
    const timer = setTimeout(() => end({ status: 0, code: null }), waitMs);
    const end = (met: Met): void => {
      clearTimeout(timer);
      socket.terminate();
      resolve(met);
    };
    const waitsAt = messages.indexOf(ack);
    const [first, then] = waitsAt < 0 ? [messages, []] : [messages.slice(0, waitsAt), messages.slice(waitsAt + 1)];
    socket.on('open', () => {
      for (const message of first) socket.send(message);
    });
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as { type: string; payload?: unknown };
      if (message.type === 'connection_ack') for (const each of then) socket.send(each);
      if (message.type === 'error') end({ status: 200, code: codeIn(JSON.stringify({ errors: message.payload })) });
      if (message.type === 'next') end({ status: 200, code: codeIn(JSON.stringify(message.payload)) });
    });
    socket.on('unexpected-response', (_request, response) => end({ status: response.statusCode ?? 0, code: null }));
    socket.on('close', (code) => end({ status: code, code: null }));
    socket.on('error', () => end({ status: 0, code: null }));
  });
}
