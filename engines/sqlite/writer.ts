import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { NestedTransactionError } from '../nested-transaction.ts';
import type { CommitSignal, TouchedStreams } from './commit-signal.ts';
import type { Connection } from './connection.ts';

/** Most jobs that share one commit: bounds how long the first of them waits for the last. */
const groupMax = 64;
/** Most jobs that may wait. */
const queueMax = 10_000;

/** What a job may touch while it runs; `open` is false from its end on. */
export interface WriteScope {
  readonly connection: Connection;
  readonly touched: TouchedStreams;
  /** Called once what the job wrote is committed, before anybody is told of it. */
  readonly committed: (() => void)[];
  open: boolean;
}
type Work<R> = (scope: WriteScope) => R | Promise<R>;

interface Job {
  readonly work: Work<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export class WriterBusyError extends Error {
  override readonly name = 'WriterBusyError';
}

/**
 * The only writer of a file. Jobs run one after the other, each in a savepoint; those that wait at the same time share one
 * commit and so one fsync. A job's promise settles after that commit; a failing job takes back only what it did itself.
 */
export class Writer {
  readonly connection: Connection;
  readonly #commits: CommitSignal;
  readonly #jobMsMax: number;
  readonly #inside = new AsyncLocalStorage<WriteScope>();
  #queue: Job[] = [];
  #between: (() => void)[] = [];
  #pump: Promise<void> | null = null;
  #closed = false;

  constructor(connection: Connection, commits: CommitSignal, options: { jobMsMax: number }) {
    this.connection = connection;
    this.#commits = commits;
    this.#jobMsMax = options.jobMsMax;
  }

  submit<R>(work: Work<R>): Promise<R> {
    if (this.#inside.getStore()?.open === true) return Promise.reject(new NestedTransactionError());
    if (this.#closed) return Promise.reject(new WriterBusyError('the data file is closed'));
    if (this.#queue.length >= queueMax)
      return Promise.reject(new WriterBusyError(`${queueMax} writes are waiting already: try again later`));
    return new Promise<R>((resolve, reject) => {
      this.#queue.push({ work, resolve: resolve as (value: unknown) => void, reject });
      this.#pump ??= this.#run();
    });
  }

  /** Runs what must not be inside of a transaction, as soon as none is open. */
  between<R>(work: (connection: Connection) => R): Promise<R> {
    if (this.#closed) return Promise.reject(new WriterBusyError('the data file is closed'));
    return new Promise<R>((resolve) => {
      // An async function, so that what `work` throws rejects the promise and not the pump.
      this.#between.push(() => resolve((async () => work(this.connection))()));
      this.#pump ??= this.#run();
    });
  }

  /** Resolves when nothing waits or runs. */
  async idle(): Promise<void> {
    await this.#pump;
  }

  /** Refuses new jobs and resolves when the accepted ones are through. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#pump;
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0 || this.#between.length > 0) {
      // Lets in whoever else wants to write in this turn, and I/O between two groups.
      await nextTurn();
      for (const work of this.#between.splice(0)) work();
      if (this.#queue.length > 0) await this.#commitGroup(this.#queue.splice(0, groupMax));
    }
    this.#pump = null;
  }

  async #commitGroup(jobs: readonly Job[]): Promise<void> {
    const settle: (() => void)[] = [];
    const committed: (() => void)[] = [];
    const touched: TouchedStreams = new Map();
    const { db } = this.connection;
    try {
      this.connection.run('BEGIN IMMEDIATE');
      for (const job of jobs) settle.push(await this.#runJob(job, { touched, committed }));
      this.connection.run('COMMIT');
    } catch (error) {
      if (db.open && db.inTransaction) this.connection.run('ROLLBACK');
      for (const job of jobs) job.reject(error);
      return;
    }
    for (const note of committed) note();
    this.#commits.publish(touched);
    for (const tell of settle) tell();
  }

  /** Runs one job and returns how to tell its outcome once the group is committed. Throws when the whole group is lost. */
  async #runJob(job: Job, group: Pick<WriteScope, 'touched' | 'committed'>): Promise<() => void> {
    const scope: WriteScope = { connection: this.connection, touched: new Map(), committed: [], open: true };
    this.connection.run('SAVEPOINT job');
    try {
      const value = await this.#inTime(this.#inside.run(scope, () => job.work(scope)));
      scope.open = false;
      this.connection.run('RELEASE job');
      for (const [stream, next] of scope.touched) group.touched.set(stream, next);
      group.committed.push(...scope.committed);
      return () => job.resolve(value);
    } catch (error) {
      scope.open = false;
      // SQLite ends the whole transaction by itself after some failures, a full disk among them.
      if (!this.connection.db.inTransaction) throw error;
      this.connection.run('ROLLBACK TO job');
      this.connection.run('RELEASE job');
      return () => job.reject(error);
    }
  }

  /** A transaction that waits for something else holds up every writer: give up on it. */
  async #inTime<R>(result: R | Promise<R>): Promise<R> {
    if (!(result instanceof Promise)) return result;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(
          new Error(
            `a transaction took longer than ${this.#jobMsMax} ms and was rolled back: it must not wait for anything but its own reads and writes`,
          ),
        );
      }, this.#jobMsMax);
    });
    try {
      return await Promise.race([result, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
