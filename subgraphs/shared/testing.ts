import { randomBytes } from 'node:crypto';
import type { ExecutionResult } from 'graphql';
import type { EventLog } from '../../engines/event-log/port.ts';
import type { GraphStore } from '../../engines/graph-store/port.ts';
import type { Warehouse } from '../../engines/warehouse/port.ts';
import { HlcClock, type WallClock } from '../../runtime/hlc-clock.ts';
import type { Claims } from '../../runtime/identity.ts';
import { createLogger } from '../../runtime/logger.ts';
import { type KnownEvent, decodeEventRecord } from '../../schema/events/catalogue.ts';
import { noteSigner } from '../../schema/merkle/signed-note.ts';
import { topics } from '../../schema/topics.ts';
import type { SubgraphDependencies } from './context.ts';
import { createSubgraphExecutor } from './subgraph-executor.ts';
import type { Subgraph } from './subgraph.ts';

export interface MutationOutcome {
  readonly eventIds: readonly string[];
  readonly userErrors: readonly { readonly code: string; readonly path: readonly string[] }[];
}

/** What a subgraph's integration tests work with: real engines, and the gateway's part played by hand. */
export interface SubgraphBench {
  readonly dependencies: SubgraphDependencies;
  /** The claims of a login by name. */
  claimsOf(login: string): Claims;
  /** The data of an operation that must succeed; null asks without a token. */
  query<T>(login: string | null, query: string, variables?: Record<string, unknown>): Promise<T>;
  /** The whole answer, errors included. */
  ask(login: string | null, query: string, variables?: Record<string, unknown>): Promise<ExecutionResult>;
  /** What a mutation answers to this input; `selection` is its result, beside events and errors. */
  mutate<P>(login: string, name: string, input: object, selection: string): Promise<P & MutationOutcome>;
  /** Fields of entities of one type, as the gateway asks for them. */
  entities<T>(login: string | null, type: string, ids: readonly string[], fields: string): Promise<readonly T[]>;
  /** Every event of the log so far, in order. */
  events(): Promise<readonly KnownEvent[]>;
}

const eventsMax = 100_000;

export function createBench(
  subgraph: Subgraph,
  engines: { store: GraphStore; eventLog: EventLog; warehouse?: Warehouse },
  options: { wall?: WallClock; reputationSeeds?: readonly string[]; seedTermMs?: number } = {},
): SubgraphBench {
  const dependencies: SubgraphDependencies = {
    store: engines.store,
    eventLog: engines.eventLog,
    warehouse: engines.warehouse ?? unused('warehouse'),
    clock: new HlcClock({ node: 'live:test', ...(options.wall && { wall: options.wall }) }),
    masterKey: randomBytes(32),
    region: 'test',
    signer: {
      ...noteSigner('vcos.test/canon', randomBytes(32)),
      root: noteSigner('vcos.test/canon/root', randomBytes(32)),
    },
    reputationSeeds: options.reputationSeeds ?? [],
    seedTermMs: options.seedTermMs ?? null,
    logger: createLogger('silent'),
  };
  const execute = createSubgraphExecutor(subgraph, dependencies);
  const claimsOf = (login: string): Claims => ({
    issuer: 'test',
    subject: login,
    scopes: ['read', 'write'],
    expiresAt: Number.MAX_SAFE_INTEGER,
  });
  const ask = (
    login: string | null,
    query: string,
    variables: Record<string, unknown> = {},
  ): Promise<ExecutionResult> => execute({ query, variables }, login === null ? null : claimsOf(login));
  const query = async <T>(login: string | null, text: string, variables?: Record<string, unknown>): Promise<T> => {
    const { data, errors } = await ask(login, text, variables);
    if (errors) throw new Error(errors.map((error) => error.message).join('; '));
    return data as T;
  };
  return {
    dependencies,
    claimsOf,
    ask,
    query,
    mutate: async <P>(login: string, name: string, input: object, selection: string) => {
      const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
      const payload = `${selection} eventIds userErrors { code path }`;
      const operation = `mutation ($input: ${type}!) { answer: ${name}(input: $input) { ${payload} } }`;
      return (await query<{ answer: P & MutationOutcome }>(login, operation, { input })).answer;
    },
    entities: async <T>(login: string | null, type: string, ids: readonly string[], fields: string) => {
      const operation = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on ${type} { ${fields} } } }`;
      const representations = ids.map((id) => ({ __typename: type, id }));
      return (await query<{ _entities: T[] }>(login, operation, { r: representations }))._entities;
    },
    events: () => readEvents(engines.eventLog),
  };
}

async function readEvents(eventLog: EventLog): Promise<readonly KnownEvent[]> {
  const records = await eventLog.read({ topic: topics.events.name, partition: 0, from: 0, limit: eventsMax });
  return records.map(({ value }) => {
    const decoded = decodeEventRecord(value);
    if (decoded.kind !== 'event') throw new Error(`the log holds ${decoded.kind} where an event was expected`);
    return decoded.event;
  });
}

/** The store itself, with a list of which of its members were called. */
export function countReads(store: GraphStore, calls: string[]): GraphStore {
  return new Proxy(store, {
    get(target, name: keyof GraphStore) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        calls.push(name);
        return Reflect.apply(member, target, args);
      };
    },
  });
}

/** Stands where a test needs no engine, and says so when it turns out to need it. */
function unused<T extends object>(name: string): T {
  return new Proxy({} as T, {
    get: () => {
      throw new Error(`this test gave no ${name}`);
    },
  });
}
