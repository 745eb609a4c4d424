/** The supergraph that gateways are measured on: a shop in four subgraphs, and three operations on it. */
const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@external", "@requires", "@shareable"])\n`;
const products = 40;
const users = 25;

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);
const indexOf = (id: string): number => Number(id.split('-')[1]);
/** The same for the same seed, and without a pattern that would compress the work away. */
const mixed = (seed: number): number => Math.imul(seed + 1, 0x9e3779b1) >>> 8;

interface Entity {
  readonly id: string;
}
interface Page {
  readonly first: number;
  readonly after: number;
}
interface Sized extends Entity {
  readonly price?: number;
  readonly weight?: number;
}
const userOf = (index: number): Entity => ({ id: `user-${index % users}` });
const productOf = (index: number): Entity => ({ id: `product-${index % products}` });
const reviewOf = (index: number): Entity => ({ id: `review-${index}` });
const same = (entity: Entity): Entity => entity;

/** SDL and resolvers by subgraph. */
export const subgraphs = [
  {
    name: 'users',
    sdl: `${link}
      type Query { me(after: Int = 0): User users(first: Int = 25, after: Int = 0): [User!]! }
      type User @key(fields: "id") { id: ID! name: String! username: String! joined: String! }`,
    resolvers: {
      Query: {
        me: (_: unknown, { after }: Page) => userOf(1 + after),
        users: (_: unknown, { first, after }: Page) => upTo(Math.min(first, users)).map((n) => userOf(n + after)),
      },
      User: {
        __resolveReference: same,
        name: ({ id }: Entity) => `The name of ${id}`,
        username: ({ id }: Entity) => id.toUpperCase(),
        joined: ({ id }: Entity) => `2024-0${(indexOf(id) % 9) + 1}-14T09:30:00.000Z`,
      },
    },
  },
  {
    name: 'products',
    sdl: `${link}
      type Query { topProducts(first: Int = 5, after: Int = 0): [Product!]! product(id: ID!): Product }
      type Product @key(fields: "id") { id: ID! name: String! price: Int! weight: Int! }`,
    resolvers: {
      Query: {
        topProducts: (_: unknown, { first, after }: Page) =>
          upTo(Math.min(first, products)).map((n) => productOf(n + after)),
        product: (_: unknown, { id }: { id: string }) => ({ id }),
      },
      Product: {
        __resolveReference: same,
        name: ({ id }: Entity) => `A thing that is sold as ${id}`,
        price: ({ id }: Entity) => mixed(indexOf(id)) % 10_000,
        weight: ({ id }: Entity) => mixed(indexOf(id) + 7) % 900,
      },
    },
  },
  {
    name: 'reviews',
    sdl: `${link}
      type Review @key(fields: "id") { id: ID! body: String! stars: Int! author: User! product: Product! }
      type User @key(fields: "id") { id: ID! reviews: [Review!]! }
      type Product @key(fields: "id") { id: ID! reviews: [Review!]! }`,
    resolvers: {
      Review: {
        __resolveReference: same,
        body: ({ id }: Entity) =>
          `What ${id} says: it does what it should, and it came in time (${mixed(indexOf(id)) % 97}).`,
        stars: ({ id }: Entity) => 1 + (mixed(indexOf(id)) % 5),
        author: ({ id }: Entity) => userOf(mixed(indexOf(id))),
        product: ({ id }: Entity) => productOf(mixed(indexOf(id) + 3)),
      },
      User: {
        __resolveReference: same,
        reviews: ({ id }: Entity) => upTo(10).map((n) => reviewOf(1_000 + indexOf(id) * 10 + n)),
      },
      Product: {
        __resolveReference: same,
        reviews: ({ id }: Entity) => upTo(4).map((n) => reviewOf(indexOf(id) * 4 + n)),
      },
    },
  },
  {
    name: 'stock',
    sdl: `${link}
      type Product @key(fields: "id") {
        id: ID! price: Int! @external weight: Int! @external
        inStock: Boolean! shipping: Int! @requires(fields: "price weight")
      }`,
    resolvers: {
      Product: {
        __resolveReference: same,
        inStock: ({ id }: Entity) => mixed(indexOf(id)) % 3 !== 0,
        shipping: ({ price = 0, weight = 0 }: Sized) => (price > 5_000 ? 0 : weight * 2),
      },
    },
  },
];

export interface MeasuredQuery {
  readonly name: string;
  readonly query: string;
  /** `after` says where in the list: 0 for the query that everybody sends. */
  readonly variables: (after: number) => Readonly<Record<string, unknown>>;
}

/** What is measured, each with the figures that it must reach in relation to the peers. */
export const queries: readonly MeasuredQuery[] = [
  {
    name: '3 subgraphs',
    query: `query Top($first: Int, $after: Int) { topProducts(first: $first, after: $after) { id name price weight reviews { id body stars author { id name username } } } }`,
    variables: (after) => ({ first: 5, after }),
  },
  {
    name: 'large',
    query: `query Large($first: Int, $after: Int) { users(first: $first, after: $after) { id name username joined reviews { id body stars product { id name price inStock shipping } author { id name username } } } }`,
    variables: (after) => ({ first: 25, after }),
  },
  {
    name: 'one field',
    query: `query One($after: Int) { me(after: $after) { name } }`,
    variables: (after) => ({ after }),
  },
];
