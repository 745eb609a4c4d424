import { type Stale, commitPlans } from './apply-plans.ts';
import type { Run } from './cypher.ts';
import { isPassing } from './failures.ts';
import { type CommitMark, wasCommitted } from './outbox.ts';
import type { Plan } from './plan.ts';
import { CollisionError } from './read-set.ts';

/** While a group commits, the next one grows; a second on its way keeps the server busy while the first waits for its disk. */
const underWayMax = 2;
const plansMax = 64;
/** Things to read and write in one group, unless a single plan has more. */
const sizeMax = 4_000;

interface Member {
  readonly plan: Plan;
  readonly answer: PromiseWithResolvers<undefined>;
}

interface Group {
  readonly members: Member[];
  /** Plans that had read what this group writes: when it has committed they are known to be stale. */
  readonly outdated: Member[];
}

/**
 * Commits the plans of concurrent transactions together, in one transaction of the database: its statements, its round trips and its wait for
 * the disk are shared. Plans that would disturb each other never share a group, and a plan that fails takes nobody along.
 */
export class GroupCommit {
  readonly #transact: <R>(work: (run: Run) => Promise<R>) => Promise<R>;
  readonly #queue: Member[] = [];
  /** Which group on its way writes what. */
  readonly #writing = new Map<string, Group>();
  #underWay = 0;
  #isDue = false;

  constructor(transact: <R>(work: (run: Run) => Promise<R>) => Promise<R>) {
    this.#transact = transact;
  }

  /** Resolves when it is committed. Rejects with {@link CollisionError} where what it read has changed, or with what the database said. */
  commit(plan: Plan): Promise<undefined> {
    const answer = Promise.withResolvers<undefined>();
    this.#queue.push({ plan, answer });
    this.#soon();
    return answer.promise;
  }

  #soon(): void {
    if (this.#isDue || this.#underWay >= underWayMax || this.#queue.length === 0) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      void this.#next();
    });
  }

  async #next(): Promise<void> {
    const group = this.#gather();
    if (group.members.length === 0) return;
    this.#underWay += 1;
    await this.#commit(group.members);
    this.#underWay -= 1;
    for (const [key, by] of this.#writing) if (by === group) this.#writing.delete(key);
    for (const { answer } of group.outdated) answer.reject(new CollisionError([]));
    this.#soon();
  }

  /** The oldest plans that fit together. Who has read what is being written waits for its fate with that group. */
  #gather(): Group {
    const group: Group = { members: [], outdated: [] };
    let size = 0;
    while (this.#queue.length > 0 && group.members.length < plansMax) {
      const [member] = this.#queue as [Member];
      if (group.members.length > 0 && size + member.plan.size > sizeMax) break;
      this.#queue.shift();
      const before = this.#whoDisturbs(member.plan);
      if (before !== null) {
        before.outdated.push(member);
        continue;
      }
      for (const key of member.plan.writeKeys()) this.#writing.set(key, group);
      group.members.push(member);
      size += member.plan.size;
    }
    return group;
  }

  /** Writes in the order of the group do not disturb each other, nor does a write what was read before it. */
  #whoDisturbs(plan: Plan): Group | null {
    for (const key of plan.readKeys()) {
      const group = this.#writing.get(key);
      if (group !== undefined) return group;
    }
    return null;
  }

  async #commit(members: readonly Member[]): Promise<void> {
    try {
      const stale = await this.#together(members.map(({ plan }) => plan));
      for (const { plan, answer } of members) {
        const refs = stale.get(plan);
        if (refs === undefined) answer.resolve(undefined);
        else answer.reject(new CollisionError(refs));
      }
    } catch (error) {
      if (members.length === 1 || isPassing(error)) for (const { answer } of members) answer.reject(error);
      else for (const member of members) await this.#commit([member]);
    }
  }

  /** The driver calls the function again when a commit got no answer: then the mark tells whether it was committed all the same. */
  #together(plans: readonly Plan[]): Promise<Stale> {
    let sealed: { readonly mark: CommitMark; readonly stale: Stale } | null = null;
    return this.#transact(async (run) => {
      if (sealed !== null && (await wasCommitted(run, sealed.mark))) return sealed.stale;
      sealed = null;
      const { stale, mark } = await commitPlans(run, plans);
      if (mark !== null) sealed = { mark, stale };
      return stale;
    });
  }
}
