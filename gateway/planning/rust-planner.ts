import { QueryPlanner } from '@graphql-hive/router-query-planner';
import { parse } from 'graphql';
import { SupergraphError } from '../errors.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import { completeUnions } from './complete-unions.ts';
import { normalisePlan } from './normalise-rust-plan.ts';
import type { Planner } from './planner.ts';
import { orderSubgraphs } from './subgraph-order.ts';

const noLabels = new Set<string>();

/** The planner of the Hive router. Planning runs off the event loop. Throws `SupergraphError` for a supergraph it refuses. */
export function createRustPlanner({ sdl: supergraphSdl, partialUnions: unions, types }: Supergraph): Planner {
  const { sdl, realName } = orderSubgraphs(supergraphSdl);
  const planner = load(sdl);
  return {
    plan: async (operation, signal) => {
      // Progressive overrides by label are not configured: percentage 0 keeps the field where it was.
      const plan = normalisePlan(await planner.planAsync(operation, undefined, noLabels, 0, signal ?? null), realName);
      return unions === null ? plan : completeUnions({ plan, document: parse(operation), unions, types });
    },
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
