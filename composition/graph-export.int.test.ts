import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MultiGraph } from 'graphology';
import graphml from 'graphology-graphml';
import { type EmbeddedEngines, openEmbeddedEngines } from '../infra/embedded-engines.ts';
import type { GraphTransaction } from '../engines/graph-store/port.ts';
import type { NodeProps } from '../schema/graph/catalogue.ts';
import { graphmlOf } from './graph-export.ts';

// Goal: the whole graph as a viewer may see it, read back by an independent library: everything that is theirs to see, nothing that is not.
const since = '2024-01-01T00:00:00.000Z';
const odd = `<A> & "B" 'C'\u0000\u000b line\nbreak \ud800 ünï 💡`;
let engines: EmbeddedEngines;

const creator = (name: string): NodeProps['Creator'] => ({
  ...{
    username: name,
    usernameKey: name,
    identity: `test|${name}`,
    displayName: name === 'ada' ? odd : name,
    bio: 'canary',
  },
  ...{ creatorType: 'ARTIST', skills: ['ink', 'code'], state: 'ACTIVE', registeredAt: since, lastActiveAt: since },
  publicMetrics: [],
});
const work = (visibility: NodeProps['Artifact']['visibility'], by: string): NodeProps['Artifact'] => ({
  ...{ title: 'Tide', kind: 'MEDIA', summary: 'canary', tags: ['noir'], visibility, contentHash: 'h', revision: 1 },
  ...{ credits: [{ creatorId: by, sharePercent: 100 }], publishedAt: since, revisedAt: since, acceptedAt: '' },
  ...{ positiveJudgements: 0, negativeJudgements: 1 },
});

async function fill(tx: GraphTransaction): Promise<void> {
  for (const name of ['ada', 'bob', 'cy']) await tx.put({ type: 'Creator', id: name, props: creator(name) });
  for (const [id, visibility, by] of [
    ['open', 'PUBLIC', 'ada'],
    ['remix', 'PUBLIC', 'bob'],
    ['secret', 'PRIVATE', 'bob'],
  ] as const) {
    await tx.put({ type: 'Artifact', id, props: work(visibility, by) });
    await tx.link({ type: 'CREATED', from: by, to: id, props: { since, sharePercent: 62.5 } });
  }
  for (const [id, kind] of [
    ['plaza', 'SOCIAL'],
    ['studio', 'PRODUCTION'],
  ] as const) {
    const props = { ...{ name: id, kind, description: 'canary', capacity: 9, createdBy: 'bob' }, createdAt: since };
    await tx.put({ type: 'Space', id, props });
    await tx.link({ type: 'MEMBER_OF', from: 'bob', to: id, props: { since, role: 'OWNER' } });
  }
  await tx.link({ type: 'PART_OF', from: 'studio', to: 'plaza', props: { since } });
  for (const from of ['remix', 'secret']) await tx.link({ type: 'DERIVED_FROM', from, to: 'open', props: { since } });
  await tx.link({ type: 'FOLLOWS', from: 'ada', to: 'bob', props: { since } });
  for (const key of ['SKILL:ink', 'SKILL:code'])
    await tx.link({ type: 'ENDORSES', from: 'ada', to: 'bob', key, props: { since, weight: 4, note: 'canary' } });
  await tx.link({ type: 'COLLABORATES_WITH', from: 'ada', to: 'bob', props: { since, weight: 2 } });
  await tx.link({ type: 'BLOCKS', from: 'cy', to: 'bob', props: { since } });
  await tx.link({ type: 'JUDGES', from: 'cy', to: 'open', props: { since, polarity: -1 } });
}

beforeAll(async () => {
  engines = await openEmbeddedEngines();
  await engines.store.transact(fill);
});
afterAll(() => engines.close());

async function exported(viewerId: string | null): Promise<{ readonly text: string; readonly graph: MultiGraph }> {
  let text = '';
  for await (const piece of graphmlOf(engines.store, viewerId)) text += piece;
  return { text, graph: graphml.parse<MultiGraph>(MultiGraph, text) };
}

const relationsOf = (graph: MultiGraph): readonly string[] =>
  graph.mapEdges((_edge, { relation }, source, target) => `${String(relation)} ${source} ${target}`).toSorted();

test('everybody sees people, public works and open places, and what is public between them', async () => {
  const { text, graph } = await exported(null);
  expect(graph.nodes().toSorted()).toEqual(['ada', 'bob', 'cy', 'open', 'plaza', 'remix']);
  expect(relationsOf(graph)).toEqual([
    'COLLABORATES_WITH ada bob',
    'CREATED ada open',
    'CREATED bob remix',
    'DERIVED_FROM remix open',
    'ENDORSES ada bob',
    'ENDORSES ada bob',
    'FOLLOWS ada bob',
  ]);
  expect(graph.getNodeAttributes('ada')).toMatchObject({ type: 'Creator', skills: 'ink\ncode', kind: 'ARTIST' });
  expect(graph.getNodeAttribute('ada', 'name')).toBe(`<A> & "B" 'C'\ufffd\ufffd line\nbreak \ufffd ünï 💡`);
  expect(graph.getNodeAttributes('open')).toMatchObject({ type: 'Artifact', revision: 1, visibility: 'PUBLIC' });
  const created = graph.findEdge((_edge, { relation }) => relation === 'CREATED');
  expect(graph.getEdgeAttributes(created)).toMatchObject({ sharePercent: 62.5, started: since });
  // This library takes every edge for one of the default direction.
  expect(text.match(/directed="false"/g)).toHaveLength(1);
  expect(text).not.toMatch(/canary|secret|studio|BLOCKS|JUDGES|identity/);
});

test('a creator sees what is theirs beside that', async () => {
  const { text, graph } = await exported('bob');
  expect(graph.nodes().toSorted()).toEqual(['ada', 'bob', 'cy', 'open', 'plaza', 'remix', 'secret', 'studio']);
  const more = relationsOf(graph).filter((relation) => /secret|studio|plaza/.test(relation));
  expect(more).toEqual([
    'CREATED bob secret',
    'DERIVED_FROM secret open',
    'MEMBER_OF bob plaza',
    'MEMBER_OF bob studio',
    'PART_OF studio plaza',
  ]);
  expect(text).not.toMatch(/canary|BLOCKS|JUDGES/);
});

test('a graph larger than a page is whole', async () => {
  await engines.store.transact(async (tx) => {
    for (let n = 0; n < 520; n += 1) {
      const id = `fan-${String(n).padStart(4, '0')}`;
      await tx.put({ type: 'Creator', id, props: creator(id) });
      await tx.link({ type: 'FOLLOWS', from: id, to: 'ada', props: { since } });
      await tx.link({ type: 'FOLLOWS', from: 'cy', to: id, props: { since } });
    }
  });
  const { graph } = await exported(null);
  expect([graph.inDegree('ada'), graph.outDegree('cy')]).toEqual([520, 520]);
});
