import { createRequire } from 'node:module';
import type * as Hive from '@graphql-hive/router-query-planner';
import { Kind, parse, print, visit } from 'graphql';
import { SupergraphError } from '../errors.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import { normalisePlan } from './normalise-rust-plan.ts';
import { planMsMax } from './plan-limits.ts';
import { openIsolatedPlanner } from './planner-process.ts';
import type { Planner } from './planner.ts';
import { simplifyKeys } from './simplify-keys.ts';
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

/** The planner of the Hive router. Planning runs off the event loop, `isolate`d in another process. Throws `SupergraphError` for a supergraph it refuses. */
export function createRustPlanner({ sdl: supergraphSdl }: Pick<Supergraph, 'sdl'>, isolate: boolean): Planner {
  const { sdl, realName } = orderSubgraphs(supergraphSdl);
  const planner = build(sdl);
  if (isolate) {
    const plan = openIsolatedPlanner(sdl);
    return {
      plan: async (operation, overrides) => normalisePlan(await plan(spellBackspaces(operation), overrides), realName),
    };
  }
  return {
    plan: async (operation, { labels, roll }) => {
      // A signal of AbortSignal.timeout would keep all of this until its time is over, long after the plan is there.
      const limit = new AbortController();
      const timer = setTimeout(() => limit.abort(), planMsMax);
      try {
        const plan = await planner.planAsync(
          spellBackspaces(operation),
          undefined,
          new Set(labels),
          roll,
          limit.signal,
        );
        return normalisePlan(plan, realName);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/**
 * The same planner, in a process of its own, over a supergraph that says the same with fewer keys: for what it does not plan over all of them. Null
 * where there are no fewer.
 */
export function createSimplerRustPlanner({ sdl }: Supergraph): Planner | null {
  const simplified = simplifyKeys(parse(sdl, { noLocation: true }));
  return simplified === null ? null : createRustPlanner({ sdl: simplified }, true);
}

/** The planner reads `\b` in a string as U+0010, a backspace by its number as what it is. */
function spellBackspaces(operation: string): string {
  if (!operation.includes('\\b')) return operation;
  // In a block string the same two characters are no escape.
  const plain = visit(parse(operation, { noLocation: true }), {
    [Kind.STRING]: (node) => (node.block === true ? { ...node, block: false } : undefined),
  });
  return print(plain).replaceAll(/\\./g, (escape) => (escape === '\\b' ? '\\u0008' : escape));
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
