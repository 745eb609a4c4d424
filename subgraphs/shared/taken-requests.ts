import { SIGNATURE_AGE_MS_MAX } from '../../runtime/gateway-signature.ts';

/** A signature is good from so long before its time to as long after it, in milliseconds. */
const goodMs = 2 * SIGNATURE_AGE_MS_MAX;
/** Ids of one stretch of time; with more mutations in it, it is over earlier. */
const idsMax = 500_000;

/**
 * The signed requests that this process took while their signatures are good, so that none does twice what somebody who saw it sends again. Another
 * instance of the subgraph, and this one after a restart, does not know of them: commands that must not be done twice have an `idempotencyKey`.
 */
export class TakenRequests {
  #now = new Set<number>();
  #before = new Set<number>();
  #sinceMs = -Infinity;

  /** False for one that was taken before. */
  isNew(id: number, nowMs: number): boolean {
    // A clock that was set back must not keep them for longer than that.
    if (Math.abs(nowMs - this.#sinceMs) >= goodMs || this.#now.size >= idsMax) {
      this.#before = this.#now;
      this.#now = new Set();
      this.#sinceMs = nowMs;
    }
    if (this.#now.has(id) || this.#before.has(id)) return false;
    this.#now.add(id);
    return true;
  }
}
