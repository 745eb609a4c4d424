import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

/** One import: who, what, and the rule that it must break (null: it is allowed). */
type Case = readonly [from: string, to: string, rule: string | null];

const cases: readonly Case[] = [
  ['schema/a.ts', 'schema/events/b.ts', null],
  ['schema/a.ts', 'zod', null],
  ['schema/a.ts', 'node:fs', null],
  ['schema/a.ts', 'runtime/a.ts', 'schema-imports-npm-only'],
  ['runtime/a.ts', 'zod', null],
  ['runtime/a.ts', 'schema/a.ts', 'runtime-imports-npm-only'],
  ['engines/graph-store/sqlite/store.ts', 'schema/a.ts', null],
  ['engines/graph-store/sqlite/store.ts', 'runtime/a.ts', null],
  ['engines/graph-store/sqlite/store.ts', 'better-sqlite3', null],
  ['engines/graph-store/sqlite/store.ts', 'subgraphs/shared/a.ts', 'engines-import-schema-runtime'],
  ['engines/graph-store/port.ts', 'neo4j-driver', 'port-knows-no-engine'],
  ['subgraphs/canon/a.ts', 'subgraphs/shared/a.ts', null],
  ['subgraphs/canon/a.ts', 'engines/graph-store/port.ts', null],
  ['subgraphs/canon/a.ts', 'engines/graph-store/sqlite/store.ts', 'subgraph-imports-ports-shared'],
  ['subgraphs/canon/a.ts', 'subgraphs/creators/a.ts', 'subgraph-imports-ports-shared'],
  ['subgraphs/shared/a.ts', 'subgraphs/creators/a.ts', 'subgraph-imports-ports-shared'],
  ['subgraphs/canon/a.test.ts', 'engines/graph-store/sqlite/store.ts', 'subgraph-imports-ports-shared'],
  ['subgraphs/canon/a.int.test.ts', 'engines/graph-store/sqlite/store.ts', null],
  ['streams/privacy/a.ts', 'streams/shared/a.ts', null],
  ['streams/privacy/a.ts', 'engines/event-log/port.ts', null],
  ['streams/privacy/a.ts', 'engines/graph-store/sqlite/store.ts', 'stream-imports-ports-shared'],
  ['streams/privacy/a.ts', 'streams/canon/a.ts', 'stream-imports-ports-shared'],
  ['streams/privacy/a.ts', 'subgraphs/shared/a.ts', 'stream-imports-ports-shared'],
  ['gateway/a.ts', 'engines/event-log/port.ts', null],
  ['gateway/a.ts', 'engines/graph-store/port.ts', 'gateway-imports-event-log-port'],
  ['gateway/a.ts', 'subgraphs/canon/a.ts', 'gateway-imports-event-log-port'],
  ['dashboard/a.tsx', 'sdk/generated/operations.ts', null],
  ['dashboard/a.tsx', 'schema/a.ts', 'dashboard-imports-sdk-only'],
  ['sdk/client.ts', 'zod', null],
  ['sdk/client.ts', 'schema/a.ts', 'sdk-imports-npm-only'],
  ['streams/privacy/domain/noise.ts', 'streams/privacy/domain/b.ts', null],
  ['streams/privacy/domain/noise.ts', 'schema/a.ts', null],
  ['streams/privacy/domain/noise.ts', 'zod', 'domain-is-pure'],
  ['streams/privacy/domain/noise.ts', 'node:crypto', 'domain-is-pure'],
  ['streams/privacy/domain/noise.ts', 'runtime/a.ts', 'domain-is-pure'],
  ['streams/privacy/domain/noise.ts', 'streams/privacy/a.ts', 'domain-is-pure'],
  ['streams/privacy/domain/noise.test.ts', 'zod', null],
  ['streams/privacy/domain/noise.test.ts', 'runtime/a.ts', 'domain-tests-are-pure'],
  ['streams/privacy/domain/testing.ts', 'zod', null],
  ['streams/privacy/domain/testing.ts', 'streams/privacy/domain/b.ts', null],
  ['streams/privacy/domain/testing.ts', 'streams/privacy/a.ts', 'domain-tests-are-pure'],
  ['subgraphs/canon/a.ts', 'better-sqlite3', 'engine-packages-in-engines-only'],
  ['subgraphs/canon/a.ts', 'chdb/connection', 'engine-packages-in-engines-only'],
  ['streams/privacy/a.ts', '@clickhouse/client', 'engine-packages-in-engines-only'],
  ['gateway/a.ts', 'kafkajs', 'engine-packages-in-engines-only'],
  ['main.ts', 'engines/graph-store/sqlite/store.ts', null],
  ['bench/a.ts', 'subgraphs/canon/a.ts', null],
  ['composition/a.ts', 'engines/graph-store/sqlite/store.ts', null],
  ['infra/a.ts', 'better-sqlite3', null],
  ['importer/a.ts', 'subgraphs/canon/commands/a.ts', null],
  ['importer/a.ts', 'subgraphs/canon/a.ts', 'importer-imports-ports-commands'],
  ['importer/a.ts', 'engines/graph-store/sqlite/store.ts', 'importer-imports-ports-commands'],
  ['gateway/whole.e2e.test.ts', 'main.ts', null],
  ['helpers/a.ts', 'schema/a.ts', 'folder-is-known'],
  ['schema/a.ts', 'absent.ts', 'import-resolves'],
];

const repository = resolve(import.meta.dirname, '..');
const isFile = (target: string): boolean => /\.tsx?$/.test(target);

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** Lays out every case's file with its imports, a package for each bare specifier, and the configuration under test. */
function layOut(root: string): void {
  const imports = new Map<string, string[]>();
  for (const [from, to] of cases) {
    const file = isFile(to) ? relative(dirname(from), to) : to;
    const specifier = isFile(to) && !file.startsWith('.') ? `./${file}` : file;
    imports.set(from, [...(imports.get(from) ?? []), `import '${specifier}';`]);
    if (isFile(to) && to !== 'absent.ts' && !imports.has(to)) imports.set(to, []);
    if (!isFile(to) && !to.startsWith('node:')) write(join(root, 'node_modules', to, 'index.js'), 'export {};');
  }
  for (const [file, lines] of imports) write(join(root, file), `${lines.join('\n')}\nexport {};\n`);
  write(join(root, 'package.json'), '{"type":"module","dependencies":{"zod":"*"}}');
}

interface Configuration {
  readonly forbidden: readonly { name: string }[];
}

interface Report {
  readonly summary: { readonly violations: readonly { from: string; to: string; rule: { name: string } }[] };
}

describe('the import rules of ARCHITECTURE.md hold', () => {
  let root: string;
  let violations: readonly string[];

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'vcos-test-boundaries-'));
    layOut(root);
    const tool = join(repository, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const configuration = join(repository, '.dependency-cruiser.cjs');
    const { stdout } = spawnSync(process.execPath, [tool, '.', '--config', configuration, '--output-type', 'json'], {
      cwd: root,
      encoding: 'utf8',
    });
    const report = JSON.parse(stdout) as Report;
    violations = report.summary.violations.map(({ from, to, rule }) => `${from} → ${to}: ${rule.name}`);
  });
  afterAll(() => rmSync(root, { recursive: true }));

  test.each(cases)('%s → %s: %s', (from, to, rule) => {
    const name = to.replace('node:', '');
    const found = violations.filter((line) => line.startsWith(`${from} → `) && line.includes(name));
    const broken = found.map((line) => line.slice(line.lastIndexOf(' ') + 1));
    if (rule === null) expect(broken).toEqual([]);
    else expect(broken).toContain(rule);
  });

  test('every rule of the configuration has a case', () => {
    const configuration = createRequire(import.meta.url)('../.dependency-cruiser.cjs') as Configuration;
    const proved = new Set(cases.map(([, , rule]) => rule));
    expect(configuration.forbidden.map(({ name }) => name).filter((name) => !proved.has(name))).toEqual([]);
  });
});
