import { AsyncLocalStorage } from 'node:async_hooks';
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventLog, OutgoingRecord } from '../event-log/port.ts';
import { NestedTransactionError } from '../nested-transaction.ts';
import { OutboxRelay } from '../outbox/relay.ts';
import type { Run } from './neo4j/cypher.ts';
import type { Neo4jDatabase, Neo4jOptions } from './neo4j/database.ts';
import { isCollision, neo4jCode, translate } from './neo4j/failures.ts';
import { openNeo4jDatabase } from './neo4j/open-database.ts';
import { type CommitMark, Neo4jOutbox, wasCommitted } from './neo4j/outbox.ts';
import { recommend, shortestPath } from './neo4j/paths.ts';
import { CollisionError, type LockRef } from './neo4j/read-set.ts';
import { Neo4jReader } from './neo4j/reader.ts';
import { Attempt, Neo4jTransaction } from './neo4j/transaction.ts';
import { type GraphStore, type GraphTransaction, type Recommendation, StoreUnavailableError } from './port.ts';

/** Every collision takes its node's lock on the next attempt: more than a few mean that the work reads something new each time. */
const attemptsMax = 30;

export interface Neo4jGraphStoreOptions extends Neo4jOptions {
  /** Where the outbox is carried to. It must stay open until the store is closed. */
  readonly eventLog: EventLog;
  /** Told of every failure of the relay, which goes on by itself. */
  readonly onError: (error: unknown) => void;
  readonly leaseMs?: number;
}

/** Opens the operational graph on a Neo4j server and starts to carry its outbox. Rejects with {@link StoreUnavailableError}. */
export async function openNeo4jGraphStore(options: Neo4jGraphStoreOptions): Promise<Neo4jGraphStore> {
  const database = await openNeo4jDatabase(options);
  const { eventLog, onError, leaseMs } = options;
  const relay = new OutboxRelay({
    outbox: new Neo4jOutbox(database),
    eventLog,
    onError: (error) => onError(translate(error, database.address)),
    ...(leaseMs === undefined ? {} : { leaseMs }),
  });
  relay.start();
  return new Neo4jGraphStore({ database, relay, eventLog });
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

  constructor({ database, relay, eventLog }: Parts) {
    const state = { closed: false, underWay: 0 };
    const read: Run = (cypher, parameters) => guarded(state, database, () => database.read(cypher, parameters));
    super(read);
    this.#database = database;
    this.#eventLog = eventLog;
    this.#state = state;
    this.#read = read;
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

  async #transact<R>(work: (tx: GraphTransaction) => Promise<R>): Promise<R> {
    const locks: LockRef[] = [];
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(work, locks);
      } catch (error) {
        if (!(error instanceof CollisionError) && !isCollision(error)) throw error;
        if (error instanceof CollisionError) locks.push(...error.refs);
        if (attempt === attemptsMax) {
          throw new StoreUnavailableError(`a transaction collided with others ${attemptsMax} times: try again later`, {
            cause: error,
          });
        }
        await sleep(randomInt(attempt * 5));
      }
    }
  }

  /** One managed transaction. The driver calls the function again when a commit got no answer: then its mark tells whether it was committed all the same. */
  async #attempt<R>(work: (tx: GraphTransaction) => Promise<R>, locks: readonly LockRef[]): Promise<R> {
    let sealed: { readonly mark: CommitMark; readonly result: R } | null = null;
    const result = await this.#database.transact(async (run) => {
      if (sealed !== null && (await wasCommitted(run, sealed.mark))) return sealed.result;
      sealed = null;
      const attempt = new Attempt(run);
      const scope = { open: true };
      try {
        await attempt.lockFirst(locks);
        const tx = new Neo4jTransaction(attempt, (records) => this.#checkTopics(records));
        const value = await this.#inside.run(scope, () => work(tx));
        const mark = await attempt.finish(tx.records);
        if (mark !== null) sealed = { mark, result: value };
        return value;
      } finally {
        scope.open = false;
        attempt.end();
      }
    });
    this.relay.nudge();
    return result;
  }

  /** Refuses topics that the event log does not have, before anything is stored that could never be carried. */
  async #checkTopics(records: readonly OutgoingRecord[]): Promise<void> {
    for (const { topic } of records) {
      if (this.#topics.has(topic)) continue;
      await this.#eventLog.partitionsOf(topic);
      this.#topics.add(topic);
    }
  }
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
