// `npm run test:engines` sets it, with the servers' addresses beside it.
const engines = process.env.VCOS_TEST_ENGINES === 'true';

export default {
  testEnvironment: 'node',
  // Jest's own pattern would take infra/test.ts, which starts jest, for a test.
  testMatch: [engines ? '**/*.engines.test.ts' : '**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/infra/jest-transform.cjs' },
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  // Tests against Kafka, Neo4j and ClickHouse servers.
  testPathIgnorePatterns: ['/node_modules/', ...(engines ? [] : ['\\.engines\\.test\\.ts$'])],
  modulePathIgnorePatterns: ['<rootDir>/data/', '<rootDir>/dashboard/dist/', '<rootDir>/bench/peers/'],
  // Two cores run everything at once: a slow start of an engine is no failure.
  testTimeout: engines ? 300_000 : 30_000,
  // Closing chDB and SQLite takes longer than the default half second on a busy machine.
  workerGracefulExitTimeout: 10_000,
};
