import { type ParseArgsConfig, parseArgs } from 'node:util';
import { isMistypedOption } from '../runtime/mistyped-option.ts';

/** `parseArgs` for a tool's command line: says what it does not understand, in a line and without a stack, and ends the process with code 2. */
export function parseArguments<const T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    if (!isMistypedOption(error)) throw error;
    console.error(error.message);
    process.exit(2);
  }
}
