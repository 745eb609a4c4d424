import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Tracing } from '../runtime/tracing.ts';

/** A wrong command line; the message says what is right. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What is said of the commands about canon, by themselves and among all. */
export const canonUsage = `  npm run export:canon -- FILE [--partition N] [--for USERNAME] [--scopes "guardian audit"]
                                                     canon with its checkpoint, for whoever wants to verify it (server stopped)
  npm run verify:canon [-- FILE] [--key KEY|FILE] [--checkpoint FILE …]
                                                     computes every hash of the log in DATA_DIR (server stopped), or of an export, anew
  npm run verify:canon -- --proof FILE --event HASH [--key KEY|FILE]
                                                     one event's proof
  npm run verify:canon -- --certificate FILE [--key KEY|FILE]
                                                     that a creator was erased
  npm run verify:canon -- --consistency FILE --checkpoint FILE [--key KEY|FILE]
                                                     a proof that an old checkpoint still holds`;

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
