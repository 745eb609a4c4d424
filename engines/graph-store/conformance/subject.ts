import type { EdgeType, NodeProps, NodeType } from '../../../schema/graph/catalogue.ts';
import type { EventLog } from '../../event-log/port.ts';
import type { FindNeighbours, GraphStore, Keyset, Neighbour, Page } from '../port.ts';

/** A store and the log that its transactions append to. */
export interface GraphEngines {
  readonly store: GraphStore;
  readonly eventLog: EventLog;
}

/** What an adapter gives the suite: engines over one storage, opened one after the other. */
export interface GraphStoreAdapter {
  open(): Promise<GraphEngines>;
  /** Removes the storage. */
  dispose(): Promise<void>;
}

export const topic = 'changes';
export const since = (n: number): string => new Date(1_700_000_000_000 + n * 1_000).toISOString();

/** The store under test. Tests share its storage, so each makes nodes of its own. */
export class Subject {
  readonly #make: () => Promise<GraphStoreAdapter>;
  #adapter!: GraphStoreAdapter;
  #engines!: GraphEngines;
  #names = 0;

  constructor(make: () => Promise<GraphStoreAdapter>) {
    this.#make = make;
  }

  get store(): GraphStore {
    return this.#engines.store;
  }

  async start(): Promise<void> {
    this.#adapter = await this.#make();
    this.#engines = await this.#adapter.open();
    await this.#engines.eventLog.ensureTopics([{ name: topic, partitions: 1, cleanup: 'keep' }]);
  }

  async stop(): Promise<void> {
    await this.#close();
    await this.#adapter.dispose();
  }

  async reopen(): Promise<void> {
    await this.#close();
    this.#engines = await this.#adapter.open();
  }

  name(kind: string): string {
    this.#names += 1;
    return `${kind}-${String(this.#names).padStart(6, '0')}`;
  }

  put<T extends NodeType>(type: T, id: string, props: NodeProps[T]): Promise<number> {
    return this.store.transact((tx) => tx.put({ type, id, props }));
  }

  /** As many creators as asked for; their ids, in order. */
  async creators(count: number, skills: readonly string[] = []): Promise<string[]> {
    const ids = Array.from({ length: count }, () => this.name('creator'));
    await this.store.transact(async (tx) => {
      for (const id of ids) await tx.put({ type: 'Creator', id, props: creator(id, { skills }) });
    });
    return ids;
  }

  /** All neighbours of a query's only id, page by page; `between` is called after each. */
  walkNeighbours<E extends EdgeType>(
    query: FindNeighbours<E>,
    between: (page: Page<Neighbour<E>>) => Promise<void> = () => Promise.resolve(),
  ): Promise<Neighbour<E>[]> {
    return walk(async (after) => {
      const [page] = await this.store.neighbours({ ...query, ...(after && { after }) });
      if (page === undefined) throw new Error('no page came for an id');
      await between(page);
      return page;
    });
  }

  /** Ids of the events that the log holds for a key. */
  async events(key: string): Promise<readonly string[]> {
    const records = await this.#engines.eventLog.read({ topic, partition: 0, from: 0, limit: 1_000_000 });
    return records.filter((record) => record.key === key).map(({ id }) => id);
  }

  async #close(): Promise<void> {
    await this.#engines.store.close();
    await this.#engines.eventLog.close();
  }
}

export function creator(id: string, given: Partial<NodeProps['Creator']> = {}): NodeProps['Creator'] {
  return {
    username: id,
    usernameKey: id,
    identity: `test|${id}`,
    displayName: id,
    bio: '',
    creatorType: 'ARTIST',
    skills: [],
    state: 'ACTIVE',
    registeredAt: since(0),
    lastActiveAt: since(0),
    publicMetrics: [],
    ...given,
  };
}

export function artifact(given: Partial<NodeProps['Artifact']> = {}): NodeProps['Artifact'] {
  return {
    title: 'a work',
    kind: 'MEDIA',
    summary: '',
    tags: [],
    visibility: 'PUBLIC',
    credits: [],
    contentHash: '',
    revision: 1,
    publishedAt: since(0),
    revisedAt: since(0),
    acceptedAt: '',
    positiveJudgements: 0,
    negativeJudgements: 0,
    ...given,
  };
}

export function post(spaceId: string, postedAt: string): NodeProps['Post'] {
  return { spaceId, authorId: 'somebody', body: 'said', inReplyTo: '', postedAt };
}

const pagesMax = 1_000;

/** Everything of a paged list, page by page; a list that does not end is an error. */
export async function walk<T>(page: (after: Keyset | undefined) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let after: Keyset | undefined;
  for (let pages = 0; pages < pagesMax; pages++) {
    const { items: some, keysets, hasMore } = await page(after);
    items.push(...some);
    after = keysets.at(-1);
    if (!hasMore) return items;
  }
  throw new Error(`a list has not ended after ${pagesMax} pages`);
}
