export interface CircuitBreakerOptions {
  /** Answers are counted over so long, in milliseconds. Default 10,000. */
  readonly windowMs?: number;
  /** Fewer requests in the window do not tell enough. Default 10. */
  readonly requestsMin?: number;
  /** The circuit opens when this share of them failed. Default 0.5. */
  readonly failureShare?: number;
  /** How long it stays open the first time, in milliseconds; twice as long after each probe that fails. Default 1,000. */
  readonly openMs?: number;
  /** Default 30,000. */
  readonly openMsMax?: number;
  readonly clock?: () => number;
}

/** Closed: everything is sent. Open: nothing is. Half open: one request at a time finds out. */
export type CircuitState = 'closed' | 'half-open' | 'open';

const slots = 10;

/**
 * Keeps requests from what does not answer them, so that callers are told at once and it can recover (M. Nygard, "Release It!"). Pure but for its clock.
 * Every request that `admit` lets through is to be reported, as one of `succeed`, `fail` or `forget`.
 */
export class CircuitBreaker {
  readonly #options: Required<CircuitBreakerOptions>;
  /** Requests and failures of the last `slots` parts of the window, as a ring. */
  readonly #counts = Array.from({ length: slots }, () => ({ slot: -1, requests: 0, failures: 0 }));
  #openUntilMs = 0;
  /** How long it was open last; 0 while it is closed. */
  #openMs = 0;
  #isProbing = false;

  constructor(options: CircuitBreakerOptions = {}) {
    const defaults = { windowMs: 10_000, requestsMin: 10, failureShare: 0.5, openMs: 1_000, openMsMax: 30_000 };
    this.#options = { ...defaults, clock: Date.now, ...options };
  }

  get state(): CircuitState {
    if (this.#openMs === 0) return 'closed';
    return this.#options.clock() < this.#openUntilMs ? 'open' : 'half-open';
  }

  /** Null lets a request through; a number says in how many milliseconds to come again. */
  admit(): number | null {
    if (this.#openMs === 0) return null;
    const leftMs = this.#openUntilMs - this.#options.clock();
    if (leftMs > 0) return leftMs;
    // Whoever comes while the one probe is out learns its outcome the next time.
    if (this.#isProbing) return Math.min(this.#options.openMs, 1_000);
    this.#isProbing = true;
    return null;
  }

  succeed(): void {
    if (this.#openMs === 0) {
      this.#slot().requests += 1;
      return;
    }
    // An answer to a request of before it opened is a good sign, but no more.
    if (!this.#isProbing) return;
    this.#isProbing = false;
    this.#openMs = 0;
    for (const count of this.#counts) count.slot = -1;
  }

  /** `retryAfterMs` is what it asked for itself, 0 for nothing: it is then left alone for that long at once, within `openMsMax`. */
  fail(retryAfterMs = 0): void {
    const { openMs, openMsMax } = this.#options;
    if (this.#openMs > 0) {
      if (this.#isProbing) this.#open(Math.min(this.#openMs * 2, openMsMax), retryAfterMs);
      return;
    }
    const slot = this.#slot();
    slot.requests += 1;
    slot.failures += 1;
    if (retryAfterMs > 0 || this.#hasFailed()) this.#open(openMs, retryAfterMs);
  }

  /** The request ended for a reason of the caller's: it says nothing. */
  forget(): void {
    this.#isProbing = false;
  }

  #open(forMs: number, retryAfterMs: number): void {
    const { clock, openMsMax } = this.#options;
    this.#isProbing = false;
    this.#openMs = forMs;
    this.#openUntilMs = clock() + Math.max(forMs, Math.min(retryAfterMs, openMsMax));
  }

  #hasFailed(): boolean {
    const { requestsMin, failureShare } = this.#options;
    const oldest = this.#now() - slots;
    let [requests, failures] = [0, 0];
    for (const count of this.#counts) {
      if (count.slot <= oldest) continue;
      requests += count.requests;
      failures += count.failures;
    }
    return requests >= requestsMin && failures >= requests * failureShare;
  }

  #now(): number {
    return Math.floor((this.#options.clock() * slots) / this.#options.windowMs);
  }

  #slot(): { slot: number; requests: number; failures: number } {
    const slot = this.#now();
    const count = this.#counts[slot % slots] as { slot: number; requests: number; failures: number };
    if (count.slot !== slot) {
      count.slot = slot;
      count.requests = 0;
      count.failures = 0;
    }
    return count;
  }
}
