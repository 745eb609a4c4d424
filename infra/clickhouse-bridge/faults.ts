import { z } from 'zod';

/**
 * `drop`: the statement is carried out and its answer is lost. `error`: an answer 500 that no ClickHouse gave, nothing is carried out. `slow`: the
 * statement waits. `cut`: the answer breaks off in its middle with an exception's text.
 */
export const faultSchema = z.strictObject({
  kind: z.enum(['drop', 'error', 'slow', 'cut']),
  /** Which statements. */
  on: z.enum(['insert', 'query', 'any']).default('any'),
  /** How many statements meet it. */
  times: z.number().int().min(1).default(1),
  /** For `slow`, in milliseconds. */
  waitMs: z.number().int().min(0).default(0),
});
export type Fault = z.output<typeof faultSchema>;

/** Faults that wait for their statements. */
export class Faults {
  #planned: Fault[] = [];

  plan(fault: Fault): void {
    this.#planned.push(fault);
  }

  clear(): void {
    this.#planned = [];
  }

  /** The fault that this statement meets, used up by it. */
  next(sql: string): Fault | null {
    const kind = /^\s*INSERT\b/i.test(sql) ? 'insert' : 'query';
    const at = this.#planned.findIndex(({ on }) => on === 'any' || on === kind);
    const fault = this.#planned[at];
    if (fault === undefined) return null;
    if (fault.times > 1) this.#planned[at] = { ...fault, times: fault.times - 1 };
    else this.#planned.splice(at, 1);
    return fault;
  }
}
