/** `npm run engines:up [-- NAME…]` and `engines:down`: the distributed engines as plain JVM processes, with data under DATA_DIR/engines. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { makeDirectory } from '../../runtime/make-directory.ts';
import { commandOf, isFree, isRunning, stopProcess } from './jvm-process.ts';
import type { JvmServer, RunningServer } from './server.ts';
import { servers } from './servers.ts';

const runningServer = z.object({ pid: z.number().int(), environment: z.record(z.string(), z.string()) });
const root = join(resolve(process.env['DATA_DIR'] ?? './data'), 'engines');

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

const stateFile = ({ name }: JvmServer): string => join(root, name, 'running.json');

/** What was started before and still runs. After a restart of the machine its process id may be anybody's, who must not be ended for it. */
function running(server: JvmServer): RunningServer | null {
  if (!existsSync(stateFile(server))) return null;
  const state = stateIn(readFileSync(stateFile(server), 'utf8'));
  return state && isRunning(state.pid) && commandOf(state.pid).includes(join(root, server.name)) ? state : null;
}

/** Null where the file was not written to its end. */
function stateIn(text: string): RunningServer | null {
  try {
    return runningServer.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Throws where nothing could listen there: whoever does would be taken for the server that is started. */
async function portOf({ name, defaultPort }: JvmServer): Promise<number> {
  const variable = `${name.toUpperCase()}_PORT`;
  const given = process.env[variable] || String(defaultPort);
  const port = Number(given);
  if (!/^\d{1,5}$/.test(given) || port > 65_535) {
    say(`environment variable ${variable}: must be a port from 0 to 65535, not ${JSON.stringify(given)}`);
    process.exit(2);
  }
  if (port !== 0 && !(await isFree(port)))
    throw new Error(`port ${port} is in use by another program: stop it, or set ${variable} to another port`);
  return port;
}

async function up(server: JvmServer): Promise<RunningServer> {
  const already = running(server);
  if (already) {
    say(`${server.name}: runs already (process ${already.pid})`);
    return already;
  }
  const port = await portOf(server);
  const directory = join(root, server.name);
  makeDirectory(directory);
  const startedMs = performance.now();
  say(`${server.name}: starting`);
  const state = await server.start({ directory, port, say });
  writeFileSync(stateFile(server), JSON.stringify(state));
  say(
    `${server.name}: ready after ${((performance.now() - startedMs) / 1000).toFixed(1)} s (process ${state.pid}, data in ${directory})`,
  );
  return state;
}

async function down(server: JvmServer): Promise<void> {
  const state = running(server);
  if (state) await stopProcess(state.pid);
  rmSync(stateFile(server), { force: true });
  say(`${server.name}: ${state ? 'stopped' : 'did not run'}`);
}

async function run(action: 'up' | 'down', chosen: readonly JvmServer[]): Promise<void> {
  if (action === 'down') {
    for (const server of chosen.toReversed()) await down(server);
    return;
  }
  for (const server of chosen) {
    const { environment } = await up(server);
    for (const [name, value] of Object.entries(environment)) process.stdout.write(`export ${name}=${value}\n`);
  }
}

const [action, ...names] = process.argv.slice(2);
const unknown = names.filter((name) => !servers.some((server) => server.name === name));
const chosen = servers.filter(({ name }) => names.length === 0 || names.includes(name));
if ((action !== 'up' && action !== 'down') || unknown.length > 0) {
  say(
    `usage: npm run engines:up|engines:down [-- NAME…], NAME being one of ${servers.map(({ name }) => name).join(', ')}`,
  );
  process.exitCode = 2;
} else {
  // An exit takes a server along that is not healthy yet; the signal alone would leave it to run, with nothing that knows of it.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  await run(action, chosen).catch((error: unknown) => {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  });
}
