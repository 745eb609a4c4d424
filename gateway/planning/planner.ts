import { parse } from 'graphql';
import type { Logger } from 'pino';
import { SupergraphError } from '../errors.ts';
import type { ActiveOverrides } from '../supergraph/override-labels.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import { createApolloPlanner, createDeferringPlanner } from './apollo-planner.ts';
import type { PlanDeferred } from './apollo-planner.ts';
import { bindRequirements } from './bind-requirements.ts';
import { completeUnions } from './complete-unions.ts';
import { coverTypes } from './cover-types.ts';
import { nameEntities } from './name-entities.ts';
import type { DeferredPlan, Plan, PlanNode } from './plan.ts';
import { dropImpossible } from './possible-fragments.ts';
import { createRustPlanner, createSimplerRustPlanner, isRustPlannerHere } from './rust-planner.ts';
import { verifyDeferral } from './verify-deferral.ts';
import { verifyOrder } from './verify-order.ts';
import { verifyPlan } from './verify-plan.ts';

/** Turns a valid operation into the fetches that answer it. */
export interface Planner {
  /**
   * Plans the one operation of a document. Rejects where no plan answers all of it: a plan that leaves out what was
   * asked for is an error, never an empty answer.
   */
  plan(operation: string, overrides: ActiveOverrides): Promise<Plan>;
}

/** `hive` and `apollo` plan with that planner alone; `auto` with the first and, where that one fails, with the second. */
export type PlannerChoice = 'auto' | 'hive' | 'apollo';

export interface PlannerOptions {
  readonly choice: PlannerChoice;
  /** Gives the Rust planner a process of its own: `planner-process.ts` says why. */
  readonly isolate: boolean;
  readonly logger: Logger;
}

/** Throws `SupergraphError` for a supergraph that no chosen planner takes, and for a planner that this platform does not have. */
export function createPlanner(supergraph: Supergraph, { choice, isolate, logger }: PlannerOptions): Planner {
  const apollo = once(() => verified(createApolloPlanner(supergraph), supergraph, true));
  if (choice === 'apollo') return apollo();
  if (!isRustPlannerHere()) {
    if (choice === 'hive')
      throw new SupergraphError('PLANNER=hive: this platform has no binary of that planner, take PLANNER=apollo');
    logger.warn('this platform has no binary of the Rust planner: operations are planned with the one in JavaScript');
    return apollo();
  }
  // The Rust planner knows neither contexts, whose arguments it would leave out, nor supergraphs of federation 1.
  if (choice === 'auto' && (supergraph.usesContexts || supergraph.ownership === null)) return apollo();
  const all = verified(createRustPlanner(supergraph, isolate), supergraph, false);
  const simpler = once(() => {
    const planner = createSimplerRustPlanner(supergraph);
    return planner && verified(planner, supergraph, false);
  });
  const hive = isolate ? withFallback(all, simpler, () => {}) : all;
  if (choice === 'hive') return hive;
  return withFallback(hive, apollo, (error) =>
    logger.info({ err: error }, 'an operation was planned with the second planner'),
  );
}

/**
 * Plans operations with deferred parts; undefined where nothing is deferred: the Rust planner knows no parts, and what is done to plans over
 * supergraphs with contexts, with unions of other members in each subgraph, or of federation 1 is not done to parts. Every plan is verified.
 */
export function createDeferral(supergraph: Supergraph, choice: PlannerChoice): PlanDeferred | undefined {
  const { ownership } = supergraph;
  if (choice === 'hive' || ownership === null || supergraph.usesContexts || supergraph.partialUnions !== null)
    return undefined;
  const planner = once(() => createDeferringPlanner(supergraph));
  return (operation, overrides) => {
    const plan = namedParts(planner()(operation, overrides), supergraph);
    const whole = { node: { kind: 'parallel', nodes: nodesOf(plan) }, primary: null } as const;
    verifyPlan(whole, operation, { ownership, oneRequirementPerPlan: true });
    verifyOrder(whole.node.nodes);
    verifyDeferral(plan, operation, supergraph);
    return plan;
  };
}

function named(plan: Plan, { ownership, types }: Supergraph): Plan {
  return ownership === null ? plan : { ...plan, node: plan.node && nameEntities(plan.node, ownership, types) };
}

function namedParts({ node, parts }: DeferredPlan, supergraph: Supergraph): DeferredPlan {
  return {
    node: named({ node, primary: null }, supergraph).node,
    parts: parts.map((part) => ({ ...part, plan: namedParts(part.plan, supergraph) })),
  };
}

function nodesOf({ node, parts }: DeferredPlan): readonly PlanNode[] {
  return [...(node ? [node] : []), ...parts.flatMap(({ plan }) => nodesOf(plan))];
}

/** Whatever the first planner cannot plan, or plans wrongly, the second one is asked for, where there is one. Told why, when that one could. */
function withFallback(first: Planner, second: () => Planner | null, onSecond: (error: unknown) => void): Planner {
  return {
    plan: async (operation, overrides) => {
      try {
        return await first.plan(operation, overrides);
      } catch (error) {
        try {
          const plan = await second()?.plan(operation, overrides);
          if (!plan) throw error;
          onSecond(error);
          return plan;
        } catch {
          throw error;
        }
      }
    },
  };
}

/** What planners leave out is put back, what can never be is left out; what else they get wrong is refused. */
function verified(planner: Planner, supergraph: Supergraph, oneRequirementPerPlan: boolean): Planner {
  const { partialUnions: unions, types, ownership } = supergraph;
  return {
    plan: async (operation, overrides) => {
      const planned = await planner.plan(operation, overrides);
      const completed =
        unions === null ? planned : completeUnions({ plan: planned, document: parse(operation), unions, types });
      const possible = ownership === null ? completed : dropImpossible(completed, ownership);
      const plan = oneRequirementPerPlan ? named(possible, supergraph) : coverTypes(possible, operation, supergraph);
      if (ownership !== null) verifyPlan(plan, operation, { ownership, oneRequirementPerPlan });
      verifyOrder([plan.primary, plan.node]);
      // Where a plan holds one value of what is required, there is nothing to choose from.
      return ownership === null || oneRequirementPerPlan ? plan : bindRequirements(plan, { ownership, types });
    },
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
