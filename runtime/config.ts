import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import { brokers, serverUrl } from './server-address.ts';
import { json, oneOf, quoted, wholeNumber } from './setting-forms.ts';

/** Node's timers take no longer time: beyond it they fire at once. */
const msMax = 2 ** 31 - 1;
const port = wholeNumber(0, 65_535);
const flag = oneOf(['true', 'false']).transform((text) => text === 'true');
const count = (fallback: number) => wholeNumber(1, Number.MAX_SAFE_INTEGER).default(fallback);
const limit = wholeNumber(0, Number.MAX_SAFE_INTEGER).optional();
/** A name or a path: of spaces alone it would be one that nobody finds again. */
const told = z.string().regex(/\S/, 'must not be blank');
const ms = (fallback: number) => wholeNumber(1, msMax).default(fallback);

const oidcIssuer = z.strictObject({ issuer: z.url(), audience: z.string().optional(), jwksUri: z.url().optional() });

/** As browsers send them: a scheme, a host, a port where it is not the scheme's. */
const origins = z.string().transform((text, context): readonly string[] => {
  const given = text.split(',').flatMap((origin) => origin.trim() || []);
  if (given.every((origin) => URL.parse(origin)?.origin === origin)) return given;
  context.addIssue({
    code: 'custom',
    message: 'must be origins like https://app.example, without a path, several of them separated by commas',
  });
  return z.NEVER;
});

const environment = z.object({
  PORT: port.default(4000),
  /** What the gateway listens on: a name or an address of this machine, `0.0.0.0` for all. */
  HOST: told.default('localhost'),
  /** Where `/metrics` is answered, and nothing else; unset: at PORT by a gateway, by `subgraph` and `stream` nowhere. */
  METRICS_PORT: port.optional(),
  DATA_DIR: told.default('./data'),
  LOG_LEVEL: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('warn'),
  /** Names this platform in events, clocks and canon's log: choose it before the first start, since tree heads are signed under it. */
  REGION: told.max(32).default('local'),
  /** Base URL of an OpenTelemetry collector (OTLP over HTTP) that gets traces. Unset: none are made. */
  OTEL_EXPORTER_OTLP_ENDPOINT: serverUrl(['http:', 'https:']).optional(),
  OTEL_SERVICE_NAME: z.string().default('vcos'),
  /** `in-process` calls the subgraphs directly; `http` gives each its own loopback server, as in a distributed set-up. */
  SUBGRAPH_TRANSPORT: oneOf(['in-process', 'http']).default('in-process'),
  /** Of the topic `events` and those that follow it. Unset: 8 on Kafka; 1 in the embedded log, whose one process gains nothing by more. */
  EVENT_PARTITIONS: wholeNumber(1, 1_000).optional(),
  /** How long a subgraph behind HTTP may take to answer, in milliseconds; `SUBGRAPH_TIMEOUTS` gives some of them other times. */
  SUBGRAPH_TIMEOUT_MS: ms(20_000),
  SUBGRAPH_TIMEOUTS: json(z.record(z.string(), z.int().min(1).max(msMax)), '{"canon":5000}').default({}),
  /** Whether processors with much to do get a thread of their own; unset: where there is more than one core. */
  STREAM_THREADS: flag.optional(),
  /** How long after the hour a live window closes; events that take longer to commit count in no window. */
  TICK_LATENESS_MS: wholeNumber(0, msMax).default(5_000),
  /** Whose tokens are accepted beside the built-in issuer's: `[{"issuer": URL, "audience": …, "jwksUri": URL}]`; without `jwksUri` the issuer's OpenID configuration tells it. */
  OIDC_ISSUERS: json(z.array(oidcIssuer), '[{"issuer":"https://login.example"}]').default([]),
  /** Ids of the creators in whom trust is full from the start, separated by commas: streams/reputation/README.md. */
  REPUTATION_SEEDS: z
    .string()
    .default('')
    .transform((text, context) => {
      const ids = text.split(',').flatMap((id) => id.trim() || []);
      const other = ids.find((id) => !z.uuid().safeParse(id).success);
      if (other === undefined) return ids;
      // A username would be nobody's id: trust would begin with nobody, and nothing would say so.
      const message = `${other} is not the id of a creator: creator(username: "…") { id } tells it, like 73c2e8a0-9ff1-5ab6-9d4f-79634c9d9044`;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    }),
  /** How many days a term of the seeds lasts, after which some rest and others serve; 0 lets all serve always. */
  REPUTATION_SEED_TERM_DAYS: wholeNumber(0, 3_650).default(0),
  /** What all days of one account together may cost in private analytics (rho, like 0.206 for epsilon 4); unset: days are limited, lifetimes only reported (`privacyBudget { lifetime }`). */
  PRIVACY_LIFETIME_RHO: z
    .string()
    .regex(/^\d+(\.\d+)?$/, {
      error: ({ input }) => `must be a decimal number like 0.206, not ${quoted(String(input))}`,
    })
    .optional(),
  /** Whether clients may ask for the schema. */
  INTROSPECTION: flag.default(true),
  /** Of one operation; each refusal names its limit (gateway/README.md). */
  MAX_DEPTH: count(15),
  MAX_ALIASES: count(50),
  MAX_ROOT_FIELDS: count(20),
  MAX_TOKENS: count(4_000),
  /** After so long the client gets what there is by then. */
  OPERATION_TIMEOUT_MS: ms(30_000),
  /** On SIGTERM `/health/ready` fails at once; for so long requests are still taken, until nobody sends them here any more. */
  DRAIN_DELAY_MS: wholeNumber(0, 300_000).default(0),
  /** How long requests that run may take to end after that. */
  DRAIN_TIMEOUT_MS: ms(10_000),
  /** What one operation may cost (gateway/operations/README.md); 0 takes any. Unset: 50,000 for the platform, any for `gateway`. */
  MAX_COST: limit,
  /** Units of cost that one caller may use up in a minute; 0 does not limit. Unset: 3,000,000 for the platform, none for `gateway`. */
  RATE_LIMIT: limit,
  /** Subscriptions that one caller may have open; 0 does not limit. Unset: 1,000 for the platform, any number for `gateway`. */
  MAX_SUBSCRIPTIONS: limit,
  /** A manifest of operations that clients may name by their SHA-256: gateway/operations/README.md. */
  PERSISTED_OPERATIONS: z.string().optional(),
  /** Which query planner plans: gateway/planning/README.md. */
  PLANNER: oneOf(['auto', 'hive', 'apollo']).default('auto'),
  /** Labels of progressive `@override` that are on, separated by commas. */
  OVERRIDE_LABELS: z
    .string()
    .default('')
    .transform((text) => text.split(',').flatMap((label) => label.trim() || [])),
  /** Origins of other sites whose pages may open a WebSocket, separated by commas: `https://app.example`. Their requests over HTTP are a proxy's affair. */
  WEBSOCKET_ORIGINS: origins.default([]),
  /** Refuses every operation that is not in the manifest. */
  PERSISTED_ONLY: flag.default(false),
  /** Neo4j: `bolt://user:password@host:port`, or `neo4j://`, or their encrypted forms with `+s`. Unset: SQLite in `DATA_DIR`. */
  GRAPH_STORE_URL: serverUrl(['bolt:', 'bolt+s:', 'bolt+ssc:', 'neo4j:', 'neo4j+s:', 'neo4j+ssc:']).optional(),
  GRAPH_STORE_USER: z.string().optional(),
  GRAPH_STORE_PASSWORD: z.string().optional(),
  GRAPH_STORE_DATABASE: z.string().default('neo4j'),
  /** Kafka: `host:port` of some brokers, separated by commas. Unset: the log is in `DATA_DIR`. */
  EVENT_LOG_BROKERS: brokers.optional(),
  /** Whether the brokers speak TLS, with certificates of a CA that Node trusts: `NODE_EXTRA_CA_CERTS` names the file of a private one. */
  EVENT_LOG_TLS: flag.default(false),
  /** Files of a certificate and its private key (PEM, without a passphrase), for brokers that ask their clients for one. */
  EVENT_LOG_TLS_CERT: z.string().optional(),
  EVENT_LOG_TLS_KEY: z.string().optional(),
  /** By which of SASL's mechanisms the brokers are logged in to. Unset: there is no login. */
  EVENT_LOG_SASL: z
    .string()
    .toLowerCase()
    .pipe(oneOf(['plain', 'scram-sha-256', 'scram-sha-512']))
    .optional(),
  EVENT_LOG_USER: z.string().optional(),
  EVENT_LOG_PASSWORD: z.string().optional(),
  /** The library that speaks Kafka's protocol. */
  EVENT_LOG_CLIENT: oneOf(['platformatic', 'kafkajs']).default('platformatic'),
  /** Stands before the names of topics and groups, so that several platforms can share a cluster. */
  EVENT_LOG_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9._-]{0,64}$/, 'may have letters, digits, dots, hyphens and underscores, 64 at most')
    .default(''),
  /** ClickHouse: `http://user:password@host:port` or `https://`. Unset: ClickHouse in this process, in `DATA_DIR`. */
  WAREHOUSE_URL: serverUrl(['http:', 'https:']).optional(),
  WAREHOUSE_USER: z.string().optional(),
  WAREHOUSE_PASSWORD: z.string().optional(),
  /** A statement that the embedded warehouse has not ended by then never will be: the platform begins anew. At least the 120 s for which it waits for a table. */
  WAREHOUSE_STUCK_MS: ms(180_000),
});

export interface OidcIssuer {
  readonly issuer: string;
  readonly audience?: string | undefined;
  readonly jwksUri?: string | undefined;
}

/** A server of an engine, its login apart from its address. */
export interface EngineServer {
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

/** A user of Kafka's brokers, by the name that SASL has for the mechanism. */
export interface BrokerLogin {
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
  readonly user: string;
  readonly password: string;
}

/** Files in PEM by which a client shows the brokers who it is. */
export interface ClientCertificateFiles {
  readonly cert: string;
  readonly key: string;
}

export interface Config {
  /** Null for the embedded engine. */
  readonly eventLog: {
    readonly brokers: readonly string[];
    readonly prefix: string;
    readonly client: 'platformatic' | 'kafkajs';
    readonly tls: boolean;
    /** Null where the brokers ask for none. */
    readonly certificateFiles: ClientCertificateFiles | null;
    /** Null where the brokers ask for none. */
    readonly login: BrokerLogin | null;
  } | null;
  readonly graphStore: (EngineServer & { readonly database: string }) | null;
  readonly warehouse: EngineServer | null;
  /** When a statement of the embedded warehouse is taken for one that never ends, in milliseconds. */
  readonly warehouseStuckMs: number;
  readonly server: { readonly port: number; readonly host: string };
  /** Null where a gateway tells its figures where clients are, and a process without one nowhere. */
  readonly metricsPort: number | null;
  readonly dataDir: string;
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Null where nothing is traced. */
  readonly tracing: { readonly endpoint: string; readonly serviceName: string } | null;
  readonly region: string;
  readonly subgraphTransport: 'in-process' | 'http';
  /** Null for what suits the event log. */
  readonly eventPartitions: number | null;
  readonly drain: { readonly drainDelayMs: number; readonly drainMs: number };
  /** In milliseconds: of the subgraphs named, and of all others. */
  readonly subgraphTimeouts: { readonly all: number; readonly of: Readonly<Record<string, number>> };
  readonly streamThreads: boolean;
  readonly tickLatenessMs: number;
  readonly oidcIssuers: readonly OidcIssuer[];
  readonly reputationSeeds: readonly string[];
  /** Null where all seeds serve always. */
  readonly seedTermMs: number | null;
  readonly privacyLifetimeRho: string | null;
  readonly planner: 'auto' | 'hive' | 'apollo';
  readonly overrideLabels: readonly string[];
  readonly webSocketOrigins: readonly string[];
  /** Null where operations are sent as text only. */
  readonly persisted: { readonly file: string; readonly only: boolean } | null;
  readonly limits: {
    readonly introspection: boolean;
    readonly depth: number;
    readonly aliases: number;
    readonly rootFields: number;
    readonly tokens: number;
    readonly operationTimeoutMs: number;
    readonly cost?: number;
    readonly costPerMinute?: number;
    readonly subscriptionsPerCallerMax?: number;
  };
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads the configuration out of environment variables, the only place that does. Throws {@link ConfigError} naming each variable that does not fit. */
export function readConfig(variables: NodeJS.ProcessEnv = process.env): Config {
  const parsed = environment.safeParse(
    Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== '')),
  );
  if (!parsed.success) {
    throw new ConfigError(
      parsed.error.issues.map((issue) => `environment variable ${issue.path.join('.')}: ${issue.message}`).join('\n'),
    );
  }
  const env = parsed.data;
  if (env.PERSISTED_ONLY && env.PERSISTED_OPERATIONS === undefined) {
    throw new ConfigError('environment variable PERSISTED_ONLY: needs a manifest in PERSISTED_OPERATIONS');
  }
  const graphStore = serverOf(env.GRAPH_STORE_URL, { user: env.GRAPH_STORE_USER, password: env.GRAPH_STORE_PASSWORD });
  const warehouse = serverOf(env.WAREHOUSE_URL, { user: env.WAREHOUSE_USER, password: env.WAREHOUSE_PASSWORD });
  return {
    graphStore: graphStore && { ...graphStore, database: env.GRAPH_STORE_DATABASE },
    warehouse,
    warehouseStuckMs: env.WAREHOUSE_STUCK_MS,
    eventLog: eventLogOf(env),
    server: { port: env.PORT, host: env.HOST },
    metricsPort: env.METRICS_PORT ?? null,
    dataDir: resolve(env.DATA_DIR),
    logLevel: env.LOG_LEVEL,
    tracing: env.OTEL_EXPORTER_OTLP_ENDPOINT
      ? { endpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT.href, serviceName: env.OTEL_SERVICE_NAME }
      : null,
    region: env.REGION,
    subgraphTransport: env.SUBGRAPH_TRANSPORT,
    eventPartitions: env.EVENT_PARTITIONS ?? null,
    drain: { drainDelayMs: env.DRAIN_DELAY_MS, drainMs: env.DRAIN_TIMEOUT_MS },
    subgraphTimeouts: { all: env.SUBGRAPH_TIMEOUT_MS, of: env.SUBGRAPH_TIMEOUTS },
    streamThreads: env.STREAM_THREADS ?? availableParallelism() > 1,
    tickLatenessMs: env.TICK_LATENESS_MS,
    oidcIssuers: env.OIDC_ISSUERS,
    reputationSeeds: env.REPUTATION_SEEDS,
    seedTermMs: env.REPUTATION_SEED_TERM_DAYS > 0 ? env.REPUTATION_SEED_TERM_DAYS * 86_400_000 : null,
    privacyLifetimeRho: env.PRIVACY_LIFETIME_RHO ?? null,
    planner: env.PLANNER,
    overrideLabels: env.OVERRIDE_LABELS,
    webSocketOrigins: env.WEBSOCKET_ORIGINS,
    persisted:
      env.PERSISTED_OPERATIONS === undefined
        ? null
        : { file: resolve(env.PERSISTED_OPERATIONS), only: env.PERSISTED_ONLY },
    limits: {
      introspection: env.INTROSPECTION,
      depth: env.MAX_DEPTH,
      aliases: env.MAX_ALIASES,
      rootFields: env.MAX_ROOT_FIELDS,
      tokens: env.MAX_TOKENS,
      operationTimeoutMs: env.OPERATION_TIMEOUT_MS,
      ...(env.MAX_COST === undefined ? {} : { cost: env.MAX_COST }),
      ...(env.RATE_LIMIT === undefined ? {} : { costPerMinute: env.RATE_LIMIT }),
      ...(env.MAX_SUBSCRIPTIONS === undefined ? {} : { subscriptionsPerCallerMax: env.MAX_SUBSCRIPTIONS }),
    },
  };
}

function eventLogOf(env: z.output<typeof environment>): Config['eventLog'] {
  if (env.EVENT_LOG_BROKERS === undefined) return null;
  const { EVENT_LOG_TLS: tls, EVENT_LOG_TLS_CERT: cert, EVENT_LOG_TLS_KEY: key } = env;
  const { EVENT_LOG_SASL: sasl, EVENT_LOG_USER: user, EVENT_LOG_PASSWORD: password } = env;
  return {
    brokers: env.EVENT_LOG_BROKERS,
    prefix: env.EVENT_LOG_PREFIX,
    client: env.EVENT_LOG_CLIENT,
    tls,
    certificateFiles: certificateFilesOf({ tls, cert, key }),
    login: brokerLoginOf({ sasl, user, password }),
  };
}

const mechanisms = { plain: 'PLAIN', 'scram-sha-256': 'SCRAM-SHA-256', 'scram-sha-512': 'SCRAM-SHA-512' } as const;

/** All of a login or nothing of it: half of one would be no login, and only the broker would say so. */
function brokerLoginOf(given: {
  sasl: keyof typeof mechanisms | undefined;
  user: string | undefined;
  password: string | undefined;
}): BrokerLogin | null {
  const { sasl, user, password } = given;
  const names = { EVENT_LOG_SASL: sasl, EVENT_LOG_USER: user, EVENT_LOG_PASSWORD: password };
  const unset = Object.entries(names).flatMap(([name, value]) => (value === undefined ? [name] : []));
  if (sasl !== undefined && user !== undefined && password !== undefined)
    return { mechanism: mechanisms[sasl], user, password };
  if (unset.length === Object.keys(names).length) return null;
  throw new ConfigError(
    `environment variable ${unset.join(', ')}: must be set with the rest of the login (EVENT_LOG_SASL, EVENT_LOG_USER, EVENT_LOG_PASSWORD: all three, or none)`,
  );
}

/** Both files or none, and only where they are shown to somebody. */
function certificateFilesOf(given: {
  tls: boolean;
  cert: string | undefined;
  key: string | undefined;
}): ClientCertificateFiles | null {
  const { tls, cert, key } = given;
  if (cert === undefined && key === undefined) return null;
  if (cert === undefined || key === undefined)
    throw new ConfigError(
      `environment variable ${cert === undefined ? 'EVENT_LOG_TLS_CERT' : 'EVENT_LOG_TLS_KEY'}: must be set with the other of the two: a certificate and its private key belong together`,
    );
  if (!tls)
    throw new ConfigError(
      'environment variable EVENT_LOG_TLS_CERT: needs EVENT_LOG_TLS=true, since certificates are shown in TLS only',
    );
  return { cert: resolve(cert), key: resolve(key) };
}

/** What the variables of its own say about the login goes before what the address says. */
function serverOf(
  url: URL | undefined,
  given: { user: string | undefined; password: string | undefined },
): EngineServer | null {
  if (url === undefined) return null;
  const user = given.user ?? decodeURIComponent(url.username);
  const password = given.password ?? decodeURIComponent(url.password);
  return { url: `${url.protocol}//${url.host}`, user, password };
}
