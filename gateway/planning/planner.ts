import type { Plan } from './plan.ts';

/** Turns a valid operation into the fetches that answer it. */
export interface Planner {
  /**
   * Plans the one operation of a document. Rejects where no plan answers all of it: a plan that leaves out what was
   * asked for is an error, never an empty answer.
   */
  plan(operation: string, signal?: AbortSignal): Promise<Plan>;
}
