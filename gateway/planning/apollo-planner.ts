import { createRequire } from 'node:module';
import type * as Internals from '@apollo/federation-internals';
import type * as Planning from '@apollo/query-planner';
import { parse } from 'graphql';
import { SupergraphError } from '../errors.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import { normaliseApolloPlan } from './normalise-apollo-plan.ts';
import type { Planner } from './planner.ts';

/** Both packages take a second to load, which only those pay who plan with them. */
const load = createRequire(import.meta.url);

/** Apollo's planner, in JavaScript: for platforms without a binary of the other, and for what that one cannot plan. Throws `SupergraphError`. */
export function createApolloPlanner({ sdl, overrideLabels }: Supergraph): Planner {
  const internals = load('@apollo/federation-internals') as typeof Internals;
  const planning = load('@apollo/query-planner') as typeof Planning;
  const { schema, planner } = build(sdl, internals, planning);
  return {
    plan: async (operation, { labels }) => {
      const parsed = internals.operationFromDocument(schema, parse(operation), { validate: false });
      return normaliseApolloPlan(
        planner.buildQueryPlan(parsed, {
          overrideConditions: new Map(overrideLabels.map((label) => [label, labels.has(label)])),
        }),
      );
    },
  };
}

function build(
  sdl: string,
  internals: typeof Internals,
  planning: typeof Planning,
): { readonly schema: Internals.Schema; readonly planner: Planning.QueryPlanner } {
  try {
    const supergraph = internals.Supergraph.build(sdl, { supportedFeatures: null, validateSupergraph: false });
    return { schema: supergraph.apiSchema(), planner: new planning.QueryPlanner(supergraph) };
  } catch (error) {
    throw new SupergraphError(
      `the query planner refuses the supergraph: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
