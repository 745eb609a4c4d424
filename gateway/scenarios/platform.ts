import { generateKeyPair } from 'jose';
import { GraphQLError } from 'graphql';
import { pino } from 'pino';
import type { Claims } from '../../runtime/identity.ts';
import type { IssuerKey } from '../../runtime/issuer.ts';
import { issueToken } from '../../runtime/issuer.ts';
import { createGateway } from '../gateway.ts';
import type { Gateway } from '../gateway.ts';
import type { LiveSources } from '../live/live-operation.ts';
import type { GatewayOptions } from '../options.ts';
import { ArrayLog } from './array-log.ts';
import { composeScenario } from './harness.ts';
import type { ComposedScenario } from './harness.ts';

/** A gateway on a free port before two subgraphs and a log that a test writes to. */
export interface Platform {
  readonly gateway: Gateway;
  readonly url: string;
  readonly webSocketUrl: string;
  readonly scenario: ComposedScenario;
  readonly log: ArrayLog;
  token(subject: string, options?: { scopes?: string[]; ttlS?: number }): Promise<string>;
  post(body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Appends an event of a space, as live subscribers see it. */
  say(space: string, id: string): void;
  stop(): Promise<void>;
}

interface Context {
  readonly claims: Claims | null;
}

/** Spaces that nobody may watch any more; a test empties it. */
export const shutSpaces = new Set<string>();

const subgraphs = {
  talk: {
    sdl: `
      type Query { hello(name: String): String whoAmI: String @authenticated slow: Int }
      type Mutation { shout(text: String!): String }
      type Subscription { said(space: ID!, loud: Boolean): Saying  secrets: Saying @authenticated }
      type Saying @key(fields: "id") { id: ID! words(upper: Boolean): String by: Speaker }
      type Speaker @key(fields: "id") { id: ID! }
      type Space @key(fields: "id") { id: ID! viewerCanWatch: Boolean }`,
    resolvers: {
      Query: {
        hello: (_: unknown, { name }: { name?: string }) => `hello ${name ?? 'you'}`,
        whoAmI: (_: unknown, _args: unknown, { claims }: Context) => claims?.subject,
        slow: () => new Promise((resolve) => setTimeout(resolve, 150, 1)),
      },
      Mutation: { shout: (_: unknown, { text }: { text: string }) => text.toUpperCase() },
      Saying: {
        __resolveReference: ({ id }: { id: string }, { claims }: Context) =>
          id.startsWith('private') && claims?.subject !== 'ada' ? null : { id },
        words: ({ id }: { id: string }, { upper }: { upper?: boolean }) =>
          upper === true ? `WORDS OF ${id}` : `words of ${id}`,
        by: ({ id }: { id: string }) => ({ id: `speaker of ${id}` }),
      },
      Space: {
        __resolveReference: ({ id }: { id: string }) => (id === 'none' ? null : { id }),
        viewerCanWatch: ({ id }: { id: string }, _: unknown, { claims }: Context) => {
          if (id === 'broken') throw new GraphQLError('the space is broken', { extensions: { code: 'BROKEN' } });
          return (id !== 'closed' || claims !== null) && !shutSpaces.has(id);
        },
      },
    },
  },
  people: {
    sdl: `type Speaker @key(fields: "id") { id: ID! name(short: Boolean): String }`,
    resolvers: {
      Speaker: {
        name: ({ id }: { id: string }, { short }: { short?: boolean }) => (short === true ? 'N' : `name of ${id}`),
      },
    },
  },
};

/** The live source of `said`: records of the events topic with a space and an id. */
export const liveSources: LiveSources = {
  said: {
    subgraph: 'talk',
    topic: 'events',
    entity: 'Saying',
    represent(value, args) {
      const { space, id } = JSON.parse(value ?? '{}') as { space?: string; id?: string };
      return space === args['space'] ? { __typename: 'Saying', id } : null;
    },
    guard: { entity: 'Space', idArgument: 'space', field: 'viewerCanWatch' },
  },
};

/** Starts a platform; a test stops it. */
export async function startPlatform(options: Partial<GatewayOptions> = {}): Promise<Platform> {
  const scenario = composeScenario(subgraphs);
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true });
  const key: IssuerKey = { kid: 'test', privateKey, publicKey };
  const log = new ArrayLog();
  const gateway = createGateway({
    port: 0,
    host: '127.0.0.1',
    supergraph: scenario.supergraphSdl,
    transports: scenario.transports,
    logger: pino({ level: 'silent' }),
    identity: { builtInKey: publicKey, issuers: [] },
    live: { log, sources: liveSources },
    drainMs: 1_000,
    ...options,
  });
  await gateway.start();
  const url = gateway.address?.url ?? '';
  return {
    gateway,
    url,
    webSocketUrl: url.replace('http', 'ws'),
    scenario,
    log,
    token: (subject, { scopes = [], ttlS = 60 } = {}) => issueToken({ key, subject, scopes, ttlS }),
    post: (body, headers = {}) =>
      fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    say: (space, id) => log.add({ space, id }),
    stop: () => gateway.stop(),
  };
}
