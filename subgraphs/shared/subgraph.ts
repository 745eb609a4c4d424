import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { type GraphQLSchema, isObjectType, parse, Source } from 'graphql';
import { scalars } from './scalars.ts';

export interface Subgraph {
  readonly name: string;
  readonly schema: GraphQLSchema;
}

/** By type, then field: what `subgraphs/<name>/generated/resolvers.ts` types. */
export type ResolverMap = Readonly<Record<string, object | undefined>>;

type Module = Extract<
  Extract<Parameters<typeof buildSubgraphSchema>[0], readonly unknown[]>[number],
  { typeDefs: unknown }
>;

const schemaFolder = join(import.meta.dirname, '../../schema/subgraphs');
/** Resolvers that are about a type, not one of its fields. */
const hooks = new Set(['__resolveReference', '__resolveType', '__isTypeOf']);

/**
 * The executable schema of a subgraph: `schema/subgraphs/<name>.graphql` with these resolvers and the shared scalars. Throws for a resolver of a
 * type or field that the SDL does not have: the library would pass over it in silence.
 */
export function createSubgraph(name: string, resolvers: ResolverMap): Subgraph {
  const file = join(schemaFolder, `${name}.graphql`);
  const typeDefs = parse(new Source(readFileSync(file, 'utf8'), file));
  const schema = buildSubgraphSchema([
    { typeDefs, resolvers: { ...scalars, ...resolvers } as NonNullable<Module['resolvers']> },
  ]);
  for (const [typeName, fields] of Object.entries(resolvers)) checkResolvers(schema, name, typeName, fields);
  return { name, schema };
}

function checkResolvers(schema: GraphQLSchema, subgraph: string, typeName: string, fields: object | undefined): void {
  const type = schema.getType(typeName);
  if (type === undefined)
    throw new TypeError(`subgraph ${subgraph}: resolvers for ${typeName}, which the SDL does not have`);
  if (!isObjectType(type)) return;
  const stray = Object.keys(fields ?? {}).filter((field) => !hooks.has(field) && !(field in type.getFields()));
  if (stray.length > 0)
    throw new TypeError(
      `subgraph ${subgraph}: resolvers for ${stray.map((field) => `${typeName}.${field}`).join(', ')}, which the SDL does not have`,
    );
}
