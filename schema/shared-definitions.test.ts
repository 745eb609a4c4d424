import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type DefinitionNode, Kind, parse, print } from 'graphql';
import { creatorTypes, dimensions } from './graph/catalogue.ts';
import { userErrorCodes } from './user-errors.ts';

// Goal: what several subgraphs declare is the same in each, and names what the code knows.
const folder = join(import.meta.dirname, 'subgraphs');
const files = readdirSync(folder).filter((file) => file.endsWith('.graphql'));
const shared = [
  'Node',
  'PageInfo',
  'UserError',
  'UserErrorCode',
  'CreatorType',
  'Dimension',
  'DateTime',
  'HLC',
  'BigInt',
];

function definitionsOf(file: string): ReadonlyMap<string, DefinitionNode> {
  const document = parse(readFileSync(join(folder, file), 'utf8'));
  return new Map(document.definitions.flatMap((node) => ('name' in node ? [[node.name.value, node]] : [])));
}

function valuesOf(name: string): readonly string[] {
  const node = definitionsOf('creators.graphql').get(name);
  return node?.kind === Kind.ENUM_TYPE_DEFINITION ? (node.values ?? []).map((value) => value.name.value) : [];
}

describe('definitions that subgraphs share', () => {
  test.each(shared)('%s is the same wherever it is', (name) => {
    const texts = files.flatMap((file) => {
      const node = definitionsOf(file).get(name);
      return node ? [print(node)] : [];
    });
    expect(texts.length).toBeGreaterThan(0);
    expect(new Set(texts).size).toBe(1);
  });

  test('their values are those of the contracts', () => {
    expect([...valuesOf('UserErrorCode')].sort()).toEqual([...userErrorCodes].sort());
    expect([...valuesOf('CreatorType')].sort()).toEqual([...creatorTypes].sort());
    expect([...valuesOf('Dimension')].sort()).toEqual([...dimensions].sort());
  });
});
