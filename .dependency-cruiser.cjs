/**
 * The import rules of ARCHITECTURE.md, one rule per folder: what stands in `may` is all that it may import besides its
 * own files. `infra/boundaries.test.ts` proves each.
 */
const everything = '^(main|codegen)\\.ts$|^(bench|composition|e2e|infra)/|\\.(int|e2e|engines)\\.test\\.ts$';
const npm = '^node_modules/';
/** Data structures, without time, randomness or files of their own. */
const purePackages = '^node_modules/tinyqueue/';
const ports = '^engines/[^/]+/port\\.ts$';
const enginePackages =
  '(^|node_modules/)(@types/)?(better-sqlite3|@?chdb|@clickhouse|kafkajs|@platformatic/kafka|neo4j-driver)(/|$)';

const folder = (name, from, may) => ({
  name,
  severity: 'error',
  comment: `${name}: see the table of folders in ARCHITECTURE.md`,
  from: { path: from, pathNot: everything },
  to: { pathNot: may, dependencyTypesNot: ['core'] },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    folder('schema-imports-npm-only', '^schema/', ['^schema/', npm]),
    folder('runtime-imports-npm-only', '^runtime/', ['^runtime/', npm]),
    folder('engines-import-schema-runtime', '^engines/', ['^engines/', '^(schema|runtime)/', npm]),
    folder('subgraph-imports-ports-shared', '^subgraphs/([^/]+)/', [
      '^subgraphs/($1|shared)/',
      '^(schema|runtime)/',
      ports,
      npm,
    ]),
    folder('stream-imports-ports-shared', '^streams/([^/]+)/', [
      '^streams/($1|shared)/',
      '^(schema|runtime)/',
      ports,
      npm,
    ]),
    folder('gateway-imports-event-log-port', '^gateway/', [
      '^gateway/',
      '^(schema|runtime)/',
      '^engines/event-log/port\\.ts$',
      npm,
    ]),
    folder('dashboard-imports-sdk-only', '^dashboard/', ['^(dashboard|sdk)/', npm]),
    folder('importer-imports-ports-commands', '^importer/', [
      '^importer/',
      '^(schema|runtime)/',
      '^subgraphs/(shared|[^/]+/commands)/',
      ports,
      npm,
    ]),
    folder('sdk-imports-npm-only', '^sdk/', ['^sdk/', npm]),
    {
      name: 'domain-is-pure',
      severity: 'error',
      comment:
        'A domain folder imports its own files, schema/ and pure packages: hand it time, randomness and data as parameters.',
      from: { path: '^(.+/domain)/', pathNot: ['\\.test\\.ts$', '/testing\\.ts$'] },
      to: { pathNot: ['^($1|schema)/', purePackages] },
    },
    {
      name: 'domain-tests-are-pure',
      severity: 'error',
      comment: 'Unit tests of a domain folder, and its testing.ts, import that folder, schema/ and test libraries.',
      from: { path: ['^(.+/domain)/.+\\.test\\.ts$', '^(.+/domain)/testing\\.ts$'], pathNot: everything },
      to: { pathNot: ['^($1|schema)/', npm] },
    },
    {
      name: 'engine-packages-in-engines-only',
      severity: 'error',
      comment: 'Only the adapters under engines/ know an engine: use its port.',
      from: { pathNot: ['^engines/', everything] },
      to: { path: enginePackages },
    },
    {
      name: 'port-knows-no-engine',
      severity: 'error',
      comment: "No engine's type crosses a port.",
      from: { path: ports },
      to: { path: enginePackages },
    },
    {
      name: 'folder-is-known',
      severity: 'error',
      comment: 'A new folder needs a row in ARCHITECTURE.md and a rule here.',
      from: {
        pathNot: [
          everything,
          '^(schema|runtime|engines|subgraphs|streams|gateway|dashboard|importer|sdk)/',
          '^[^/]+\\.(js|mjs|cjs)$',
        ],
      },
      to: {},
    },
    {
      name: 'import-resolves',
      severity: 'error',
      comment:
        'What cannot be found cannot be checked. The peers that the benchmark compares with are installed by it, not by us.',
      from: { pathNot: '^bench/peers/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|data|coverage)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
      mainFields: ['module', 'main', 'types', 'typings'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.d.ts', '.json'],
    },
  },
};
