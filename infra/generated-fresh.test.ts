import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { generate } from '@graphql-codegen/cli';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { codegenConfig } from '../codegen.ts';
import { composeSupergraph } from '../schema/compose.ts';
import { staleGenerated } from './generated-fresh.ts';

const sdl = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
scalar DateTime
type Query { creator(id: ID!): Creator }
enum Kind { ARTIST CURATOR }
type Creator @key(fields: "id") { id: ID! kind: Kind! since: DateTime! }`;
const resolvers = 'subgraphs/creators/generated/resolvers.ts';
const documents = 'sdk/generated/operations.ts';

describe('generated types follow the schema', () => {
  let root: string;
  const at = (file: string): string => join(root, file);
  const put = (file: string, text: string): void => {
    mkdirSync(dirname(at(file)), { recursive: true });
    writeFileSync(at(file), text);
  };
  const regenerate = async (): Promise<void> => {
    put('schema/api.graphql', composeSupergraph(at('schema'))['api.graphql']);
    await generate({ ...codegenConfig(root), cwd: root, silent: true, errorsOnly: true }, true);
  };

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'vcos-test-generated-'));
    // The generator looks for its plugins beside the configuration.
    symlinkSync(resolve(import.meta.dirname, '../node_modules'), at('node_modules'));
    put('schema/subgraphs/creators.graphql', sdl);
    put('subgraphs/creators/mappers.ts', 'export interface CreatorMapper { readonly id: string }\n');
    put('sdk/operations/creator.graphql', 'query CreatorById($id: ID!) { creator(id: $id) { kind since } }');
    await regenerate();
  });
  afterEach(() => rmSync(root, { recursive: true }));

  test('resolvers get context and mappers, without a type that node cannot strip', () => {
    const text = readFileSync(at(resolvers), 'utf8');
    expect(text).toContain("import type { CreatorMapper } from '../mappers.ts';");
    expect(text).toContain("import type { SubgraphContext } from '../../shared/context.ts';");
    expect(text).toContain("creator?: Resolver<Maybe<ResolversTypes['Creator']>, ParentType, ContextType");
    expect(text).not.toMatch(/^export (enum|namespace)/m);
  });

  test("the SDK's documents are texts with the types of their answers", () => {
    const text = readFileSync(at(documents), 'utf8');
    expect(text).toContain('{ readonly kind: Kind, readonly since: string } | null');
    expect(text).toContain('as unknown as TypedDocumentString<CreatorByIdQuery, CreatorByIdQueryVariables>');
  });

  test('nothing is stale after a generation', async () => {
    expect(await staleGenerated(root)).toEqual([]);
  });

  test('names each file that is absent, edited or left over', async () => {
    rmSync(at(documents));
    writeFileSync(at(resolvers), `// edited\n${readFileSync(at(resolvers), 'utf8')}`);
    put('subgraphs/gone/generated/resolvers.ts', '');
    expect(await staleGenerated(root)).toEqual([
      `${resolvers}: differs from line 1 on`,
      `${documents}: absent`,
      'subgraphs/gone/generated/resolvers.ts: nothing generates it, delete it',
    ]);
  });
});
