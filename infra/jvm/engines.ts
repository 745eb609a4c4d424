/** `npm run engines:up [-- NAME…]` and `engines:down`: the distributed engines as plain JVM processes, with data under DATA_DIR/engines. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { makeDirectory } from '../../runtime/make-directory.ts';
import { isRunning, stopProcess } from './jvm-process.ts';
import type { JvmServer, RunningServer } from './server.ts';
import { servers } from './servers.ts';

const runningServer = z.object({ pid: z.number().int(), environment: z.record(z.string(), z.string()) });
const root = join(resolve(process.env['DATA_DIR'] ?? './data'), 'engines');

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

const stateFile = ({ name }: JvmServer): string => join(root, name, 'running.json');

/** What was started before and still runs. */
function running(server: JvmServer): RunningServer | null {
  if (!existsSync(stateFile(server))) return null;
  const state = runningServer.parse(JSON.parse(readFileSync(stateFile(server), 'utf8')));
  return isRunning(state.pid) ? state : null;
}

async function up(server: JvmServer): Promise<RunningServer> {
  const already = running(server);
  if (already) {
    say(`${server.name}: runs already (process ${already.pid})`);
    return already;
  }
  const directory = join(root, server.name);
  makeDirectory(directory);
  const startedMs = performance.now();
  say(`${server.name}: starting`);
  const port = Number(process.env[`${server.name.toUpperCase()}_PORT`] ?? server.defaultPort);
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

const [action, ...names] = process.argv.slice(2);
const unknown = names.filter((name) => !servers.some((server) => server.name === name));
const chosen = servers.filter(({ name }) => names.length === 0 || names.includes(name));
if ((action !== 'up' && action !== 'down') || unknown.length > 0) {
  say(
    `usage: npm run engines:up|engines:down [-- NAME…], NAME being one of ${servers.map(({ name }) => name).join(', ')}`,
  );
  process.exitCode = 2;
} else if (action === 'down') {
  for (const server of chosen.toReversed()) await down(server);
} else {
  for (const server of chosen) {
    const { environment } = await up(server);
    for (const [name, value] of Object.entries(environment)) process.stdout.write(`export ${name}=${value}\n`);
  }
}
