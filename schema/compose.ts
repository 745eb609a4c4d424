/**
 * Composes `schema/subgraphs/*.graphql` into `schema/supergraph.graphql` (what the gateway plans on) and
 * `schema/api.graphql` (what clients see). `node schema/compose.ts` writes both, `--check` only tells what is stale.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { composeServices, type ServiceDefinition } from '@theguild/federation-composition';
import { GraphQLError, parse, Source } from 'graphql';

/** The subgraphs do not compose; the message has one line per fault, with its code, subgraph and schema coordinate. */
export class CompositionError extends Error {
  override readonly name = 'CompositionError';
}

/** Names of both written files, with their full text. */
export type ComposedFiles = Readonly<Record<'supergraph.graphql' | 'api.graphql', string>>;

const header = '# Generated from schema/subgraphs/ by `npm run compose`: do not edit.\n\n';

/** Composes the subgraphs of `<schemaDir>/subgraphs/`. Throws {@link CompositionError}; touches no file. */
export function composeSupergraph(schemaDir: string): ComposedFiles {
  const subgraphs = readSubgraphs(join(schemaDir, 'subgraphs'));
  const result = composeServices(subgraphs);
  if (result.errors) {
    const faults = result.errors.map((error) => `  ${error.extensions['code'] as string}: ${error.message}`);
    throw new CompositionError(
      `the subgraphs in ${join(schemaDir, 'subgraphs')} do not compose:\n${faults.join('\n')}`,
    );
  }
  return {
    'supergraph.graphql': `${header}${result.supergraphSdl.trim()}\n`,
    'api.graphql': `${header}${result.publicSdl.trim()}\n`,
  };
}

/** Names those of the composed files whose text in `schemaDir` is absent or differs. */
export function staleFiles(schemaDir: string, composed: ComposedFiles): readonly string[] {
  return Object.entries(composed)
    .map(([name, text]) => ({ file: join(schemaDir, name), text }))
    .filter(({ file, text }) => !existsSync(file) || readFileSync(file, 'utf8') !== text)
    .map(({ file }) => file);
}

function readSubgraphs(folder: string): ServiceDefinition[] {
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.graphql')) : [];
  if (files.length === 0) throw new CompositionError(`no *.graphql file in ${folder}`);
  // The gateway replaces these addresses with its configuration's; only the names count here.
  return files.sort().map((file) => {
    const name = basename(file, '.graphql');
    return { name, url: `http://localhost/${name}`, typeDefs: parseSubgraph(join(folder, file)) };
  });
}

function parseSubgraph(file: string): ServiceDefinition['typeDefs'] {
  try {
    return parse(new Source(readFileSync(file, 'utf8'), file));
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    throw new CompositionError(error.toString());
  }
}

function main(options: readonly string[]): void {
  const schemaDir = import.meta.dirname;
  const composed = composeSupergraph(schemaDir);
  const stale = staleFiles(schemaDir, composed);
  if (options.includes('--check')) {
    if (stale.length > 0) throw new CompositionError(`stale, run \`npm run codegen\`: ${stale.join(', ')}`);
    return;
  }
  for (const [name, text] of Object.entries(composed)) writeFileSync(join(schemaDir, name), text);
  console.log(stale.length > 0 ? `composed ${stale.join(', ')}` : 'the supergraph is fresh');
}

if (import.meta.main) {
  try {
    main(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof CompositionError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
