import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import jsonld from 'jsonld';
import { type EmbeddedEngines, openEmbeddedEngines } from '../../infra/embedded-engines.ts';
import { seedCreators } from '../relationships/testing.ts';
import { type SubgraphBench, createBench } from '../shared/testing.ts';
import { createArtifactsSubgraph } from './subgraph.ts';

// Goal: an independent JSON-LD processor reads the document as PROV-O: every derivation among the works that the viewer may see, in both
// ways, with the credits; nothing of a work that they may not see.
let engines: EmbeddedEngines;
let bench: SubgraphBench;

beforeAll(async () => {
  engines = await openEmbeddedEngines();
  bench = createBench(createArtifactsSubgraph(), engines);
  await seedCreators(engines.store, ['ada', 'bob', 'cyd']);
});
afterAll(() => engines.close());

const prov = 'http://www.w3.org/ns/prov#';
const work = (id: string): string => `urn:vcos:artifact:${id}`;

async function publish(login: string, title: string, more: Record<string, unknown> = {}): Promise<string> {
  const { publishArtifact } = await bench.query<{ publishArtifact: { artifact: { id: string } } }>(
    login,
    'mutation ($input: PublishArtifactInput!) { publishArtifact(input: $input) { artifact { id } } }',
    { input: { title, kind: 'CODE', ...more } },
  );
  return publishArtifact.artifact.id;
}

async function documentOf(login: string | null, id: string, maxDepth = 5): Promise<string> {
  const query = 'query ($id: ID!, $maxDepth: Int!) { artifact(id: $id) { provenanceDocument(maxDepth: $maxDepth) } }';
  const { artifact } = await bench.query<{ artifact: { provenanceDocument: string } }>(login, query, { id, maxDepth });
  return artifact.provenanceDocument;
}

/** Subject, predicate, object and datatype of each statement; `safe` makes the processor refuse what it would have to drop. */
async function statements(document: string): Promise<readonly string[]> {
  const quads = await jsonld.toRDF(JSON.parse(document) as object, { safe: true });
  return quads.map(({ subject, predicate, object }) =>
    [subject.value, predicate.value, object.value, object.datatype?.value ?? ''].join(' ').trim(),
  );
}

describe('a provenance document', () => {
  test('tells a diamond of derivations whole, from its middle, with credits', async () => {
    const top = await publish('ada', 'Top');
    const left = await publish('bob', 'Left', { derivedFrom: [top], contentHash: 'sha256:left' });
    const right = await publish('cyd', 'Right', { derivedFrom: [top, left] });
    const credits = [
      { creatorId: 'ada', sharePercent: 62.5 },
      { creatorId: 'bob', sharePercent: 37.5 },
    ];
    const bottom = await publish('ada', 'Bottom', { derivedFrom: [left, right], credits });
    const told = await statements(await documentOf(null, left));
    const derived = told.filter((line) => line.includes(` ${prov}wasDerivedFrom `)).sort();
    const expected = [
      [left, top],
      [right, top],
      [right, left],
      [bottom, left],
      [bottom, right],
    ].map(([from = '', to = '']) => `${work(from)} ${prov}wasDerivedFrom ${work(to)}`);
    expect(derived).toEqual(expected.sort());
    expect(told).toContain(`${work(bottom)} ${prov}wasAttributedTo urn:vcos:creator:bob`);
    expect(told.some((line) => line.endsWith(' 37.5 http://www.w3.org/2001/XMLSchema#decimal'))).toBe(true);
    expect(told.some((line) => line.startsWith(`${work(left)} urn:vcos:terms:contentHash sha256:left `))).toBe(true);
    for (const id of [top, left, right, bottom])
      expect(told.some((line) => line.startsWith(`${work(id)} ${prov}generatedAtTime `))).toBe(true);
    expect(told).toContain(
      `urn:vcos:provenance:${left} urn:vcos:terms:isTruncated false http://www.w3.org/2001/XMLSchema#boolean`,
    );
  });

  test('holds nothing that the viewer may not see, nor what lies behind it', async () => {
    const open = await publish('ada', 'Open');
    const hidden = await publish('bob', 'Hidden title', { derivedFrom: [open], visibility: 'PRIVATE' });
    const behind = await publish('bob', 'Behind', { derivedFrom: [hidden] });
    const seenByAll = await documentOf(null, open);
    for (const absent of [hidden, behind, 'Hidden title', 'urn:vcos:creator:bob'])
      expect(seenByAll).not.toContain(absent);
    expect(await documentOf(null, behind)).not.toContain(hidden);
    const seenByBob = await documentOf('bob', open);
    expect(seenByBob).toContain(work(hidden));
    expect(seenByBob).toContain(work(behind));
  });

  test('goes no further than asked, and refuses a depth out of bounds', async () => {
    const first = await publish('ada', 'First');
    const second = await publish('ada', 'Second', { derivedFrom: [first] });
    const third = await publish('ada', 'Third', { derivedFrom: [second] });
    expect(await documentOf(null, third, 1)).not.toContain(work(first));
    expect(await documentOf(null, third, 2)).toContain(work(first));
    const answer = await bench.ask(null, `{ artifact(id: "${third}") { provenanceDocument(maxDepth: 21) } }`);
    expect(answer.errors?.[0]?.message).toMatch(/1 to 20/);
  });
});
