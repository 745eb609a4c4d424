import { describe, expect, test } from '@jest/globals';
import { createScenario } from '../harness.ts';

// Goal: an entity is found in another subgraph by whichever key both know: simple, compound, nested, one of several.
const products = [
  { __typename: 'Product', id: 'p1', sku: 's1', region: { code: 'eu', zone: 1 }, name: 'Lamp' },
  { __typename: 'Product', id: 'p2', sku: 's2', region: { code: 'us', zone: 2 }, name: 'Chair' },
];
const stock = [
  { sku: 's1', code: 'eu', left: 3 },
  { sku: 's2', code: 'us', left: 0 },
];

const scenario = (): ReturnType<typeof createScenario> =>
  createScenario({
    catalogue: {
      sdl: `
        type Query { products: [Product!]! product(id: ID!): Product twins: [Product!]! }
        type Product @key(fields: "id") @key(fields: "sku region { code }") { id: ID! sku: String! region: Region! name: String! }
        type Region @shareable { code: String! zone: Int! }`,
      resolvers: {
        Query: {
          products: () => products,
          product: (_: unknown, { id }: { id: string }) => products.find((product) => product.id === id),
          twins: () => [products[0], products[0], products[1]],
        },
        Product: {
          __resolveReference: (reference: { id?: string; sku?: string }) =>
            products.find((product) => product.id === reference.id || product.sku === reference.sku),
        },
      },
    },
    stock: {
      sdl: `
        type Query { emptiest: Product }
        type Product @key(fields: "sku region { code }") { sku: String! region: Region! left: Int }
        type Region @shareable { code: String! }`,
      resolvers: {
        Query: { emptiest: () => ({ sku: 's2', region: { code: 'us' }, left: 0 }) },
        Product: {
          __resolveReference: (reference: { sku: string; region: { code: string } }) => ({
            ...reference,
            left: stock.find(({ sku, code }) => sku === reference.sku && code === reference.region.code)?.left,
          }),
        },
      },
    },
    reviews: {
      sdl: `type Product @key(fields: "id") { id: ID! stars(of: Int = 5): Float author: Author } type Author @key(fields: "product { id }") { product: Product! name: String }`,
      resolvers: {
        Product: {
          stars: (product: { id: string }, { of }: { of: number }) => (product.id === 'p1' ? of : of / 2),
          author: (product: { id: string }) => ({ product, name: `of ${product.id}` }),
        },
      },
    },
    people: {
      sdl: `type Author @key(fields: "product { id }") { product: Product! @shareable age: Int } type Product @key(fields: "id", resolvable: false) { id: ID! }`,
      resolvers: {
        Author: {
          __resolveReference: (reference: { product: { id: string } }) => ({
            ...reference,
            age: reference.product.id === 'p1' ? 30 : 40,
          }),
        },
      },
    },
  });

describe('keys', () => {
  test('a compound key with a nested part', async () => {
    expect(await scenario().run('{ products { name left } }')).toEqual({
      data: {
        products: [
          { name: 'Lamp', left: 3 },
          { name: 'Chair', left: 0 },
        ],
      },
    });
  });

  test('from the subgraph that knows one key to one that knows the other', async () => {
    expect(await scenario().run('{ emptiest { name stars(of: 10) left } }')).toEqual({
      data: { emptiest: { name: 'Chair', stars: 5, left: 0 } },
    });
  });

  test('a key that is itself an entity', async () => {
    expect(await scenario().run('{ product(id: "p1") { author { name age } } }')).toEqual({
      data: { product: { author: { name: 'of p1', age: 30 } } },
    });
  });

  test('equal representations are sent once and merged everywhere', async () => {
    const it = scenario();
    expect(await it.run('{ twins { id stars } }')).toEqual({
      data: {
        twins: [
          { id: 'p1', stars: 5 },
          { id: 'p1', stars: 5 },
          { id: 'p2', stars: 2.5 },
        ],
      },
    });
    const sent = it.calls.find((call) => call.subgraph === 'reviews')?.request.variables['representations'];
    expect(sent).toHaveLength(2);
  });

  test('aliases of the client stand, also those that take a key for something else', async () => {
    const query =
      '{ product(id: "p1") { id: name sku: id region { code: zone } a: stars(of: 1) b: stars(of: 2) left __typename: sku } }';
    expect(await scenario().run(query)).toEqual({
      data: { product: { id: 'Lamp', sku: 'p1', region: { code: 1 }, a: 1, b: 2, left: 3, __typename: 's1' } },
    });
  });

  test('an unknown entity is null and asks nobody else', async () => {
    const it = scenario();
    expect(await it.run('{ product(id: "none") { name left } }')).toEqual({ data: { product: null } });
    expect(it.calls.map((call) => call.subgraph)).toEqual(['catalogue']);
  });
});
