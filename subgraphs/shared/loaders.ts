import DataLoader from 'dataloader';
import type {
  Direction,
  FindNeighbours,
  GraphEdge,
  GraphNode,
  GraphReader,
  Neighbour,
  Page,
} from '../../engines/graph-store/port.ts';
import type { EdgeType, NodeProps, NodeType } from '../../schema/graph/catalogue.ts';

/** One set per request: everything that resolvers read of the graph is batched and read once. */
export interface Loaders {
  /** The type of a node of which only the id is known. */
  location(): DataLoader<string, NodeType | null>;
  node<T extends NodeType>(type: T): DataLoader<string, GraphNode<T> | null>;
  /** By a property that the catalogue declares unique. */
  unique<T extends NodeType>(type: T, property: keyof NodeProps[T] & string): DataLoader<string, GraphNode<T> | null>;
  edge<E extends EdgeType>(
    type: E,
  ): DataLoader<{ readonly from: string; readonly to: string; readonly key?: string }, GraphEdge<E> | null, string>;
  degree(edge: EdgeType, direction: Direction): DataLoader<string, number>;
  neighbours<E extends EdgeType>(query: Omit<FindNeighbours<E>, 'ids'>): DataLoader<string, Page<Neighbour<E>>>;
  /** A loader of the subgraph's own (of warehouse rows, say), made once per request; `name` tells it from others. */
  own<L>(name: string, make: () => L): L;
  /** Forgets what was read: for the moment after a write, so that the answer tells the new state. */
  clear(): void;
}

const batchMax = 500;

export function createLoaders(reader: GraphReader): Loaders {
  const cache = new Map<string, unknown>();
  const once = <L>(name: string, make: () => L): L => {
    const known = cache.get(name) as L | undefined;
    if (known !== undefined) return known;
    const made = make();
    cache.set(name, made);
    return made;
  };
  return {
    location: () =>
      once(
        'location',
        () => new DataLoader<string, NodeType | null>((ids) => reader.locate(ids), { maxBatchSize: batchMax }),
      ),
    node: <T extends NodeType>(type: T) =>
      once(
        `node ${type}`,
        () => new DataLoader<string, GraphNode<T> | null>((ids) => reader.get(type, ids), { maxBatchSize: batchMax }),
      ),
    unique: <T extends NodeType>(type: T, property: keyof NodeProps[T] & string) =>
      once(
        `unique ${type} ${property}`,
        () =>
          new DataLoader<string, GraphNode<T> | null>((values) => reader.findUnique(type, property, values), {
            maxBatchSize: batchMax,
          }),
      ),
    edge: <E extends EdgeType>(type: E) =>
      once(
        `edge ${type}`,
        () =>
          new DataLoader<
            { readonly from: string; readonly to: string; readonly key?: string },
            GraphEdge<E> | null,
            string
          >((ends) => reader.edges(type, ends), {
            maxBatchSize: batchMax,
            cacheKeyFn: (ends) => JSON.stringify([ends.from, ends.to, ends.key ?? '']),
          }),
      ),
    degree: (edge, direction) =>
      once(
        `degree ${edge} ${direction}`,
        () => new DataLoader<string, number>((ids) => reader.degrees(edge, direction, ids), { maxBatchSize: batchMax }),
      ),
    neighbours: <E extends EdgeType>(query: Omit<FindNeighbours<E>, 'ids'>) =>
      once(
        `neighbours ${JSON.stringify(query)}`,
        () =>
          new DataLoader<string, Page<Neighbour<E>>>((ids) => reader.neighbours<E>({ ...query, ids }), {
            maxBatchSize: batchMax,
          }),
      ),
    own: (name, make) => once(`own ${name}`, make),
    clear: () => cache.clear(),
  };
}
