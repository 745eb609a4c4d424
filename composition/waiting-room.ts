import { type Server, createServer } from 'node:http';

/** Answers for a process whose engines are not there yet, from when it is first told what is missing. */
export interface WaitingRoom {
  /** What `/health/ready` says is missing. */
  tell(missing: string): void;
  close(): Promise<void>;
}

/** Where the process will serve later: alive, not ready, and with the reason. A port that is taken is no reason to give up waiting. */
export function openWaitingRoom(options: { port: number; host: string }): WaitingRoom {
  let missing = '';
  const server = createServer((request, response) => {
    const isAlive = request.url === '/health/live';
    response.writeHead(isAlive ? 200 : 503, { 'content-type': 'application/json', 'retry-after': '5' });
    response.end(JSON.stringify({ status: isAlive ? 'live' : 'not ready', checks: { engines: missing } }));
  });
  let opening: Promise<void> | null = null;
  const open = (): Promise<void> =>
    new Promise((resolve) => {
      server.once('listening', resolve);
      server.on('error', () => resolve());
      server.listen(options.port, options.host);
    });
  return {
    tell(reason) {
      missing = reason;
      opening ??= open();
    },
    async close() {
      // What is not open yet could not be closed, and would hold the port.
      await opening;
      await closed(server);
    },
  };
}

async function closed(server: Server): Promise<void> {
  if (!server.listening) return;
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
