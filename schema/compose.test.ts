import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { composeSupergraph, CompositionError, staleFiles } from './compose.ts';

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@authenticated"])';
const creators = `${link}\ntype Query { creator: Creator @authenticated }\ntype Creator @key(fields: "id") { id: ID! name: String! }`;
const artifacts = `${link}\ntype Creator @key(fields: "id") { id: ID! works: Int! }`;

describe('composing the supergraph', () => {
  let schemaDir: string;
  beforeEach(() => {
    schemaDir = mkdtempSync(join(tmpdir(), 'vcos-test-compose-'));
    mkdirSync(join(schemaDir, 'subgraphs'));
  });
  afterEach(() => rmSync(schemaDir, { recursive: true }));

  function put(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(schemaDir, 'subgraphs', name), text);
  }

  test('joins the subgraphs, keeps the access directives for the gateway and hides federation from clients', () => {
    put({ 'creators.graphql': creators, 'artifacts.graphql': artifacts });
    const composed = composeSupergraph(schemaDir);
    expect(composed['supergraph.graphql']).toContain(
      'CREATORS @join__graph(name: "creators", url: "http://localhost/creators")',
    );
    expect(composed['supergraph.graphql']).toContain('@authenticated');
    expect(composed['api.graphql']).toContain('works: Int!');
    expect(composed['api.graphql']).not.toMatch(/join__|@key|@authenticated/);
  });

  test('names the written files that are absent or differ, and only those', () => {
    put({ 'creators.graphql': creators });
    const composed = composeSupergraph(schemaDir);
    expect(staleFiles(schemaDir, composed)).toHaveLength(2);
    for (const [name, text] of Object.entries(composed)) writeFileSync(join(schemaDir, name), text);
    expect(staleFiles(schemaDir, composed)).toEqual([]);
    writeFileSync(join(schemaDir, 'api.graphql'), 'type Query { edited: Int }');
    expect(staleFiles(schemaDir, composed)).toEqual([join(schemaDir, 'api.graphql')]);
  });

  test('tells a contradiction with its code, subgraphs and coordinate', () => {
    put({ 'creators.graphql': creators, 'artifacts.graphql': artifacts.replace('works', 'name') });
    expect(() => composeSupergraph(schemaDir)).toThrow(
      /FIELD_TYPE_MISMATCH: .*"Creator\.name".*"creators".*"artifacts"|FIELD_TYPE_MISMATCH: .*"Creator\.name".*"artifacts".*"creators"/,
    );
  });

  test('tells the file and line of a syntax error, and an empty folder', () => {
    expect(() => composeSupergraph(schemaDir)).toThrow(CompositionError);
    put({ 'creators.graphql': 'type Query {\n  broken(\n}' });
    expect(() => composeSupergraph(schemaDir)).toThrow(/creators\.graphql:3:1/);
  });
});
