/** `npm run bench -- NAME [arguments]`: prints figures of this machine; asserts nothing. Without a name it lists what there is. */
import { readdirSync } from 'node:fs';
import { onBrokenPipe } from '../runtime/broken-pipe.ts';
import { isMistypedOption } from '../runtime/mistyped-option.ts';

interface Benchmark {
  run(args: readonly string[]): Promise<void>;
}

const [name, ...args] = process.argv.slice(2);
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && file !== 'main.ts' && !file.endsWith('.test.ts'))
  .map((file) => file.replace('.ts', ''));

if (name === undefined || !names.includes(name)) {
  console.error(`usage: npm run bench -- NAME, where NAME is one of: ${names.join(', ')}`);
  process.exitCode = 2;
} else {
  // By way of `exit`, so that servers which were started for it end with it.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  onBrokenPipe(() => process.exit());
  const benchmark = (await import(`./${name}.ts`)) as Benchmark;
  try {
    await benchmark.run(args);
  } catch (error) {
    if (!isMistypedOption(error) && !(error instanceof RangeError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}
