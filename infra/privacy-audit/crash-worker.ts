/** Run by the crash suite in a process of its own, bundled: DIRECTORY [warehouse]. With CRASH_AT=POINT:N in the environment it kills itself with SIGKILL when it passes the point for the Nth time. */
import { runToEnd } from './crash-run.ts';

declare global {
  var vcosCrashPoint: (name: string) => void;
}

const [point, count] = (process.env['CRASH_AT'] ?? '').split(':');
let left = Number(count);
globalThis.vcosCrashPoint = (name) => {
  if (name === point && --left === 0) process.kill(process.pid, 'SIGKILL');
};

const [directory, warehouse] = process.argv.slice(2);
if (directory === undefined) throw new Error('a DIRECTORY is needed');
await runToEnd(directory, warehouse !== undefined);
