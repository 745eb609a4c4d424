import { applyPlans } from './apply-plans.ts';
import type { Neo4jDatabase, OpenTransaction } from './database.ts';
import { isPassing } from './failures.ts';
import type { CommitMark } from './outbox.ts';
import type { Plan } from './plan.ts';
import { CollisionError, ReadSet } from './read-set.ts';
import { Attempt, type CheckTopics, Neo4jTransaction } from './transaction.ts';

/** A plan that has become a transaction of the database half way. It is tried once: whatever passes by ends in a {@link CollisionError}. */
export class EnteredPlan {
  readonly #database: Neo4jDatabase;
  readonly #plan: Plan;
  readonly #checkTopics: CheckTopics;
  #open: OpenTransaction | null = null;
  #attempt: Attempt | null = null;
  #tx: Neo4jTransaction | null = null;

  constructor(database: Neo4jDatabase, plan: Plan, checkTopics: CheckTopics) {
    this.#database = database;
    this.#plan = plan;
    this.#checkTopics = checkTopics;
  }

  get isEntered(): boolean {
    return this.#tx !== null;
  }

  /** Begins, and does what the plan says so far. What the plan was judged by stays locked. */
  async enter(): Promise<Neo4jTransaction> {
    return retriable(async () => {
      const open = await this.#database.begin();
      this.#open = open;
      const stale = await applyPlans(open.run, [this.#plan]);
      const refs = stale.get(this.#plan);
      if (refs !== undefined) throw new CollisionError(refs);
      const attempt = new Attempt(
        (cypher, parameters) => retriable(() => open.run(cypher, parameters)),
        new ReadSet(this.#plan.rev),
      );
      if (this.#plan.writes) attempt.noteWritten();
      this.#attempt = attempt;
      this.#tx = new Neo4jTransaction(attempt, this.#checkTopics, this.#plan.records);
      return this.#tx;
    });
  }

  /** `seal` is told, before the commit, how it can be found out later whether it took place. */
  async commit(seal: (mark: CommitMark) => void): Promise<void> {
    const [open, attempt, tx] = [this.#open, this.#attempt, this.#tx];
    if (open === null || attempt === null || tx === null) throw new Error('this plan was never entered');
    const mark = await attempt.finish(tx.records);
    if (mark !== null) seal(mark);
    this.#open = null;
    await retriable(() => open.commit());
  }

  /** Gives everything up that has not been committed. */
  async abandon(): Promise<void> {
    this.#attempt?.end();
    const open = this.#open;
    this.#open = null;
    // A connection that is gone has nothing to give up, and the error that broke it is on its way.
    await open?.rollback().catch(() => undefined);
  }
}

async function retriable<R>(operation: () => Promise<R>): Promise<R> {
  try {
    return await operation();
  } catch (error) {
    throw isPassing(error) ? new CollisionError([], { cause: error }) : error;
  }
}
