import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One change of one file's source. */
export interface Change {
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /** Imports that the change needs: they may stand at the end. */
  readonly more?: string;
}

const repository = resolve(import.meta.dirname, '..', '..');

/** The source with the change in it. Throws where the text to change does not stand there exactly once. */
export function changed(source: string, { file, find, replace, more }: Change): string {
  const [before, after, ...others] = source.split(find);
  if (before === undefined || after === undefined || others.length > 0)
    throw new Error(`the text to change does not stand exactly once in ${file}: ${find}`);
  return `${before}${replace}${after}${more === undefined ? '' : `\n${more}`}`;
}

/** From now on this process loads these files with their changes; production knows nothing of it. */
export function loadChanged(changes: readonly Change[]): void {
  const sources = new Map<string, string>();
  for (const change of changes) {
    const file = resolve(repository, change.file);
    sources.set(file, changed(sources.get(file) ?? readFileSync(file, 'utf8'), change));
  }
  registerHooks({
    load(url, context, nextLoad) {
      const source = url.startsWith('file:') ? sources.get(fileURLToPath(url)) : undefined;
      return source === undefined ? nextLoad(url, context) : { ...nextLoad(url, context), source, shortCircuit: true };
    },
  });
}
