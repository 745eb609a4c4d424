/** `node --import ./infra/privacy-audit/crash-points.ts` with CRASH_AT=POINT:N in the environment: the process kills itself with SIGKILL when it passes the point for the Nth time. */
import { crashEdits } from './crash-edits.ts';
import { loadChanged } from './changed-source.ts';

const [point, count] = (process.env['CRASH_AT'] ?? '').split(':');
let left = Number(count);

declare global {
  var vcosCrashPoint: (name: string) => void;
}
globalThis.vcosCrashPoint = (name) => {
  if (name === point && --left === 0) process.kill(process.pid, 'SIGKILL');
};
loadChanged(
  crashEdits.map(({ file, after, name }) => ({
    file,
    find: after,
    replace: `${after}\nglobalThis.vcosCrashPoint('${name}');`,
  })),
);
