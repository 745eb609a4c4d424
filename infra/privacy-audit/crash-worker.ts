/** Run by the crash suite in a process of its own, which is killed: DIRECTORY [warehouse]. */
import { runToEnd } from './crash-run.ts';

const [directory, warehouse] = process.argv.slice(2);
if (directory === undefined) throw new Error('a DIRECTORY is needed');
await runToEnd(directory, warehouse !== undefined);
