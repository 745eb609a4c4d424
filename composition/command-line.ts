import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Tracing } from '../runtime/tracing.ts';

/** A wrong command line; the message says what is right. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What a command runs with. `until` resolves when the process is asked to end. */
export interface CommandLine {
  readonly config: Config;
  readonly logger: Logger;
  /** Undefined where nothing is traced. */
  readonly tracing?: Tracing | undefined;
  readonly args: readonly string[];
  readonly until: Promise<void>;
  readonly signal: AbortSignal;
}

/** Tells whoever started the process. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
