import { buildSubgraphSchema } from '@apollo/subgraph';
import { composeServices } from '@theguild/federation-composition';
import { execute, GraphQLError, parse, validate } from 'graphql';
import type { DocumentNode, GraphQLScalarType, GraphQLSchema } from 'graphql';
import { pino } from 'pino';
import type { Claims } from '../../runtime/identity.ts';
import { createEngine } from '../engine.ts';
import type { Result } from '../execution/executor.ts';
import { unknownOperation } from '../execution/executor.ts';
import type { DecidePolicy } from '../operations/policies.ts';
import { defaultLimits } from '../options.ts';
import type { PlannerChoice } from '../planning/planner.ts';
import { createInProcessTransport } from '../transports/in-process.ts';
import type { InProcessExecutor } from '../transports/in-process.ts';
import { SubgraphUnavailableError } from '../transports/transport.ts';
import type { SubgraphRequest, SubgraphTransport } from '../transports/transport.ts';

/** A subgraph of a scenario. `resolvers` as graphql-tools knows them: by type, then field. */
export interface ScenarioSubgraph {
  /** Without a `@link` of its own it speaks the latest version of federation. */
  readonly sdl: string;
  /** 1 for a subgraph that knows nothing of `@link`. */
  readonly federation?: 1;
  readonly resolvers?: Resolvers;
  /** Refuses every request, as a subgraph that is down does. */
  readonly down?: boolean;
}

/** Functions of any arguments: each scenario types its own. */
type Resolvers = Readonly<
  Record<string, GraphQLScalarType | Readonly<Record<string, ((...args: never[]) => unknown) | GraphQLScalarType>>>
>;
type SubgraphModule = Extract<Parameters<typeof buildSubgraphSchema>[0], readonly unknown[]>[number];

/** What a subgraph was asked, without what its execution held on to. */
type RecordedRequest = Pick<SubgraphRequest, 'query' | 'variables' | 'auth' | 'idempotent' | 'traceparent'>;

export interface Scenario {
  readonly supergraphSdl: string;
  readonly transports: Readonly<Record<string, SubgraphTransport>>;
  /** What the subgraphs were asked so far. */
  readonly calls: { readonly subgraph: string; readonly request: RecordedRequest }[];
  /** Answers an operation as a client would get it. */
  run(
    query: string,
    options?: { variables?: Record<string, unknown>; claims?: Claims | null; operationName?: string },
  ): Promise<PlainResult>;
  /** Answers a valid operation in parts, the first one first. */
  runInParts(
    query: string,
    options?: { variables?: Record<string, unknown>; claims?: Claims | null },
  ): Promise<readonly PlainPayload[]>;
}

/** What comes at once of an answer in parts. */
export interface PlainPayload extends PlainResult {
  readonly hasNext: boolean;
  readonly incremental?: readonly (PlainResult & {
    readonly label?: string;
    readonly path: readonly (string | number)[];
  })[];
}

export interface PlainResult {
  readonly data?: unknown;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: Readonly<Record<string, unknown>>;
  }[];
  readonly extensions?: unknown;
}

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@key", "@requires", "@external", "@provides", "@shareable", "@override", "@inaccessible", "@interfaceObject", "@authenticated", "@requiresScopes", "@policy"
])\n`;

export type ComposedScenario = Pick<Scenario, 'supergraphSdl' | 'transports' | 'calls'>;

/** SDL of the supergraph over subgraphs. Throws where they do not fit together. */
export type Compose = (
  services: readonly { readonly name: string; readonly url: string; readonly typeDefs: DocumentNode }[],
) => string;

const composeByGuild: Compose = (services) => {
  const composition = composeServices([...services]);
  if (composition.supergraphSdl === undefined)
    throw new Error(composition.errors.map((error) => error.message).join('\n'));
  return composition.supergraphSdl;
};

/** Composes subgraphs, each reached in process. */
export function composeScenario(
  subgraphs: Readonly<Record<string, ScenarioSubgraph>>,
  compose: Compose = composeByGuild,
): ComposedScenario {
  const services = Object.entries(subgraphs).map(([name, { sdl, federation, resolvers, down }]) => ({
    name,
    resolvers,
    down,
    url: `http://${name}.invalid/graphql`,
    typeDefs: parse(federation === 1 || sdl.includes('@link(') ? sdl : link + sdl),
  }));
  const supergraphSdl = compose(services);
  const calls: { subgraph: string; request: RecordedRequest }[] = [];
  const transports = Object.fromEntries(
    services.map(({ name, typeDefs, resolvers, down }) => {
      const schema = buildSubgraphSchema([{ typeDefs, ...(resolvers ? { resolvers } : {}) } as SubgraphModule]);
      const prepare = createPrepare(schema);
      const answer: InProcessExecutor = async ({ query, variables, operationName }, claims) => {
        const document = prepare(query);
        if (!('kind' in document)) return { errors: document };
        return execute({ schema, document, variableValues: variables, operationName, contextValue: { claims } });
      };
      const inner = createInProcessTransport(answer);
      const counted: SubgraphTransport['execute'] = async (request) => {
        const { query, variables, auth, idempotent, traceparent } = request;
        const recorded = { query, variables, auth, idempotent, ...(traceparent !== undefined && { traceparent }) };
        calls.push({ subgraph: name, request: recorded });
        if (down === true)
          throw new SubgraphUnavailableError(`the subgraph ${name} does not answer`, {
            cause: new Error('connect ECONNREFUSED 10.0.0.1'),
          });
        return inner.execute(request);
      };
      return [name, { execute: counted, close: () => inner.close() }];
    }),
  );
  return { supergraphSdl, transports, calls };
}

/** Parses and validates each text once: what a plan asks again for every event or request is only executed, as real subgraphs do it. */
function createPrepare(schema: GraphQLSchema): (query: string) => DocumentNode | readonly GraphQLError[] {
  const known = new Map<string, DocumentNode | readonly GraphQLError[]>();
  const read = (query: string): DocumentNode | readonly GraphQLError[] => {
    try {
      const document = parse(query);
      const errors = validate(schema, document);
      return errors.length > 0 ? errors : document;
    } catch (error) {
      if (error instanceof GraphQLError) return [error];
      throw error;
    }
  };
  return (query) => {
    const prepared = known.get(query) ?? read(query);
    // Tests ask the same again and again; a bench that never does must not measure what is kept here.
    if (known.size >= 100) known.clear();
    known.set(query, prepared);
    return prepared;
  };
}

/** Composes subgraphs and puts the real planner and executor in front of them. */
export function createScenario(
  subgraphs: Readonly<Record<string, ScenarioSubgraph>>,
  options: {
    operationTimeoutMs?: number;
    policies?: DecidePolicy;
    planner?: PlannerChoice;
    isolatePlanner?: boolean;
    compose?: Compose;
  } = {},
): Scenario {
  const composed = composeScenario(subgraphs, options.compose);
  const engine = createEngine({
    supergraphSdl: composed.supergraphSdl,
    transports: composed.transports,
    logger: pino({ level: 'silent' }),
    limits: defaultLimits,
    introspection: true,
    operationTimeoutMs: options.operationTimeoutMs ?? 5_000,
    onFetch: () => {},
    policies: options.policies,
    planner: options.planner,
    isolatePlanner: options.isolatePlanner,
  });
  return {
    ...composed,
    run: async (query, { variables = {}, claims = null, operationName } = {}) => {
      const prepared = engine.documents.prepare(query);
      if (!prepared.ok) return plain({ errors: prepared.errors });
      const operation = engine.selectOperation(prepared, operationName);
      if (!operation) return plain({ errors: [unknownOperation(operationName)] });
      return plain(await engine.executor.execute({ operation, variables, claims }));
    },
    runInParts: async (query, { variables = {}, claims = null } = {}) => {
      const prepared = engine.documents.prepare(query);
      const operation = prepared.ok ? engine.selectOperation(prepared, undefined) : undefined;
      if (!operation) throw new Error(`not a valid operation: ${query}`);
      const payloads: unknown[] = [];
      await engine.executor.executeInParts(
        { operation, variables, claims },
        {
          onFirst: (result, hasNext) => void payloads.push({ ...result, hasNext }),
          onNext: (incremental, hasNext) => void payloads.push({ incremental, hasNext }),
        },
      );
      return JSON.parse(JSON.stringify(payloads)) as readonly PlainPayload[];
    },
  };
}

/** As it is after JSON: what a client can see of it. */
function plain(result: Result): PlainResult {
  return JSON.parse(JSON.stringify(result)) as PlainResult;
}
