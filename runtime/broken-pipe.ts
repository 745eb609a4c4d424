/**
 * Calls `then` where nobody reads any more what the process prints (`| head -1`). What is lost nobody wanted; without this Node ends the process with a stack
 * trace, a platform that serves others too.
 */
export function onBrokenPipe(then: () => void): void {
  for (const out of [process.stdout, process.stderr])
    out.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      then();
    });
}
