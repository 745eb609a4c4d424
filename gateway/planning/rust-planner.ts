import { createRequire } from 'node:module';
import type * as Hive from '@graphql-hive/router-query-planner';
import { SupergraphError } from '../errors.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import { normalisePlan } from './normalise-rust-plan.ts';
import type { Planner } from './planner.ts';
import { orderSubgraphs } from './subgraph-order.ts';

/** Loaded on demand: there are platforms without a binary of it. */
const load = createRequire(import.meta.url);
const loadPlanner = (): typeof Hive => load('@graphql-hive/router-query-planner') as typeof Hive;

/** False on a platform without a binary of the Rust planner (musl, Windows). */
export function isRustPlannerHere(): boolean {
  try {
    loadPlanner();
    return true;
  } catch {
    return false;
  }
}

/** The planner of the Hive router. Planning runs off the event loop. Throws `SupergraphError` for a supergraph it refuses. */
export function createRustPlanner({ sdl: supergraphSdl }: Supergraph): Planner {
  const { sdl, realName } = orderSubgraphs(supergraphSdl);
  const planner = build(sdl);
  return {
    plan: async (operation, { labels, roll }) =>
      normalisePlan(await planner.planAsync(operation, undefined, new Set(labels), roll, null), realName),
  };
}

function build(supergraphSdl: string): Hive.QueryPlanner {
  const { QueryPlanner } = loadPlanner();
  try {
    return new QueryPlanner(supergraphSdl);
  } catch (error) {
    throw new SupergraphError(
      `the query planner refuses the supergraph: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
