import { type EdgeType, type NodeType, nodeCatalogue } from '../../schema/graph/catalogue.ts';
import type { Connection } from '../sqlite/connection.ts';
import { checkUnique } from './catalogue-checks.ts';
import { findNeighbours } from './find-neighbours.ts';
import { countNodes, findNodes } from './find-nodes.ts';
import type {
  Direction,
  FindNeighbours,
  FindNodes,
  GraphEdge,
  GraphNode,
  GraphReader,
  Neighbour,
  Page,
} from './port.ts';

const typeList = Object.keys(nodeCatalogue) as NodeType[];
const locateSql = `SELECT type FROM nodes WHERE type IN (${typeList.map(() => '?').join(', ')}) AND id = ?`;

interface NodeRow {
  readonly id: string;
  readonly version: number;
  readonly props: string;
}

/** Runs a read; turns what it throws into the port's errors. */
export type Guard = <R>(read: () => R) => Promise<R>;

/** The reading verbs on one connection: the reader's for committed data, the writer's inside of a transaction. */
export class TableReader implements GraphReader {
  readonly #connection: Connection;
  readonly #guard: Guard;

  constructor(connection: Connection, guard: Guard) {
    this.#connection = connection;
    this.#guard = guard;
  }

  get<T extends NodeType>(type: T, ids: readonly string[]): Promise<readonly (GraphNode<T> | null)[]> {
    return this.#guard(() => ids.map((id) => this.#node(type, id)));
  }

  locate(ids: readonly string[]): Promise<readonly (NodeType | null)[]> {
    return this.#guard(() =>
      ids.map((id) => {
        const found = this.#connection.all<{ type: NodeType }>(locateSql, ...typeList, id).map(({ type }) => type);
        // Types may share an id; the catalogue names what people know before what the platform keeps for itself.
        return typeList.find((type) => found.includes(type)) ?? null;
      }),
    );
  }

  findUnique<T extends NodeType>(
    type: T,
    property: keyof GraphNode<T>['props'] & string,
    values: readonly string[],
  ): Promise<readonly (GraphNode<T> | null)[]> {
    return this.#guard(() => {
      checkUnique(type, property);
      return values.map((value) => {
        const row = this.#connection.get<{ id: string }>(
          'SELECT id FROM node_unique WHERE type = ? AND property = ? AND value = ?',
          type,
          property,
          value,
        );
        return row ? this.#node(type, row.id) : null;
      });
    });
  }

  find<T extends NodeType>(query: FindNodes<T>): Promise<Page<GraphNode<T>>> {
    return this.#guard(() => findNodes(this.#connection, query));
  }

  count<T extends NodeType>(type: T, where?: FindNodes<T>['where']): Promise<number> {
    return this.#guard(() => countNodes(this.#connection, type, where));
  }

  edges<E extends EdgeType>(
    type: E,
    ends: readonly { from: string; to: string; key?: string }[],
  ): Promise<readonly (GraphEdge<E> | null)[]> {
    return this.#guard(() =>
      ends.map(({ from, to, key = '' }) => {
        const row = this.#connection.get<{ props: string }>(
          'SELECT props FROM edges WHERE type = ? AND source = ? AND target = ? AND key = ?',
          type,
          from,
          to,
          key,
        );
        return row ? { type, from, to, key, props: JSON.parse(row.props) as GraphEdge<E>['props'] } : null;
      }),
    );
  }

  neighbours<E extends EdgeType>(query: FindNeighbours<E>): Promise<readonly Page<Neighbour<E>>[]> {
    return this.#guard(() => findNeighbours(this.#connection, query));
  }

  degrees<E extends EdgeType>(edge: E, direction: Direction, ids: readonly string[]): Promise<readonly number[]> {
    return this.#guard(() =>
      ids.map((id) => {
        const row = this.#connection.get<{ outgoing: number; incoming: number }>(
          'SELECT outgoing, incoming FROM degrees WHERE type = ? AND id = ?',
          edge,
          id,
        );
        if (row === undefined) return 0;
        return (direction === 'in' ? 0 : row.outgoing) + (direction === 'out' ? 0 : row.incoming);
      }),
    );
  }

  #node<T extends NodeType>(type: T, id: string): GraphNode<T> | null {
    const row = this.#connection.get<NodeRow>(
      'SELECT id, version, props FROM nodes WHERE type = ? AND id = ?',
      type,
      id,
    );
    return row ? { type, id, version: row.version, props: JSON.parse(row.props) as GraphNode<T>['props'] } : null;
  }
}
