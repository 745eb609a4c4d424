/** `node --import ./infra/privacy-audit/mutate.ts` with MUTANT in the environment: loads the program with one file changed, so that nothing of production knows of the audit. */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mutants } from './mutants.ts';

const repository = resolve(import.meta.dirname, '..', '..');
const name = process.env['MUTANT'];
const mutant = mutants.find((each) => each.name === name);
if (!mutant) throw new Error(`no mutant is called ${name ?? '(MUTANT is not set)'}`);
const file = resolve(repository, mutant.file);

function mutated({ find, replace, more = '' }: typeof mutant & object): string {
  const source = readFileSync(file, 'utf8');
  const [before, after, ...others] = source.split(find);
  if (before === undefined || after === undefined || others.length > 0)
    throw new Error(
      `mutant "${name ?? ''}": its text does not stand exactly once in ${mutant?.file ?? ''}; bring mutants.ts up to date`,
    );
  return `${before}${replace}${after}\n${more}`;
}

const source = mutated(mutant);
registerHooks({
  load(url, context, nextLoad) {
    if (!url.startsWith('file:') || fileURLToPath(url) !== file) return nextLoad(url, context);
    return { ...nextLoad(url, context), source, shortCircuit: true };
  },
});
