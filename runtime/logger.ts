import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** Structured logs on standard error (standard output is for what a command was asked to print). Never log personal fields. */
export function createLogger(level: string): Logger {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  );
}
