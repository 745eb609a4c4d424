import { GraphQLError, Kind } from 'graphql';
import type { DocumentNode, GraphQLSchema } from 'graphql';
import { SupergraphError } from '../errors.ts';
import { readAccessRules } from './access-rules.ts';
import type { AccessRules } from './access-rules.ts';
import { buildApiSchema } from './api-schema.ts';
import { contestedKeys } from './contested-keys.ts';
import type { DataKey } from './contested-keys.ts';
import { typesWithHiddenMembers } from './hidden-members.ts';
import { parseSupergraph } from './linked-names.ts';
import { readOverrideLabels } from './override-labels.ts';
import { readOwnership } from './ownership.ts';
import type { Ownership } from './ownership.ts';
import { readPartialUnions } from './partial-unions.ts';
import type { PartialUnions } from './partial-unions.ts';
import { listSubgraphs } from './subgraph-list.ts';
import type { SubgraphEntry } from './subgraph-list.ts';
import { indexTypes } from './type-index.ts';
import type { TypeIndex } from './type-index.ts';

/** All that the gateway reads off one composed supergraph. Immutable: another supergraph is another object. */
export interface Supergraph {
  readonly sdl: string;
  readonly apiSchema: GraphQLSchema;
  readonly subgraphs: readonly SubgraphEntry[];
  readonly types: TypeIndex;
  readonly access: AccessRules;
  readonly dataKey: DataKey;
  /** Interfaces and unions that have members which clients may not see. */
  readonly partlyHidden: ReadonlySet<string>;
  /** Null where every union has the same members in all of its subgraphs. */
  readonly partialUnions: PartialUnions | null;
  /** Null for a supergraph of federation 1, whose directives leave half of it unsaid. */
  readonly ownership: Ownership | null;
  /** Labels of progressive overrides. */
  readonly overrideLabels: readonly string[];
  /** True where a field takes arguments from a `@context`. */
  readonly usesContexts: boolean;
}

/** Reads a composed supergraph. Throws `SupergraphError` for SDL that is none. */
export function readSupergraph(sdl: string): Supergraph {
  try {
    const document = parseSupergraph(sdl);
    const apiSchema = buildApiSchema(document);
    return {
      sdl,
      subgraphs: listSubgraphs(document),
      apiSchema,
      types: indexTypes(document),
      access: readAccessRules(document),
      dataKey: contestedKeys(document),
      partlyHidden: typesWithHiddenMembers(document, apiSchema),
      partialUnions: readPartialUnions(document),
      ownership: isOfFederation1(document) ? null : readOwnership(document),
      overrideLabels: readOverrideLabels(document),
      usesContexts: /contextArguments:\s*\[\s*\{/.test(sdl),
    };
  } catch (error) {
    if (error instanceof GraphQLError) throw new SupergraphError(`the supergraph is not valid SDL: ${error.message}`);
    throw error;
  }
}

/** Its types have owners, a notion that federation 2 dropped. */
function isOfFederation1(document: DocumentNode): boolean {
  return document.definitions.some(
    (node) => node.kind === Kind.DIRECTIVE_DEFINITION && node.name.value === 'join__owner',
  );
}
