import { describe, expect, test } from '@jest/globals';
import { createScenario } from '../harness.ts';

// Goal: a union that has other members in another subgraph still gives all that the asked subgraph knows of its own members.
const note = { __typename: 'Note', text: 'hello' };
const call = { __typename: 'Call', from: { __typename: 'Caller', number: '555' }, tag: 'missed' };
const parcel = { __typename: 'Parcel', weight: 3, tag: 4 };

const scenario = (): ReturnType<typeof createScenario> =>
  createScenario({
    phone: {
      sdl: `
        type Query { ringing: Desk empty: Desk @shareable }
        type Desk @key(fields: "id") { id: ID! tray: Tray @shareable }
        type Tray @shareable { items: [Item!]! latest: Note }
        union Item = Note | Call
        type Note @shareable { text: String }
        type Call { from: Caller length(unit: String): String tag: String }
        type Caller { number: String }`,
      resolvers: {
        Query: {
          ringing: () => ({ id: '1' }),
          empty: () => ({ id: '1' }),
        },
        Desk: { tray: () => ({ items: [note, call], latest: note }) },
        Call: { length: (_: unknown, { unit }: { unit?: string }) => `2 ${unit ?? 'minutes'}` },
      },
    },
    post: {
      sdl: `
        type Query { stacked: Desk empty: Desk @shareable }
        type Desk @key(fields: "id") { id: ID! tray: Tray @shareable outbox: Tray }
        type Tray @shareable { items: [Item!]! latest: Item }
        union Item = Note | Parcel
        type Note @shareable { text: String }
        type Parcel { weight: Int tag: Int }`,
      resolvers: {
        Query: { stacked: () => ({ id: '1' }), empty: () => ({ id: '1' }) },
        Desk: {
          __resolveReference: ({ id }: { id: string }) => ({ id }),
          tray: () => ({ items: [note, parcel], latest: note }),
          outbox: () => ({ items: [parcel], latest: note }),
        },
      },
    },
  });

const all = '{ items { __typename ... on Note { text } ... on Call { from { number } } ... on Parcel { weight } } }';

describe('a union with other members in another subgraph', () => {
  test('each subgraph is asked for the members that it has', async () => {
    const caller = { __typename: 'Call', from: { number: '555' } };
    expect(await scenario().run(`{ ringing { tray ${all} } stacked { tray ${all} } }`)).toEqual({
      data: {
        ringing: { tray: { items: [note, caller] } },
        stacked: { tray: { items: [note, { __typename: 'Parcel', weight: 3 }] } },
      },
    });
  });

  test('behind a fetch of entities, and where the subgraph gives one member only', async () => {
    expect(await scenario().run(`{ ringing { outbox ${all} tray { latest { ... on Note { text } } } } }`)).toEqual({
      data: {
        ringing: { outbox: { items: [{ __typename: 'Parcel', weight: 3 }] }, tray: { latest: { text: 'hello' } } },
      },
    });
  });

  test('fragments, aliases and variables come along', async () => {
    const query = `query ($unit: String!) { ringing { t: tray { i: items { ...item } } } }
      fragment item on Item { ... on Note { text } ...called }
      fragment called on Call { took: length(unit: $unit) from { n: number } }`;
    expect(await scenario().run(query, { variables: { unit: 'seconds' } })).toEqual({
      data: { ringing: { t: { i: [{ text: 'hello' }, { took: '2 seconds', from: { n: '555' } }] } } },
    });
  });

  test('a subgraph is never asked for a member that it does not know', async () => {
    const desk = scenario();
    expect(await desk.run('{ ringing { tray { items { __typename ... on Parcel { weight } } } } }')).toEqual({
      data: { ringing: { tray: { items: [{ __typename: 'Note' }, { __typename: 'Call' }] } } },
    });
    expect(desk.calls.map(({ subgraph }) => subgraph)).toEqual(['phone']);
  });
});
