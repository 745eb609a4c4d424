import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { composeServices } from '@apollo/composition';
import { pino } from 'pino';
import type { PlannerChoice } from '../../planning/planner.ts';
import type { Gateway } from '../../gateway.ts';
import { createStandaloneGateway } from '../../standalone.ts';
import { Deadline } from '../../transports/deadline.ts';
import { composeScenario } from '../harness.ts';
import type { ComposedScenario, Compose, PlainResult, ScenarioSubgraph } from '../harness.ts';

/** One operation of a category and all that a client gets for it. */
export interface FederationCase {
  /** What it shows. */
  readonly shows: string;
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Undefined where the operation must not run at all. */
  readonly data?: unknown;
  /** What Apollo's planner alone plans wrongly, which is found out and refused. */
  readonly apolloRefuses?: true;
  /** As `code at path`, in any order. Unset, there may be none. */
  readonly errors?: readonly string[];
}

/** A category of what a federation gateway has to get right: tiny subgraphs, and what is asked of them. */
export interface FederationScenario {
  readonly name: string;
  readonly subgraphs: Readonly<Record<string, ServedSubgraph>>;
  readonly overrideLabels?: readonly string[];
  readonly cases: readonly FederationCase[];
}

export interface ServedSubgraph extends ScenarioSubgraph {
  /** Answers in place of the subgraph, as a broken server would. */
  readonly answer?: (response: ServerResponse) => void;
}

/** Every category runs on each: on both planners as they are meant to be used, and on the second alone. */
export const planners = ['auto', 'apollo'] as const satisfies readonly PlannerChoice[];
type Planners = (typeof planners)[number];

export interface ServedScenario {
  ask(planner: Planners, query: string, variables?: Readonly<Record<string, unknown>>): Promise<PlainResult>;
  stop(): Promise<void>;
}

/** The reference composition, as most supergraphs in the world come from it. */
/** By Apollo's own composition. */
export const composeByApollo: Compose = (services) => {
  const { supergraphSdl, errors } = composeServices(services.map((service) => ({ ...service })));
  if (supergraphSdl === undefined) throw new Error(errors.map((error) => error.message).join('\n'));
  return supergraphSdl;
};

/** Puts the standalone gateway before the subgraphs of a scenario, each of them behind HTTP. */
export async function serveScenario(scenario: FederationScenario): Promise<ServedScenario> {
  const { name, subgraphs, overrideLabels } = scenario;
  const composed = composeScenario(subgraphs, composeByApollo);
  const server = createServer((request, response) => void answerRequest(scenario, composed, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const subgraphUrls = Object.fromEntries(
    Object.keys(subgraphs).map((subgraph) => [subgraph, `http://127.0.0.1:${port}/${subgraph}`]),
  );
  const logger = pino({ level: 'silent', name });
  const supergraph = composed.supergraphSdl;
  const gateways = new Map<Planners, Gateway>();
  for (const planner of planners) {
    const options = { port: 0, host: '127.0.0.1', supergraph, subgraphUrls, planner, overrideLabels, logger };
    const gateway = createStandaloneGateway(options);
    await gateway.start();
    gateways.set(planner, gateway);
  }
  return {
    ask: async (planner, query, variables) => {
      const response = await fetch(gateways.get(planner)?.address?.url ?? '', {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify({ query, variables }),
      });
      return (await response.json()) as PlainResult;
    },
    stop: async () => {
      await Promise.all([...gateways.values()].map((gateway) => gateway.stop()));
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answerRequest(
  { subgraphs }: FederationScenario,
  { transports }: ComposedScenario,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const subgraph = request.url?.slice(1) ?? '';
  const { query, variables } = (await json(request)) as { query: string; variables: Record<string, unknown> };
  const answer = subgraphs[subgraph]?.answer;
  if (answer) return answer(response);
  const deadline = new Deadline(5_000);
  const auth = { claims: null, handshake: '' };
  const result = await transports[subgraph]?.execute({ query, variables, auth, idempotent: true, deadline });
  deadline.clear();
  response.setHeader('content-type', 'application/json').end(JSON.stringify(result));
}

/**
 * Resolves representations against a list: the item whose value under the first of `keys` that the representation has is the
 * same. What the gateway sends besides (fields of `@requires`) is there for the resolvers.
 */
export function found<Item extends object>(
  items: readonly Item[],
  ...keys: readonly (keyof Item & string)[]
): { __resolveReference: (reference: Record<string, unknown>) => object | null } {
  return {
    __resolveReference: (reference) => {
      const key = keys.find((name) => reference[name] !== undefined);
      const item = key && items.find((each) => String(each[key]) === String(reference[key]));
      return item ? { ...item, ...reference } : null;
    },
  };
}
