import type { TopicSpec } from '../../../schema/topics.ts';
import type { ConsumeOptions, EventLog, LogRecord, OutgoingRecord } from '../port.ts';

/** What an adapter gives the suite: logs over one storage, opened one after the other. */
export interface EventLogAdapter {
  /** Opens the storage with `revokeMsMax` (how long a handler may hold up a rebalance) at about this many milliseconds. */
  open(revokeMsMax: number): Promise<EventLog>;
  /** Lets go of an open log as a killed process does: from now on nothing of it is committed. */
  crash(log: EventLog): Promise<void>;
  /** Removes the storage. */
  dispose(): Promise<void>;
  /** Whether a repeated id is dropped by the engine itself. */
  readonly dropsRepetitions: boolean;
  /** How long a handler may hold up a rebalance, in milliseconds: longer than a commit takes on a busy machine. */
  readonly revokeMsMax: number;
  /** How many random stories are played through. */
  readonly stories: number;
}

/** The log under test. Tests share its storage, so each makes topics and groups of its own. */
export class Subject {
  readonly #make: () => Promise<EventLogAdapter>;
  adapter!: EventLogAdapter;
  log!: EventLog;
  #names = 0;

  constructor(make: () => Promise<EventLogAdapter>) {
    this.#make = make;
  }

  async start(): Promise<void> {
    this.adapter = await this.#make();
    this.log = await this.adapter.open(this.adapter.revokeMsMax);
  }

  async stop(): Promise<void> {
    await this.log.close();
    await this.adapter.dispose();
  }

  async reopen(): Promise<void> {
    await this.log.close();
    this.log = await this.adapter.open(this.adapter.revokeMsMax);
  }

  async crash(): Promise<void> {
    await this.adapter.crash(this.log);
    this.log = await this.adapter.open(this.adapter.revokeMsMax);
  }

  name(kind: string): string {
    this.#names += 1;
    return `${kind}-${this.#names}`;
  }

  async topic(spec: Partial<TopicSpec> = {}): Promise<string> {
    const name = this.name('topic');
    await this.log.ensureTopics([{ name, partitions: 1, cleanup: 'keep', ...spec }]);
    return name;
  }

  async readAll(topic: string): Promise<readonly LogRecord[]> {
    const records: LogRecord[] = [];
    for (let partition = 0; partition < (await this.log.partitionsOf(topic)); partition++) {
      records.push(...(await this.log.read({ topic, partition, from: 0, limit: 100_000 })));
    }
    return records;
  }

  async ids(topic: string): Promise<readonly string[]> {
    return (await this.readAll(topic)).map(({ id }) => plain(id));
  }

  /** The options of a consumer that fails the test with whatever goes wrong, unless told otherwise. */
  consumer(given: Pick<ConsumeOptions, 'topics' | 'onBatch'> & Partial<ConsumeOptions>): ConsumeOptions {
    const onError = (error: unknown): void => {
      throw error;
    };
    return { group: this.name('group'), batchMax: 100, onError, ...given };
  }

  /** Resolves when a group has committed everything that its topics hold. */
  async caughtUp(group: string, topics: readonly string[]): Promise<void> {
    await until(async () => (await this.log.lag(group, topics)).every(({ lag }) => lag === 0));
  }
}

/** Asks again and again; the test's own time limit ends it. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 2));
}

export function record(topic: string, id: string, given: Partial<OutgoingRecord> = {}): OutgoingRecord {
  return { topic, id, key: id, value: JSON.stringify({ id }), ...given };
}

/** `<prefix>0` to `<prefix>(count - 1)`, as records of one topic. */
export function numbered(
  topic: string,
  count: number,
  given: { prefix?: string; key?: (n: number) => string } = {},
): OutgoingRecord[] {
  const { prefix = 'r', key } = given;
  return Array.from({ length: count }, (_, n) => record(topic, `${prefix}${n}`, key ? { key: key(n) } : {}));
}

let copiesMade = 0;

/**
 * What a handler that copies its input to another topic returns. Each attempt gives its outputs other ids, so that nobody but the transaction
 * can keep them from being stored twice; `plain` makes them comparable.
 */
export function copies(topic: string, records: readonly LogRecord[]): OutgoingRecord[] {
  return records.map(({ key, id, value }) => ({ topic, key, id: `copy-${id}#${copiesMade++}`, value }));
}

export function plain(id: string): string {
  return id.replace(/#\d+$/, '');
}

/** A door that a handler waits at until the test opens it. */
export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

export function gate(): Gate {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return { opened: promise, open: () => resolve(undefined) };
}
