export interface RetryBudgetOptions {
  /** Repetitions that each request earns. Default 0.1: at most a tenth more requests in the long run. */
  readonly perRequest?: number;
  /** Repetitions that can be saved up; there are so many at the beginning. Default 10. */
  readonly max?: number;
}

/**
 * Bounds how many requests are sent again: a few that failed are mended, an outage is not made worse by everybody trying again (the
 * retry budget of Finagle, as a token bucket filled by requests).
 */
export class RetryBudget {
  readonly #perRequest: number;
  readonly #max: number;
  #left: number;

  constructor({ perRequest = 0.1, max = 10 }: RetryBudgetOptions = {}) {
    this.#perRequest = perRequest;
    this.#max = max;
    this.#left = max;
  }

  /** Of every request that is sent for the first time. */
  earn(): void {
    this.#left = Math.min(this.#max, this.#left + this.#perRequest);
  }

  /** Whether one may be sent again now; it is charged. */
  spend(): boolean {
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
