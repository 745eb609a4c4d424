import { BoundedMap } from '../bounded-map.ts';

/** What one caller may use up. */
export interface RateLimit {
  /** Units that a caller who was quiet has, and that come back within `windowS`. */
  readonly units: number;
  readonly windowS: number;
}

/** A caller's budget after a request asked for some of it. */
export interface RateState {
  readonly allowed: boolean;
  /** Whole units that are left. */
  readonly remaining: number;
  /** Seconds until the budget is full again. */
  readonly resetS: number;
  /** Seconds after which a refused request would be let through; 0 for one that is. */
  readonly retryAfterS: number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

/** Callers that are remembered. Who is forgotten begins with a full budget, as who was quiet does. */
const callersMax = 100_000;

/** A token bucket for each caller, in the memory of this process. */
export class RateLimiter {
  readonly limit: RateLimit;
  readonly #clock: () => number;
  readonly #buckets = new BoundedMap<Bucket>({ weightMax: callersMax });

  constructor(limit: RateLimit, clock: () => number = () => performance.now()) {
    this.limit = limit;
    this.#clock = clock;
  }

  /** Takes units from a caller's budget, all or none. More units than a full budget has are never given. */
  take(caller: string, units: number): RateState {
    const { units: unitsMax, windowS } = this.limit;
    const perS = unitsMax / windowS;
    const bucket = this.#bucketOf(caller);
    const allowed = units <= bucket.tokens;
    const missing = units - bucket.tokens;
    if (allowed) bucket.tokens -= units;
    return {
      allowed,
      remaining: Math.max(0, Math.floor(bucket.tokens)),
      resetS: Math.ceil((unitsMax - bucket.tokens) / perS),
      retryAfterS: allowed ? 0 : Math.max(1, Math.ceil(missing / perS)),
    };
  }

  /** Takes a share of a full budget, in whole units, for work that was done already, also from a caller who has less: what is missing has to come back first. */
  charge(caller: string, share: number): void {
    this.#bucketOf(caller).tokens -= Math.floor(share * this.limit.units);
  }

  /** As it stands now, among those used last. */
  #bucketOf(caller: string): Bucket {
    const { units: unitsMax, windowS } = this.limit;
    const nowMs = this.#clock();
    const bucket = this.#buckets.get(caller) ?? { tokens: unitsMax, atMs: nowMs };
    bucket.tokens = Math.min(unitsMax, bucket.tokens + ((nowMs - bucket.atMs) / 1000) * (unitsMax / windowS));
    bucket.atMs = nowMs;
    this.#buckets.set(caller, bucket, 1);
    return bucket;
  }
}
