import { isDeepStrictEqual } from 'node:util';

/** What a case of the audit expects, as its `/tests` tells. */
export interface Expectation {
  readonly data?: unknown;
  /** Whether there have to be errors. Unset, the audit looks at the data alone. */
  readonly errors?: boolean;
}

/** What a gateway answered, errors of any shape. */
export interface GatewayAnswer {
  readonly data?: unknown;
  readonly errors?: readonly unknown[];
}

export type Verdict = 'passed' | 'failed' | 'passed with errors';

/**
 * Judges one answer by the audit's own measure: data that is missing counts as null, and errors count only where the case says
 * whether there have to be any. `passed with errors` is a pass in which errors came that nobody spoke of.
 */
export function judge({ data = null, errors }: Expectation, answer: GatewayAnswer): Verdict {
  const hasErrors = (answer.errors ?? []).length > 0;
  if (!isDeepStrictEqual(answer.data ?? null, data)) return 'failed';
  if (errors !== undefined) return hasErrors === errors ? 'passed' : 'failed';
  return hasErrors ? 'passed with errors' : 'passed';
}
