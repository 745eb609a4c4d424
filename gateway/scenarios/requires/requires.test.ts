import { describe, expect, test } from '@jest/globals';
import { createScenario } from '../harness.ts';

// Goal: a field that needs others of its entity gets exactly those, whatever the client asks for under the same names.
const scenario = (): ReturnType<typeof createScenario> =>
  createScenario({
    catalogue: {
      sdl: `
        type Query { products: [Product!]! }
        type Product @key(fields: "id") { id: ID! price(currency: String! = "EUR"): Float size: Size boxes: [Size!] weight: Int }
        type Size { width: Int height(unit: String = "cm"): Int }`,
      resolvers: {
        Query: {
          products: () => [
            { id: '1', size: { width: 4 }, boxes: [{ width: 1 }, { width: 2 }], weight: 7 },
            { id: '2', size: null, boxes: [], weight: null },
          ],
        },
        Product: { price: (_: unknown, { currency }: { currency: string }) => (currency === 'USD' ? 100 : 80) },
        Size: { height: (_: unknown, { unit }: { unit: string }) => (unit === 'in' ? 12 : 30) },
      },
    },
    shipping: {
      sdl: `
        type Product @key(fields: "id") {
          id: ID!
          price(currency: String! = "EUR"): Float @external
          size: Size @external
          boxes: [Size!] @external
          weight: Int @external
          inDollars: Float @requires(fields: "price(currency: \\"USD\\")")
          inEuros: Float @requires(fields: "price(currency: \\"EUR\\")")
          volume: String @requires(fields: "size { width height(unit: \\"in\\") } boxes { width }")
          volumeInCm: String @requires(fields: "size { width height(unit: \\"cm\\") }")
          heavy: String @requires(fields: "weight")
        }
        type Size { width: Int @external height(unit: String = "cm"): Int @external }`,
      resolvers: {
        Product: {
          inDollars: (product: { price: number }) => product.price,
          inEuros: (product: { price: number }) => product.price,
          volume: ({ size, boxes }: { size: { width: number; height: number } | null; boxes: { width: number }[] }) =>
            `${size ? `${size.width}x${size.height}` : 'none'} ${boxes.map((box) => box.width).join('+')}`,
          volumeInCm: ({ size }: { size: { width: number; height: number } | null }) =>
            size ? `${size.width}x${size.height}` : 'none',
          heavy: (product: { weight: number | null }) => `weight ${product.weight}`,
        },
      },
    },
    labels: {
      sdl: `type Product @key(fields: "id") { id: ID! volume: String @external label: String @requires(fields: "volume") }`,
      resolvers: { Product: { label: (product: { volume: string }) => `[${product.volume}]` } },
    },
  });

describe('@requires', () => {
  test('nested objects, lists and nulls are passed on as they are', async () => {
    expect(await scenario().run('{ products { volume heavy } }')).toEqual({
      data: {
        products: [
          { volume: '4x12 1+2', heavy: 'weight 7' },
          { volume: 'none ', heavy: 'weight null' },
        ],
      },
    });
  });

  test('a chain through three subgraphs', async () => {
    expect(await scenario().run('{ products { label } }')).toEqual({
      data: { products: [{ label: '[4x12 1+2]' }, { label: '[none ]' }] },
    });
  });

  test('the same field with other arguments, asked for by the client and by two requirements', async () => {
    const query = '{ products { price(currency: "GBP") inDollars inEuros size { height width } volume } }';
    expect((await scenario().run(query)).data).toEqual({
      products: [
        { price: 80, inDollars: 100, inEuros: 80, size: { height: 30, width: 4 }, volume: '4x12 1+2' },
        { price: 80, inDollars: 100, inEuros: 80, size: null, volume: 'none ' },
      ],
    });
  });

  test('aliases that take the name of something required', async () => {
    const query =
      '{ products { price: weight weight: id size { width: height height: width } boxes { height: width width: height } volume inDollars heavy } }';
    expect((await scenario().run(query)).data).toEqual({
      products: [
        {
          price: 7,
          weight: '1',
          size: { width: 30, height: 4 },
          boxes: [
            { height: 1, width: 30 },
            { height: 2, width: 30 },
          ],
          volume: '4x12 1+2',
          inDollars: 100,
          heavy: 'weight 7',
        },
        { price: null, weight: '2', size: null, boxes: [], volume: 'none ', inDollars: 100, heavy: 'weight null' },
      ],
    });
  });

  test('one nested field with two sets of arguments is refused, as one entity cannot be sent with both', async () => {
    const shop = scenario();
    expect((await shop.run('{ products { volume } }')).errors).toBeUndefined();
    expect((await shop.run('{ products { volumeInCm } }')).errors).toBeUndefined();
    expect((await shop.run('{ products { volume volumeInCm } }')).errors).toMatchObject([
      { extensions: { code: 'PLANNING_FAILED' } },
    ]);
  });
});
