import type { PlanNode } from '../planning/plan.ts';
import type { TypeIndex } from '../supergraph/type-index.ts';
import type { ExecutionDependencies } from './call.ts';
import { compileEntityFetch } from './entity-fetch.ts';
import { compileRootFetch } from './root-fetch.ts';
import type { Step } from './root-fetch.ts';

/** Compiles a plan to closures, once for all of its executions. */
export function compilePlan(node: PlanNode, types: TypeIndex, dependencies: ExecutionDependencies): Step {
  switch (node.kind) {
    case 'root':
      return telling(node.id, compileRootFetch(node, types, dependencies));
    case 'entities':
      return telling(node.id, compileEntityFetch(node, types, dependencies));
    case 'sequence': {
      const steps = node.nodes.map((child) => compilePlan(child, types, dependencies));
      return async (state) => {
        for (const step of steps) await step(state);
      };
    }
    case 'parallel': {
      const steps = node.nodes.map((child) => compilePlan(child, types, dependencies));
      return async (state) => {
        await Promise.all(steps.map((step) => step(state)));
      };
    }
    case 'condition': {
      const whenTrue = node.whenTrue && compilePlan(node.whenTrue, types, dependencies);
      const whenFalse = node.whenFalse && compilePlan(node.whenFalse, types, dependencies);
      return async (state) => (state.variables[node.variable] === true ? whenTrue : whenFalse)?.(state);
    }
  }
}

function telling(id: string | undefined, step: Step): Step {
  if (id === undefined) return step;
  return async (state) => {
    await step(state);
    state.onFetched?.(id);
  };
}
