import { createRequire } from 'node:module';
import type * as Internals from '@apollo/federation-internals';
import type * as Planning from '@apollo/query-planner';
import { parse } from 'graphql';
import { SupergraphError } from '../errors.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import type { ActiveOverrides } from '../supergraph/override-labels.ts';
import { normaliseApolloPlan, normaliseDeferredPlan } from './normalise-apollo-plan.ts';
import type { DeferredPlan } from './plan.ts';
import type { Planner } from './planner.ts';

/** Both packages take a second to load, which only those pay who plan with them. */
const load = createRequire(import.meta.url);

/** Apollo's planner, in JavaScript: for platforms without a binary of the other, and for what that one cannot plan. Throws `SupergraphError`. */
export function createApolloPlanner(supergraph: Supergraph): Planner {
  const plan = createBuilder(supergraph, false);
  return { plan: async (operation, overrides) => normaliseApolloPlan(plan(operation, overrides)) };
}

/** Plans the one operation of a document whose fragments may be marked with `@defer` and a label. Throws where it cannot. */
export type PlanDeferred = (operation: string, overrides: ActiveOverrides) => DeferredPlan;

/** The same planner, told to make parts of what is marked. Throws `SupergraphError`. */
export function createDeferringPlanner(supergraph: Supergraph): PlanDeferred {
  const plan = createBuilder(supergraph, true);
  return (operation, overrides) => normaliseDeferredPlan(plan(operation, overrides));
}

function createBuilder(
  { sdl, overrideLabels }: Supergraph,
  enableDefer: boolean,
): (operation: string, overrides: ActiveOverrides) => Planning.QueryPlan {
  const internals = load('@apollo/federation-internals') as typeof Internals;
  const planning = load('@apollo/query-planner') as typeof Planning;
  const { schema, planner } = build(sdl, internals, planning, enableDefer);
  return (operation, { labels }) =>
    planner.buildQueryPlan(internals.operationFromDocument(schema, parse(operation), { validate: false }), {
      overrideConditions: new Map(overrideLabels.map((label) => [label, labels.has(label)])),
    });
}

function build(
  sdl: string,
  internals: typeof Internals,
  planning: typeof Planning,
  enableDefer: boolean,
): { readonly schema: Internals.Schema; readonly planner: Planning.QueryPlanner } {
  try {
    const supergraph = internals.Supergraph.build(sdl, { supportedFeatures: null, validateSupergraph: false });
    return {
      schema: supergraph.apiSchema(),
      planner: new planning.QueryPlanner(supergraph, { incrementalDelivery: { enableDefer } }),
    };
  } catch (error) {
    throw new SupergraphError(
      `the query planner refuses the supergraph: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
