import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PlainResult } from '../harness.ts';
import { planners, serveScenario } from './serve.ts';
import type { FederationScenario, ServedScenario } from './serve.ts';

/** Runs categories against the real server, over HTTP on both sides, once with each planner. */
export function describeScenarios(scenarios: readonly FederationScenario[]): void {
  describe.each(scenarios)('$name', (scenario) => {
    let served: ServedScenario | undefined;
    beforeAll(async () => {
      served = await serveScenario(scenario);
    });
    afterAll(() => served?.stop());
    describe.each(planners)('%s', (planner) => {
      test.each(scenario.cases)('$shows', async (each) => {
        const refused = planner === 'apollo' && each.apolloRefuses === true;
        const { data, errors = [] } = refused ? { data: undefined, errors: ['PLANNING_FAILED'] } : each;
        const result = await served?.ask(planner, each.query, each.variables);
        expect({ data: result?.data, errors: told(result) }).toEqual({ data, errors: errors.toSorted() });
      });
    });
  });
}

function told(result: PlainResult | undefined): readonly string[] {
  return (result?.errors ?? [])
    .map(({ extensions, path }) => `${String(extensions['code'])}${path ? ` at ${path.join('.')}` : ''}`)
    .toSorted();
}
