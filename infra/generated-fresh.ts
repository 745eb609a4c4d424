/** Tells whether the committed generated types are what `npm run codegen` would write now; part of `npm run check`. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { generate } from '@graphql-codegen/cli';
import { codegenConfig } from '../codegen.ts';

/** One line per generated file under `root` that is absent, differs, or is left over from a subgraph that went away. */
export async function staleGenerated(root: string): Promise<readonly string[]> {
  const config = codegenConfig(root);
  if (Object.keys(config.generates).length === 0) return [];
  // Without this the generator draws a list of tasks around every line.
  const options = { ...config, cwd: root, silent: true, errorsOnly: true };
  const outputs = (await generate(options, false)) as readonly { filename: string; content: string }[];
  const fresh = new Map(outputs.map(({ filename, content }) => [relative(root, resolve(root, filename)), content]));
  const committed = globSync('{subgraphs/*,sdk}/generated/**/*.ts', { cwd: root });
  return [
    ...Array.from(fresh).flatMap(([file, content]) => difference(root, file, content)),
    ...committed.filter((file) => !fresh.has(file)).map((file) => `${file}: nothing generates it, delete it`),
  ];
}

function difference(root: string, file: string, content: string): readonly string[] {
  const path = join(root, file);
  if (!existsSync(path)) return [`${file}: absent`];
  const [was, is] = [readFileSync(path, 'utf8').split('\n'), content.split('\n')];
  const line = is.findIndex((text, index) => text !== was[index]);
  if (line === -1 && was.length === is.length) return [];
  return [`${file}: differs from line ${(line === -1 ? is.length : line) + 1} on`];
}

if (import.meta.main) {
  const stale = await staleGenerated(resolve(import.meta.dirname, '..'));
  for (const line of stale) console.error(line);
  if (stale.length > 0) process.exitCode = 1;
}
