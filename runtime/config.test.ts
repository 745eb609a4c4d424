import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ConfigError, readConfig } from './config.ts';

// Goal: a setting that cannot be meant is refused by its name, in words, before anything starts, and without what may be a password.
describe('a login in an address', () => {
  test.each(['bolt://neo4j:s3cret%@localhost:7687', 'bolt://%zz:s3cret@localhost:7687'])(
    'with a stray percent sign is refused without being repeated: %s',
    (url) => {
      const read = () => readConfig({ GRAPH_STORE_URL: url });
      expect(read).toThrow(ConfigError);
      expect(read).toThrow(/^environment variable GRAPH_STORE_URL: has a % in its login .* write it %25/);
      expect(read).not.toThrow(/s3cret/);
    },
  );

  test('is decoded', () => {
    const { warehouse } = readConfig({ WAREHOUSE_URL: 'http://a%40b:100%25@localhost:8123' });
    expect(warehouse).toEqual({ url: 'http://localhost:8123', user: 'a@b', password: '100%' });
  });
});

test('seeds are ids; a username among them is named', () => {
  const id = '73c2e8a0-9ff1-5ab6-9d4f-79634c9d9044';
  expect(readConfig({ REPUTATION_SEEDS: ` ${id}, ` }).reputationSeeds).toEqual([id]);
  expect(() => readConfig({ REPUTATION_SEEDS: `${id},member-26` })).toThrow(
    /^environment variable REPUTATION_SEEDS: member-26 is not the id of a creator/,
  );
});

describe('how Kafka is reached', () => {
  const read = (variables: Record<string, string>) => readConfig({ EVENT_LOG_BROKERS: 'kafka:9092', ...variables });

  test('goal: plainly unless told otherwise', () => {
    expect(read({}).eventLog).toMatchObject({ brokers: ['kafka:9092'], tls: false, login: null });
  });

  test('goal: over TLS, with a login, whose mechanism is written as anybody writes it', () => {
    const login = { EVENT_LOG_SASL: 'SCRAM-SHA-512', EVENT_LOG_USER: 'vcos', EVENT_LOG_PASSWORD: 'p,=%' };
    const { eventLog } = read({ EVENT_LOG_TLS: 'true', ...login });
    expect(eventLog).toMatchObject({
      tls: true,
      login: { mechanism: 'SCRAM-SHA-512', user: 'vcos', password: 'p,=%' },
    });
    expect(read({ ...login, EVENT_LOG_SASL: 'plain' }).eventLog?.login?.mechanism).toBe('PLAIN');
  });

  test.each([
    [{ EVENT_LOG_PASSWORD: 's3cret' }, 'EVENT_LOG_SASL, EVENT_LOG_USER'],
    [{ EVENT_LOG_USER: 'u', EVENT_LOG_PASSWORD: 's3cret' }, 'EVENT_LOG_SASL'],
    [{ EVENT_LOG_SASL: 'plain', EVENT_LOG_PASSWORD: 's3cret' }, 'EVENT_LOG_USER'],
    [{ EVENT_LOG_SASL: 'plain', EVENT_LOG_USER: 'u' }, 'EVENT_LOG_PASSWORD'],
  ])('goal: half a login is refused, by what is missing of it: %o', (variables, missing) => {
    expect(() => read(variables)).toThrow(`environment variable ${missing}: must be set with the rest of the login`);
    expect(() => read(variables)).not.toThrow(/s3cret/);
  });

  test('goal: a mechanism that is none is refused, and those that are named', () => {
    expect(() => read({ EVENT_LOG_SASL: 'gssapi' })).toThrow(
      'EVENT_LOG_SASL: must be one of plain, scram-sha-256, scram-sha-512, not "gssapi"',
    );
  });

  test('goal: a certificate of a client is two files, which are shown over TLS only', () => {
    const files = { EVENT_LOG_TLS_CERT: '/c.pem', EVENT_LOG_TLS_KEY: '/k.pem' };
    expect(read({}).eventLog?.certificateFiles).toBeNull();
    const { eventLog } = read({ EVENT_LOG_TLS: 'true', ...files });
    expect(eventLog?.certificateFiles).toEqual({ cert: '/c.pem', key: '/k.pem' });
    expect(() => read(files)).toThrow('environment variable EVENT_LOG_TLS_CERT: needs EVENT_LOG_TLS=true');
    for (const name of Object.keys(files)) {
      expect(() => read({ EVENT_LOG_TLS: 'true', ...files, [name]: '' })).toThrow(`environment variable ${name}: must`);
    }
  });

  test('goal: brokers may have IPv6 addresses, in brackets', () => {
    const brokers = ['[::1]:9092', '[fd00::a:1]:19092', 'kafka-2.example:9092'];
    expect(read({ EVENT_LOG_BROKERS: brokers.join(', ') }).eventLog?.brokers).toEqual(brokers);
  });

  test.each([
    '::1:9092',
    '[::1]',
    '[kafka]:9092',
    '[::1]:92000',
    'kafka',
    'vcos:s3cret@kafka:9092',
    'http://kafka:9092',
  ])('goal: what is no address of a broker is refused: %s', (broker) => {
    expect(() => read({ EVENT_LOG_BROKERS: broker })).toThrow('must be host:port or [IPv6 address]:port');
    expect(() => read({ EVENT_LOG_BROKERS: broker })).not.toThrow(/s3cret/);
  });

  test('origins of other sites are taken as browsers send them', () => {
    const read = (origins: string) => readConfig({ WEBSOCKET_ORIGINS: origins }).webSocketOrigins;
    expect(read('')).toEqual([]);
    expect(read('https://app.example, http://localhost:5173')).toEqual([
      'https://app.example',
      'http://localhost:5173',
    ]);
    for (const none of ['app.example', 'https://app.example/', 'https://app.example:443', '*', 'null'])
      expect(() => read(none)).toThrow('must be origins like https://app.example');
  });
});

describe('every setting', () => {
  test('goal: has the default that the README names where nothing is set', () => {
    expect(readConfig({ PORT: '' })).toEqual({
      ...{ eventLog: null, graphStore: null, warehouse: null, warehouseStuckMs: 180_000 },
      ...{ server: { port: 4000, host: 'localhost' }, metricsPort: null, dataDir: resolve('data'), logLevel: 'warn' },
      ...{ tracing: null, region: 'local', subgraphTransport: 'in-process', eventPartitions: null },
      streamThreads: availableParallelism() > 1,
      ...{ drain: { drainDelayMs: 0, drainMs: 10_000 }, subgraphTimeouts: { all: 20_000, of: {} } },
      ...{ tickLatenessMs: 5_000, oidcIssuers: [], reputationSeeds: [], seedTermMs: null, privacyLifetimeRho: null },
      ...{ planner: 'auto', overrideLabels: [], persisted: null, webSocketOrigins: [] },
      limits: {
        ...{ introspection: true, depth: 15, aliases: 50, rootFields: 20, tokens: 4_000 },
        operationTimeoutMs: 30_000,
      },
    });
  });

  test('goal: arrives in its own place', () => {
    const oidcIssuers = [{ issuer: 'https://login.example', audience: 'vcos' }];
    const seed = '73c2e8a0-9ff1-5ab6-9d4f-79634c9d9044';
    const given = {
      ...{ PORT: '1', HOST: '::1', METRICS_PORT: '2', DATA_DIR: '/d', LOG_LEVEL: 'info', REGION: 'eu' },
      ...{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel:4318', OTEL_SERVICE_NAME: 'svc', SUBGRAPH_TRANSPORT: 'http' },
      ...{ EVENT_PARTITIONS: '3', SUBGRAPH_TIMEOUT_MS: '4', SUBGRAPH_TIMEOUTS: '{"canon":5}', TICK_LATENESS_MS: '6' },
      ...{ STREAM_THREADS: 'false', MAX_SUBSCRIPTIONS: '18', WEBSOCKET_ORIGINS: 'https://a.example' },
      ...{ EVENT_LOG_TLS: 'true', EVENT_LOG_TLS_CERT: '/c', EVENT_LOG_TLS_KEY: '/k' },
      ...{ OIDC_ISSUERS: JSON.stringify(oidcIssuers), REPUTATION_SEEDS: seed, REPUTATION_SEED_TERM_DAYS: '7' },
      ...{ PRIVACY_LIFETIME_RHO: '0.206', INTROSPECTION: 'false', MAX_DEPTH: '8', MAX_ALIASES: '9' },
      ...{ MAX_ROOT_FIELDS: '10', MAX_TOKENS: '11', OPERATION_TIMEOUT_MS: '12', DRAIN_DELAY_MS: '13' },
      ...{
        DRAIN_TIMEOUT_MS: '14',
        MAX_COST: '15',
        RATE_LIMIT: '16',
        PERSISTED_OPERATIONS: '/p',
        PERSISTED_ONLY: 'true',
      },
      ...{ PLANNER: 'hive', OVERRIDE_LABELS: 'a, b', GRAPH_STORE_URL: 'bolt://neo4j:7687', GRAPH_STORE_USER: 'gu' },
      ...{ GRAPH_STORE_PASSWORD: 'gp', GRAPH_STORE_DATABASE: 'gd', EVENT_LOG_BROKERS: 'kafka:9092' },
      ...{ EVENT_LOG_CLIENT: 'kafkajs', EVENT_LOG_PREFIX: 'pre.', WAREHOUSE_URL: 'https://ch:8443' },
      ...{ WAREHOUSE_USER: 'wu', WAREHOUSE_PASSWORD: 'wp', WAREHOUSE_STUCK_MS: '17' },
    };
    const { eventLog, ...config } = readConfig(given);
    expect(eventLog).toEqual({
      ...{ brokers: ['kafka:9092'], prefix: 'pre.', client: 'kafkajs', tls: true, login: null },
      certificateFiles: { cert: '/c', key: '/k' },
    });
    expect(config).toEqual({
      graphStore: { url: 'bolt://neo4j:7687', user: 'gu', password: 'gp', database: 'gd' },
      warehouse: { url: 'https://ch:8443', user: 'wu', password: 'wp' },
      ...{ warehouseStuckMs: 17, server: { port: 1, host: '::1' }, metricsPort: 2, dataDir: '/d', logLevel: 'info' },
      ...{ tracing: { endpoint: 'http://otel:4318/', serviceName: 'svc' }, region: 'eu', subgraphTransport: 'http' },
      ...{
        eventPartitions: 3,
        drain: { drainDelayMs: 13, drainMs: 14 },
        subgraphTimeouts: { all: 4, of: { canon: 5 } },
      },
      ...{ streamThreads: false, tickLatenessMs: 6, oidcIssuers, reputationSeeds: [seed], seedTermMs: 7 * 86_400_000 },
      ...{ privacyLifetimeRho: '0.206', planner: 'hive', overrideLabels: ['a', 'b'] },
      ...{ persisted: { file: '/p', only: true }, webSocketOrigins: ['https://a.example'] },
      limits: {
        ...{ introspection: false, depth: 8, aliases: 9, rootFields: 10, tokens: 11, operationTimeoutMs: 12 },
        ...{ cost: 15, costPerMinute: 16, subscriptionsPerCallerMax: 18 },
      },
    });
  });
});

describe('a setting that cannot be meant', () => {
  const numbers = [
    ...['PORT', 'METRICS_PORT', 'EVENT_PARTITIONS', 'SUBGRAPH_TIMEOUT_MS', 'TICK_LATENESS_MS'],
    ...['REPUTATION_SEED_TERM_DAYS', 'MAX_DEPTH', 'MAX_ALIASES', 'MAX_ROOT_FIELDS', 'MAX_TOKENS'],
    ...['OPERATION_TIMEOUT_MS', 'DRAIN_DELAY_MS', 'DRAIN_TIMEOUT_MS', 'MAX_COST', 'RATE_LIMIT'],
    ...['MAX_SUBSCRIPTIONS', 'WAREHOUSE_STUCK_MS'],
  ];
  const choices = [
    ...['LOG_LEVEL', 'SUBGRAPH_TRANSPORT', 'STREAM_THREADS', 'INTROSPECTION', 'PLANNER', 'PERSISTED_ONLY'],
    ...['EVENT_LOG_TLS', 'EVENT_LOG_SASL', 'EVENT_LOG_CLIENT'],
  ];

  // A blank was 0, which for a limit is none, and for a port any.
  test.each(numbers.flatMap((name) => [' ', '\t', 'abc', '-1', '1.5', 'NaN', '1e30', '١'].map((text) => [name, text])))(
    'goal: is told with what is expected and what was given: %s=%j',
    (name, text) => {
      const told = `environment variable ${name}: must be a whole number from `;
      expect(() => readConfig({ [name]: text })).toThrow(told);
      expect(() => readConfig({ [name]: text })).toThrow(`, not ${JSON.stringify(text)}`);
    },
  );

  test.each(choices.flatMap((name) => [' ', 'abc', 'true ', 'ü'].map((text) => [name, text])))(
    'goal: is told with what there is to choose from: %s=%j',
    (name, text) => {
      expect(() => readConfig({ [name]: text })).toThrow(
        new RegExp(`^environment variable ${name}: must be one of .+, not ${JSON.stringify(text)}$`),
      );
    },
  );

  test.each(['SUBGRAPH_TIMEOUT_MS', 'OPERATION_TIMEOUT_MS', 'DRAIN_TIMEOUT_MS', 'TICK_LATENESS_MS'])(
    'goal: times beyond what timers can wait, which would be over at once, are refused: %s',
    (name) => {
      expect(() => readConfig({ [name]: String(2 ** 31 - 1) })).not.toThrow();
      expect(() => readConfig({ [name]: String(2 ** 31) })).toThrow(`${name}: must be a whole number from`);
    },
  );

  test('goal: JSON that is none and a budget that is no number are told with an example', () => {
    expect(() => readConfig({ OIDC_ISSUERS: 'login.example' })).toThrow(
      'OIDC_ISSUERS: is not JSON: it must be like [{"issuer":"https://login.example"}], not "login.example"',
    );
    expect(() => readConfig({ SUBGRAPH_TIMEOUTS: 'canon=5' })).toThrow('it must be like {"canon":5000}');
    expect(() => readConfig({ PRIVACY_LIFETIME_RHO: '1/5' })).toThrow('must be a decimal number like 0.206, not "1/5"');
  });

  test.each(['DATA_DIR', 'REGION', 'HOST'])('goal: a name or a path that is blank is refused: %s', (name) => {
    expect(() => readConfig({ [name]: ' ' })).toThrow(`environment variable ${name}: must not be blank`);
  });

  test('what is long is not repeated whole', () => {
    expect(() => readConfig({ PORT: '4'.repeat(10_000) })).toThrow(/not "4{40}…"$/);
  });
});
