import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PlainResult } from '../harness.ts';
import type { PlannerChoice } from '../../planning/planner.ts';
import { serveScenario } from './serve.ts';
import type { FederationScenario, ServedScenario } from './serve.ts';

const planners: readonly PlannerChoice[] = ['auto', 'apollo'];

/** Runs categories against the real server, over HTTP on both sides. */
export function describeScenarios(scenarios: readonly FederationScenario[]): void {
  const both = scenarios.flatMap((scenario) => planners.map((planner) => ({ scenario, name: scenario.name, planner })));
  describe.each(both)('$name ($planner)', ({ scenario, planner }) => {
    let served: ServedScenario | undefined;
    beforeAll(async () => {
      served = await serveScenario(scenario, planner);
    });
    afterAll(() => served?.stop());
    test.each(scenario.cases)('$shows', async (each) => {
      const refused = planner === 'apollo' && each.apolloRefuses === true;
      const { query, variables } = each;
      const { data, errors = [] } = refused ? { data: undefined, errors: ['PLANNING_FAILED'] } : each;
      const result = await served?.ask(query, variables);
      expect({ data: result?.data, errors: told(result) }).toEqual({ data, errors: errors.toSorted() });
    });
  });
}

function told(result: PlainResult | undefined): readonly string[] {
  return (result?.errors ?? [])
    .map(({ extensions, path }) => `${String(extensions['code'])}${path ? ` at ${path.join('.')}` : ''}`)
    .toSorted();
}
