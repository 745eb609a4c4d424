import { type ParseArgsConfig, parseArgs } from 'node:util';
import { isMistypedOption } from '../runtime/mistyped-option.ts';

/** `parseArgs` for a tool's command line: says what it does not understand and what it knows, without a stack, and ends the process with code 2. `--help` tells the latter alone. */
export function parseArguments<const T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    if (!isMistypedOption(error)) throw error;
    if ((config.args ?? process.argv).includes('--help')) {
      console.log(describeOptions(config));
      process.exit(0);
    }
    console.error(`${error.message}\n${describeOptions(config)}`);
    process.exit(2);
  }
}

function describeOptions({ options = {} }: ParseArgsConfig): string {
  const told = Object.entries(options).map(([name, option]) => {
    const value = option.type === 'boolean' ? '' : ' VALUE';
    const fallback = typeof option.default === 'string' ? ` (${option.default})` : '';
    return `--${name}${value}${option.multiple === true ? ' …' : ''}${fallback}`;
  });
  return told.length === 0 ? 'it takes no options' : `options: ${told.join(', ')}`;
}
