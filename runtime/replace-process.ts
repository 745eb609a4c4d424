/**
 * Begins this process anew, with its arguments and environment, under its id: every thread and open file of it is gone. Where the system cannot
 * (Windows), it ends the process.
 */
export function replaceProcess(): void {
  const { execPath, execArgv, argv, env } = process;
  if (process.execve) process.execve(execPath, [execPath, ...execArgv, ...argv.slice(1)], env);
  killProcess();
}

/** Ends this process without the waiting for its threads that an exit begins with. */
export function killProcess(): void {
  process.kill(process.pid, 'SIGKILL');
}
