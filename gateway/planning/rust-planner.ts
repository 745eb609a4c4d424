import { QueryPlanner } from '@graphql-hive/router-query-planner';
import { SupergraphError } from '../errors.ts';
import { normalisePlan } from './normalise-rust-plan.ts';
import type { Planner } from './planner.ts';
import { orderSubgraphs } from './subgraph-order.ts';

const noLabels = new Set<string>();

/** The planner of the Hive router. Planning runs off the event loop. Throws `SupergraphError` for a supergraph it refuses. */
export function createRustPlanner(supergraphSdl: string): Planner {
  const { sdl, realName } = orderSubgraphs(supergraphSdl);
  const planner = load(sdl);
  return {
    // Progressive overrides by label are not configured: percentage 0 keeps the field where it was.
    plan: async (operation, signal) =>
      normalisePlan(await planner.planAsync(operation, undefined, noLabels, 0, signal ?? null), realName),
  };
}

function load(supergraphSdl: string): QueryPlanner {
  try {
    return new QueryPlanner(supergraphSdl);
  } catch (error) {
    throw new SupergraphError(
      `the query planner refuses the supergraph: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
