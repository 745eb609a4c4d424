import { found } from './serve.ts';
import type { FederationScenario } from './serve.ts';

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.8", import: ["@key", "@context", "@fromContext", "@shareable", "@external", "@requires"])\n`;

/** A field takes an argument from an object above it, which clients do not see. */
const context: FederationScenario = {
  name: '@context',
  subgraphs: {
    trips: {
      sdl: `${link}
        type Query { trips: [Trip!]! house: House }
        type Trip @key(fields: "id") @context(name: "place") { id: ID! currency: String! hotel: Hotel stops: [Stop!]! }
        type House @key(fields: "id") @context(name: "place") { id: ID! money: String! hotel: Hotel }
        type Stop @key(fields: "id") { id: ID! hotel: Hotel }
        type Hotel @key(fields: "id") {
          id: ID!
          price(nights: Int = 1, currency: String @fromContext(field: "$place ... on Trip { currency } ... on House { money }")): String
        }`,
      resolvers: {
        Query: {
          trips: () => [
            {
              id: 't1',
              currency: 'EUR',
              hotel: { id: 'h1' },
              stops: [
                { id: 's1', hotel: { id: 'h1' } },
                { id: 's2', hotel: { id: 'h2' } },
              ],
            },
            { id: 't2', currency: 'USD', hotel: { id: 'h1' }, stops: [] },
          ],
          house: () => ({ id: 'x', money: 'CHF', hotel: { id: 'h2' } }),
        },
        Hotel: {
          ...found([{ id: 'h1' }, { id: 'h2' }], 'id'),
          price: ({ id }: { id: string }, { nights, currency }: { nights: number; currency?: string }) =>
            `${id} ${nights} ${currency}`,
        },
      },
    },
    names: {
      sdl: `${link} type Hotel @key(fields: "id") { id: ID! name: String }`,
      resolvers: {
        Hotel: found(
          [
            { id: 'h1', name: 'One' },
            { id: 'h2', name: 'Two' },
          ],
          'id',
        ),
      },
    },
  },
  cases: [
    {
      shows: 'the nearest object above',
      query: '{ trips { hotel { price } } }',
      data: { trips: [{ hotel: { price: 'h1 1 EUR' } }, { hotel: { price: 'h1 1 USD' } }] },
    },
    {
      shows: 'further above, through a list',
      query: '{ trips { stops { hotel { price(nights: 2) name } } } }',
      data: {
        trips: [
          { stops: [{ hotel: { price: 'h1 2 EUR', name: 'One' } }, { hotel: { price: 'h2 2 EUR', name: 'Two' } }] },
          { stops: [] },
        ],
      },
    },
    {
      shows: 'another type that gives the same context',
      query: '{ house { hotel { price name } } }',
      data: { house: { hotel: { price: 'h2 1 CHF', name: 'Two' } } },
    },
    {
      shows: 'the value for the client, too',
      query: 'query ($n: Int) { trips { currency hotel { price(nights: $n) } } }',
      variables: { n: 3 },
      data: {
        trips: [
          { currency: 'EUR', hotel: { price: 'h1 3 EUR' } },
          { currency: 'USD', hotel: { price: 'h1 3 USD' } },
        ],
      },
    },
    {
      shows: 'clients do not see the argument',
      query: '{ house { hotel { price(currency: "EUR") } } }',
      errors: ['GRAPHQL_VALIDATION_FAILED'],
    },
    {
      shows: 'introspection neither',
      query: '{ __type(name: "Hotel") { fields { name args { name } } } }',
      data: {
        __type: {
          fields: [
            { name: 'id', args: [] },
            { name: 'name', args: [] },
            { name: 'price', args: [{ name: 'nights' }] },
          ],
        },
      },
    },
    {
      shows: 'without the field',
      query: '{ trips { hotel { name } } }',
      data: { trips: [{ hotel: { name: 'One' } }, { hotel: { name: 'One' } }] },
    },
  ],
};

export const contexts: readonly FederationScenario[] = [context];
