/** `node --import ./infra/privacy-audit/mutate.ts` with MUTANT in the environment: loads the program with one mistake in it. */
import { loadChanged } from './changed-source.ts';
import { mutants } from './mutants.ts';

const name = process.env['MUTANT'];
const mutant = mutants.find((each) => each.name === name);
if (!mutant) throw new Error(`no mutant is called ${name ?? '(MUTANT is not set)'}`);
loadChanged([mutant]);
