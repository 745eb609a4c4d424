import { type Socket, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Target } from './target.ts';

/** Many clients who hold something open at once. `open` returns how to let go of it. */
export interface Pressure {
  readonly name: string;
  readonly open: (target: Target) => Promise<() => void>;
}

/** How others fared while it lasted. */
export interface Relief {
  readonly pressure: string;
  /** Slowest of the honest requests that were sent meanwhile, in milliseconds. */
  readonly slowestMs: number;
  readonly answered: boolean;
}

const connections = 500;
const honestRequests = 20;

async function tcp(target: Target, first: string, each: (socket: Socket) => void): Promise<() => void> {
  const sockets = await Promise.all(
    Array.from(
      { length: connections },
      () =>
        new Promise<Socket>((resolve) => {
          const socket = connect(Number(target.url.port), target.url.hostname, () => {
            socket.write(first);
            resolve(socket);
          });
          // The gateway may close it: that is its right.
          socket.on('error', () => resolve(socket));
        }),
    ),
  );
  const timer = setInterval(() => sockets.forEach((socket) => !socket.destroyed && each(socket)), 100);
  return () => {
    clearInterval(timer);
    for (const socket of sockets) socket.destroy();
  };
}

const slowBody = 'POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n';

export const pressures: readonly Pressure[] = [
  { name: `${connections} connections that say nothing`, open: (target) => tcp(target, '', () => {}) },
  {
    name: `${connections} headers, a byte at a time`,
    open: (target) => tcp(target, 'GET / HTTP/1.1\r\n', (socket) => socket.write('x')),
  },
  {
    name: `${connections} bodies, a byte at a time`,
    open: (target) => tcp(target, slowBody, (socket) => socket.write(' ')),
  },
  {
    name: `${connections} sockets, each sending pings`,
    async open(target) {
      const sockets = Array.from({ length: connections }, () => {
        const socket = new WebSocket(target.url.href.replace('http', 'ws'), 'graphql-transport-ws');
        socket.on('error', () => {});
        return socket;
      });
      await sleep(500);
      const timer = setInterval(() => {
        for (const socket of sockets)
          if (socket.readyState === WebSocket.OPEN) for (let n = 0; n < 5; n += 1) socket.send('{"type":"ping"}');
      }, 100);
      return () => {
        clearInterval(timer);
        for (const socket of sockets) socket.terminate();
      };
    },
  },
];

/** Puts each pressure on, asks honest questions meanwhile, and lets go. */
export async function runPressures(target: Target, chosen: readonly Pressure[]): Promise<readonly Relief[]> {
  const reliefs: Relief[] = [];
  for (const pressure of chosen) {
    const release = await pressure.open(target);
    let slowestMs = 0;
    let answered = true;
    try {
      for (let n = 0; n < honestRequests; n += 1) {
        const startedMs = performance.now();
        const { status, code } = await target.post('{"query":"{ creator(username: \\"ada\\") { id } }"}');
        slowestMs = Math.max(slowestMs, performance.now() - startedMs);
        answered &&= status === 200 && code === null;
        await sleep(20);
      }
    } finally {
      release();
    }
    reliefs.push({ pressure: pressure.name, slowestMs, answered });
  }
  return reliefs;
}
