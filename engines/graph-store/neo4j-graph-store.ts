import { AsyncLocalStorage } from 'node:async_hooks';
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventLog } from '../event-log/port.ts';
import { NestedTransactionError } from '../nested-transaction.ts';
import { type OutboxLog, droppingRepetitions } from '../outbox/port.ts';
import { OutboxRelay } from '../outbox/relay.ts';
import type { Run } from './neo4j/cypher.ts';
import type { Neo4jDatabase, Neo4jOptions } from './neo4j/database.ts';
import { EnteredPlan } from './neo4j/entered-plan.ts';
import { isCollision, neo4jCode, translate } from './neo4j/failures.ts';
import { GroupCommit } from './neo4j/group-commit.ts';
import { openNeo4jDatabase } from './neo4j/open-database.ts';
import { type CommitMark, Neo4jOutbox, wasCommitted } from './neo4j/outbox.ts';
import { recommend, shortestPath } from './neo4j/paths.ts';
import { Plan } from './neo4j/plan.ts';
import { PlannedTransaction } from './neo4j/planned-transaction.ts';
import { CollisionError, type LockRef } from './neo4j/read-set.ts';
import { Neo4jReader } from './neo4j/reader.ts';
import { SharedReads } from './neo4j/shared-reads.ts';
import { Attempt, type CheckTopics, Neo4jTransaction } from './neo4j/transaction.ts';
import { type GraphStore, type GraphTransaction, type Recommendation, StoreUnavailableError } from './port.ts';

/** Of plans that collide at least one is always carried out, and they never wait for each other crosswise, as locks do; but only locks end a wait that others keep prolonging. */
const plannedAttemptsMax = 10;
/** Every collision takes its node's lock on the next attempt: more than a few mean that the work reads something new each time. */
const attemptsMax = 30;

export interface Neo4jGraphStoreOptions extends Neo4jOptions {
  /** Where the outbox is carried to. It must stay open until the store is closed. */
  readonly eventLog: EventLog;
  /** The event log as the end of the outbox; unless told otherwise it is one that drops repetitions. */
  readonly outboxLog?: OutboxLog;
  /** Told of every failure of the relay, which goes on by itself. */
  readonly onError: (error: unknown) => void;
  /** Told what of the database was missing and has been made again. */
  readonly onNotice?: (text: string) => void;
  readonly leaseMs?: number;
}

/** Opens the operational graph on a Neo4j server and starts to carry its outbox. Rejects with {@link StoreUnavailableError}. */
export async function openNeo4jGraphStore(options: Neo4jGraphStoreOptions): Promise<Neo4jGraphStore> {
  const database = await openNeo4jDatabase(options, options.onNotice);
  const { eventLog, outboxLog, onError, leaseMs } = options;
  const relay = new OutboxRelay({
    outbox: new Neo4jOutbox(database),
    log: outboxLog ?? droppingRepetitions(eventLog),
    onError: (error) => onError(translate(error, database.address)),
    ...(leaseMs === undefined ? {} : { leaseMs }),
  });
  relay.start();
  return new Neo4jGraphStore({ database, relay, eventLog });
}

/** What the attempts at one transaction leave to the next. */
interface Trial<R> {
  readonly locks: LockRef[];
  /** Of an attempt whose commit got no answer. */
  sealed: { readonly mark: CommitMark; readonly result: R } | null;
}

interface Parts {
  readonly database: Neo4jDatabase;
  readonly relay: OutboxRelay;
  readonly eventLog: EventLog;
}

/** The operational graph in Neo4j. A transaction's records are committed with it as an outbox, which a relay carries to the event log. */
export class Neo4jGraphStore extends Neo4jReader implements GraphStore {
  readonly relay: OutboxRelay;
  readonly #database: Neo4jDatabase;
  readonly #eventLog: EventLog;
  readonly #inside = new AsyncLocalStorage<{ open: boolean }>();
  readonly #topics = new Set<string>();
  readonly #state: { closed: boolean; underWay: number };
  readonly #read: Run;
  readonly #sharedReads: SharedReads;
  readonly #groups: GroupCommit;

  constructor({ database, relay, eventLog }: Parts) {
    const state = { closed: false, underWay: 0 };
    const read: Run = (cypher, parameters) => guarded(state, database, () => database.read(cypher, parameters));
    super(read);
    this.#database = database;
    this.#eventLog = eventLog;
    this.#state = state;
    this.#read = read;
    this.#sharedReads = new SharedReads((reading) => database.transactAtOnce(reading));
    this.#groups = new GroupCommit((committing) => database.transactAtOnce(committing));
    this.relay = relay;
  }

  transact<R>(work: (tx: GraphTransaction) => Promise<R>): Promise<R> {
    if (this.#inside.getStore()?.open === true) return Promise.reject(new NestedTransactionError());
    return guarded(this.#state, this.#database, () => this.#transact(work));
  }

  recommend(query: Parameters<GraphStore['recommend']>[0]): Promise<readonly Recommendation[]> {
    return recommend(this.#read, query);
  }

  shortestPath(query: Parameters<GraphStore['shortestPath']>[0]): Promise<readonly string[] | null> {
    return shortestPath(this.#read, query);
  }

  async close(): Promise<void> {
    if (this.#state.closed) return;
    this.#state.closed = true;
    while (this.#state.underWay > 0) await sleep(5);
    await this.relay.close();
    await this.#database.close();
  }

  /** As a plan at first; where plans collide, in a transaction that takes its locks first. */
  async #transact<R>(work: (tx: GraphTransaction) => Promise<R>): Promise<R> {
    const trial: Trial<R> = { locks: [], sealed: null };
    for (let attempt = 1; ; attempt++) {
      try {
        const isPlanned = attempt <= plannedAttemptsMax && trial.sealed === null;
        const result = await (isPlanned ? this.#plan(work, trial) : this.#lock(work, trial));
        this.relay.nudge();
        return result;
      } catch (error) {
        if (!(error instanceof CollisionError) && !isCollision(error)) throw error;
        if (error instanceof CollisionError) trial.locks.push(...error.refs);
        if (attempt === attemptsMax) {
          throw new StoreUnavailableError(`a transaction collided with others ${attemptsMax} times: try again later`, {
            cause: error,
          });
        }
        if (attempt > plannedAttemptsMax) await sleep(randomInt(attempt * 5));
      }
    }
  }

  async #plan<R>(work: (tx: GraphTransaction) => Promise<R>, trial: Trial<R>): Promise<R> {
    const plan = new Plan();
    const inside = new EnteredPlan(this.#database, plan, this.#checkTopics);
    const tx = new PlannedTransaction({
      plan,
      reads: this.#sharedReads,
      reader: this,
      checkTopics: this.#checkTopics,
      enter: () => inside.enter(),
    });
    const scope = { open: true };
    try {
      const result = await this.#inside.run(scope, () => work(tx));
      tx.end();
      if (tx.failure !== null) throw tx.failure.error;
      if (inside.isEntered) await inside.commit((mark) => (trial.sealed = { mark, result }));
      else if (!plan.isEmpty) await this.#groups.commit(plan);
      return result;
    } finally {
      scope.open = false;
      tx.end();
      await inside.abandon();
    }
  }

  /** One managed transaction. The driver calls the function again when a commit got no answer: then its mark tells whether it was committed all the same. */
  #lock<R>(work: (tx: GraphTransaction) => Promise<R>, trial: Trial<R>): Promise<R> {
    return this.#database.transact(async (run) => {
      if (trial.sealed !== null && (await wasCommitted(run, trial.sealed.mark))) return trial.sealed.result;
      trial.sealed = null;
      const attempt = new Attempt(run);
      const scope = { open: true };
      try {
        await attempt.lockFirst(trial.locks);
        const tx = new Neo4jTransaction(attempt, this.#checkTopics);
        const result = await this.#inside.run(scope, () => work(tx));
        const mark = await attempt.finish(tx.records);
        if (mark !== null) trial.sealed = { mark, result };
        return result;
      } finally {
        scope.open = false;
        attempt.end();
      }
    });
  }

  /** Refuses topics that the event log does not have, before anything is stored that could never be carried. */
  readonly #checkTopics: CheckTopics = async (records) => {
    for (const { topic } of records) {
      if (this.#topics.has(topic)) continue;
      await this.#eventLog.partitionsOf(topic);
      this.#topics.add(topic);
    }
  };
}

async function guarded<R>(
  state: { closed: boolean; underWay: number },
  database: Neo4jDatabase,
  operation: () => Promise<R>,
): Promise<R> {
  if (state.closed) throw new StoreUnavailableError('the graph store is closed');
  state.underWay += 1;
  try {
    return await operation();
  } catch (error) {
    throw neo4jCode(error) === null ? error : translate(error, database.address);
  } finally {
    state.underWay -= 1;
  }
}
