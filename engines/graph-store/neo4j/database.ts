import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import neo4j, { type Driver, type ManagedTransaction, type Session } from 'neo4j-driver';
import { StoreUnavailableError } from '../port.ts';
import type { Row, Run } from './cypher.ts';
import { isPassing, neo4jCode } from './failures.ts';

export interface Neo4jOptions {
  /** `bolt://`, `neo4j://` and their encrypted forms, without a user. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** How long one operation goes on trying while the server is away or transactions collide, in milliseconds. */
  readonly retryMsMax?: number;
  /** How long one attempt at a transaction may take, in milliseconds; then the server ends it. */
  readonly transactionMsMax?: number;
}

export interface OpenTransaction {
  readonly run: Run;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** The oldest server whose Cypher the adapter speaks. */
const oldest = { major: 5, minor: 26 } as const;
const retryMsDefault = 10_000;
const commandAttemptsMax = 20;
const transactionMsDefault = 30_000;
/** A constraint over much data takes as long as it takes: cut short, it would be begun anew for ever. */
const commandMsMax = 3_600_000;

/** One database of a server through the driver: statements by themselves, and managed transactions. */
export class Neo4jDatabase {
  readonly address: string;
  readonly #driver: Driver;
  readonly #database: string;
  readonly #timeout: number;

  constructor(options: Neo4jOptions) {
    this.address = new URL(options.url).host;
    this.#database = options.database;
    this.#timeout = options.transactionMsMax ?? transactionMsDefault;
    const retryMsMax = options.retryMsMax ?? retryMsDefault;
    this.#driver = neo4j.driver(options.url, neo4j.auth.basic(options.user, options.password), {
      disableLosslessIntegers: true,
      maxTransactionRetryTime: retryMsMax,
      connectionAcquisitionTimeout: retryMsMax,
      connectionTimeout: Math.min(5_000, retryMsMax),
      userAgent: 'vcos-federation',
    });
  }

  /** Rejects with {@link StoreUnavailableError} where the server is too old, and with the driver's error where it cannot be had. */
  async verify(): Promise<void> {
    const { agent } = await this.#driver.getServerInfo({ database: this.#database });
    checkVersion(agent ?? '', this.address);
  }

  /** A read outside of any transaction. */
  readonly read: Run = (cypher, parameters) => this.#alone(cypher, parameters, neo4j.routing.READ);
  /** A statement that may write, in a transaction of its own. */
  readonly write: Run = (cypher, parameters) => this.#alone(cypher, parameters, neo4j.routing.WRITE);

  /** A schema command. Processes that start together block and overtake each other in them: then it is tried again. */
  readonly command: Run = async (cypher, parameters) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.transact((run) => run(cypher, parameters), commandMsMax);
      } catch (error) {
        const isOvertaken = neo4jCode(error)?.includes('AlreadyExists') === true;
        if (!isOvertaken || attempt === commandAttemptsMax) throw error;
        await sleep(randomInt(50, 250));
      }
    }
  };

  /** A managed transaction: the driver runs `work` again after deadlocks and lost connections, also lost while it committed. */
  async transact<R>(work: (run: Run) => Promise<R>, timeout = this.#timeout): Promise<R> {
    const session = this.#session();
    try {
      return await session.executeWrite((tx) => work(runIn(tx)), { timeout });
    } finally {
      await session.close();
    }
  }

  /**
   * The same for short work: its beginning travels with its first statements instead of before them, and the first try is nobody's to repeat. What
   * `work` gave is known to be committed only when this resolves.
   */
  async transactAtOnce<R>(work: (run: Run) => Promise<R>): Promise<R> {
    const session = this.#session();
    try {
      const tx = session.beginTransaction({ timeout: this.#timeout });
      try {
        const result = await work(runIn(tx));
        await tx.commit();
        return result;
      } catch (error) {
        // The transaction has ended already where the server or the connection ended it.
        await tx.rollback().catch(() => undefined);
        if (!isPassing(error)) throw error;
      }
    } finally {
      await session.close();
    }
    return this.transact(work);
  }

  /** A transaction that stays open while other things are done. Nobody runs it again: that is for its owner to do. */
  async begin(): Promise<OpenTransaction> {
    const session = this.#session();
    const ending = async (how: () => Promise<void>): Promise<void> => {
      try {
        await how();
      } finally {
        await session.close();
      }
    };
    try {
      const tx = await session.beginTransaction({ timeout: this.#timeout });
      return { run: runIn(tx), commit: () => ending(() => tx.commit()), rollback: () => ending(() => tx.rollback()) };
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#driver.close();
  }

  #session(): Session {
    return this.#driver.session({
      database: this.#database,
      defaultAccessMode: neo4j.session.WRITE,
      bookmarkManager: this.#driver.executeQueryBookmarkManager,
    });
  }

  async #alone(cypher: string, parameters: object, routing: 'READ' | 'WRITE'): Promise<readonly Row[]> {
    const { records } = await this.#driver.executeQuery(cypher, parameters, { database: this.#database, routing });
    return records.map((record) => record.toObject());
  }
}

function runIn(tx: Pick<ManagedTransaction, 'run'>): Run {
  return async (cypher, parameters) => (await tx.run(cypher, parameters)).records.map((record) => record.toObject());
}

function checkVersion(agent: string, address: string): void {
  const [, major = 0, minor = 0] = (/^Neo4j\/(\d+)\.(\d+)/.exec(agent) ?? []).map(Number);
  if (major > oldest.major || (major === oldest.major && minor >= oldest.minor)) return;
  throw new StoreUnavailableError(
    `the server at ${address} is ${agent === '' ? 'of an unknown kind' : agent}: Neo4j ${oldest.major}.${oldest.minor} or later is needed`,
  );
}
