import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { startTestNeo4j } from '../../infra/jvm/neo4j/testing.ts';
import { openSqliteEngines } from '../sqlite/open-engines.ts';
import { testDirectory } from '../sqlite/testing.ts';
import { artifact, creator, since, topic } from './conformance/subject.ts';
import { type Neo4jGraphStore, openNeo4jGraphStore } from './neo4j-graph-store.ts';
import type { GraphReader, GraphStore, GraphTransaction } from './port.ts';

/** `GRAPH_DIFFERENTIAL_RUNS=200` plays more. */
const runs = Number(process.env['GRAPH_DIFFERENTIAL_RUNS'] ?? 6);
/** A slow machine plays fewer. */
const playMsMax = Math.max(60_000, runs * 5_000);

jest.setTimeout(playMsMax * 4);

/** Ends of ids and values: of no letter, that order differently by bytes, UTF-16 and language, that end texts and queries. */
const texts = [
  '',
  'a',
  'A',
  'b',
  'é',
  'e\u0301',
  'ß',
  '\uFB01',
  '\u{1F600}',
  '\uFFFD',
  ' ',
  'a b',
  "'",
  '`',
  '\\',
  '"',
  '\n',
  '\u0001',
  '%_',
];
const people = ['0', '1', 'é', '\u{1F600}', '\uFFFD', 'a'] as const;
const works = ['w0', 'w"', 'w\u{1F600}'] as const;
const person = fc.constantFrom(...people);
const work = fc.constantFrom(...works);
const text = fc.constantFrom(...texts);
const number = fc.constantFrom(-1, 0, 1, 2, 2.5, 1e-7, 1e21, Number.MAX_SAFE_INTEGER);
const instant = fc.nat(3).map(since);
const key = fc.constantFrom('', 'k', '\u{1F600}', '\uFFFD');
const skills = fc.uniqueArray(fc.constantFrom('a', 'A', '\u{1F600}', '\uFFFD', ''), { maxLength: 3 });
const kinds = ['MEDIA', 'CODE'] as const;
const kind = fc.constantFrom(...kinds);
const edge = fc.constantFrom('FOLLOWS', 'ENDORSES', 'COLLABORATES_WITH', 'BLOCKS');
const direction = fc.constantFrom('out', 'in', 'both');
const order = fc.constantFrom('asc', 'desc');
const limit = fc.integer({ min: 1, max: 4 });
const version = fc.option(fc.nat(3), { nil: undefined });

const write = fc.oneof(
  fc.record({ put: fc.constant('Creator' as const), id: person, name: text, bio: text, skills, at: instant, version }),
  fc.record({
    put: fc.constant('Artifact' as const),
    id: work,
    title: text,
    tags: skills,
    kind,
    revision: number,
    at: instant,
    version,
  }),
  fc.record({ patch: person, bio: text, skills, name: fc.option(text, { nil: undefined }) }),
  fc.record({ remove: fc.oneof(person, work) }),
  fc.record({ link: edge, from: person, to: person, key, weight: number, note: text, at: instant }),
  fc.record({ made: work, by: person, share: number, at: instant }),
  fc.record({ unlink: edge, from: person, to: person, key }),
);
const read = fc.oneof(
  fc.record({ get: fc.array(person, { maxLength: 4 }) }),
  fc.record({ locate: fc.array(fc.oneof(person, work), { maxLength: 4 }) }),
  fc.record({ named: fc.array(text, { maxLength: 3 }) }),
  fc.record({
    able: fc.constantFrom('a', 'A', '\u{1F600}', '\uFFFD', ''),
    by: fc.constantFrom('usernameKey' as const, 'registeredAt' as const),
    order,
    limit,
    after: fc.option(fc.tuple(text, person, fc.nat(3)), { nil: undefined }),
  }),
  fc.record({ tagged: fc.constantFrom('a', '\u{1F600}'), kind: fc.option(kind, { nil: undefined }), order, limit }),
  fc.record({ edges: edge, ends: fc.array(fc.record({ from: person, to: person, key }), { maxLength: 4 }) }),
  fc.record({
    near: edge,
    direction,
    ids: fc.uniqueArray(person, { maxLength: 3 }),
    by: fc.constantFrom('since' as const, 'weight' as const, 'note' as const),
    order,
    limit,
    where: fc.option(number, { nil: undefined }),
    after: fc.option(fc.tuple(fc.oneof(number, instant, text), person), { nil: undefined }),
  }),
  fc.record({ degrees: edge, direction, ids: fc.array(fc.oneof(person, work), { maxLength: 4 }) }),
);
const outside = fc.oneof(
  fc.record({ recommend: person, exclude: fc.subarray(['FOLLOWS', 'BLOCKS'] as const), limit }),
  fc.record({
    path: fc.tuple(person, person),
    edges: fc.subarray(['FOLLOWS', 'ENDORSES', 'COLLABORATES_WITH'] as const, { minLength: 1 }),
    depth: fc.integer({ min: 1, max: 4 }),
  }),
);
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      steps: fc.array(fc.oneof({ weight: 3, arbitrary: write }, read), { minLength: 1, maxLength: 8 }),
      aborts: fc.constantFrom(false, false, false, true),
    }),
  },
  { weight: 2, arbitrary: read },
  { weight: 1, arbitrary: outside },
);
type Of<A> = A extends fc.Arbitrary<infer T> ? T : never;
type Write = Of<typeof write>;
type Read = Of<typeof read>;
type Outside = Of<typeof outside>;

/** The same steps on one store; what it answers, and by which error it refuses. */
class Player {
  readonly #store: GraphStore;
  readonly #world: string;

  constructor(store: GraphStore, world: string) {
    [this.#store, this.#world] = [store, world];
  }

  async play(given: Of<typeof step>): Promise<unknown> {
    if (!('steps' in given))
      return answerOf(() =>
        'recommend' in given || 'path' in given ? this.#outside(given) : this.#read(this.#store, given),
      );
    let answers: unknown[] = [];
    const outcome = await answerOf(() =>
      this.#store.transact(async (tx) => {
        answers = [];
        for (const each of given.steps)
          answers.push(await answerOf(() => (isWrite(each) ? this.#write(tx, each) : this.#read(tx, each))));
        if (given.aborts) throw new Error('given up');
      }),
    );
    return { outcome, answers };
  }

  #id = (of: string): string => `${this.#world}/${of}`;

  #write(tx: GraphTransaction, given: Write): Promise<unknown> {
    const id = this.#id;
    if ('put' in given) {
      const expected = given.version === undefined ? {} : { expectedVersion: given.version };
      if (given.put === 'Creator') {
        const { name, bio, at } = given;
        const props = creator(id(given.id), {
          usernameKey: id(name),
          bio,
          skills: given.skills.map(id),
          registeredAt: at,
        });
        return tx.put({ type: 'Creator', id: id(given.id), props, ...expected });
      }
      const { title, revision, at } = given;
      const props = artifact({ title, tags: given.tags.map(id), kind: given.kind, revision, publishedAt: at });
      return tx.put({ type: 'Artifact', id: id(given.id), props, ...expected });
    }
    if ('patch' in given) {
      const name = given.name === undefined ? {} : { usernameKey: id(given.name) };
      return tx.patch('Creator', id(given.patch), { bio: given.bio, skills: given.skills.map(id), ...name });
    }
    if ('remove' in given) return tx.remove(given.remove.startsWith('w') ? 'Artifact' : 'Creator', id(given.remove));
    if ('made' in given) {
      const props = { since: given.at, sharePercent: given.share };
      return tx.link({ type: 'CREATED', from: id(given.by), to: id(given.made), props });
    }
    const ends = { from: id(given.from), to: id(given.to) };
    if ('unlink' in given)
      return tx.unlink({ type: given.unlink, ...ends, ...(given.key !== '' && { key: given.key }) });
    const { at, weight, note } = given;
    const props = {
      FOLLOWS: { since: at },
      BLOCKS: { since: at },
      ENDORSES: { since: at, weight, note },
      COLLABORATES_WITH: { since: at, weight },
    };
    return tx.link({
      type: given.link,
      ...ends,
      ...(given.key !== '' && { key: given.key }),
      props: props[given.link],
    });
  }

  #read(from: GraphReader, given: Read): Promise<unknown> {
    const id = this.#id;
    if ('get' in given) return from.get('Creator', given.get.map(id));
    if ('locate' in given) return from.locate(given.locate.map(id));
    if ('named' in given) return from.findUnique('Creator', 'usernameKey', given.named.map(id));
    if ('able' in given) {
      const { by, after } = given;
      const keyset = after && { value: by === 'registeredAt' ? since(after[2]) : id(after[0]), id: id(after[1]) };
      return from.find({
        type: 'Creator',
        where: { skills: id(given.able) },
        orderBy: by,
        order: given.order,
        limit: given.limit,
        ...(keyset && { after: keyset }),
      });
    }
    if ('tagged' in given) {
      const where = { tags: id(given.tagged), ...(given.kind && { kind: given.kind }) };
      return Promise.all([
        from.count('Artifact', where),
        from.find({ type: 'Artifact', where, orderBy: 'publishedAt', order: given.order, limit: given.limit }),
      ]);
    }
    if ('edges' in given)
      return from.edges(
        given.edges,
        given.ends.map((each) => ({ ...each, from: id(each.from), to: id(each.to) })),
      );
    if ('degrees' in given) return from.degrees(given.degrees, given.direction, given.ids.map(id));
    const { near, by, where, after } = given;
    const isWeighed = near === 'ENDORSES' || (near === 'COLLABORATES_WITH' && by !== 'note');
    const orderBy = isWeighed ? by : 'since';
    const isNumber = typeof after?.[0] === 'number';
    const keyset = after !== undefined && isNumber === (orderBy === 'weight') && { value: after[0], id: id(after[1]) };
    return from.neighbours({
      edge: near,
      direction: given.direction,
      ids: given.ids.map(id),
      orderBy: orderBy as 'since',
      order: given.order,
      limit: given.limit,
      ...(where !== undefined && isWeighed && { where: { weight: where } as never }),
      ...(keyset && { after: keyset }),
    });
  }

  async #outside(given: Outside): Promise<unknown> {
    const id = this.#id;
    if ('recommend' in given) {
      const { exclude, limit: most } = given;
      return this.#store.recommend({
        edge: 'COLLABORATES_WITH',
        weight: 'weight',
        exclude,
        id: id(given.recommend),
        limit: most,
      });
    }
    const [from, to] = given.path;
    const path = await this.#store.shortestPath({
      edges: given.edges,
      from: id(from),
      to: id(to),
      maxDepth: given.depth,
    });
    // Of several that are as short, any may be told.
    return path && { length: path.length, from: path[0], to: path.at(-1) };
  }
}

const isWrite = (given: Write | Read): given is Write =>
  ['put', 'patch', 'remove', 'made', 'link', 'unlink'].some((verb) => verb in given);

async function answerOf(work: () => Promise<unknown>): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}

let embedded: ReturnType<typeof openSqliteEngines>;
let neo4j: Neo4jGraphStore;
let stop: () => Promise<void>;
beforeAll(async () => {
  const [server, directory] = await Promise.all([startTestNeo4j({ shared: true }), testDirectory()]);
  await server.empty();
  embedded = openSqliteEngines({ directory: directory.path });
  await embedded.eventLog.ensureTopics([{ name: topic, partitions: 1, cleanup: 'keep' }]);
  neo4j = await openNeo4jGraphStore({
    ...server,
    eventLog: embedded.eventLog,
    onError: (error) => console.error(error),
  });
  stop = async () => {
    await neo4j.close();
    await embedded.store.close();
    await embedded.eventLog.close();
    await server.stop();
    await directory.remove();
  };
});
afterAll(() => stop());

test('goal: SQLite and Neo4j answer any sequence of operations alike, whatever letters and numbers are in it', async () => {
  let worlds = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 12 }), async (steps) => {
      const world = `world-${String(worlds++).padStart(6, '0')}`;
      const [one, other] = [new Player(embedded.store, world), new Player(neo4j, world)];
      for (const each of steps) expect(await other.play(each)).toEqual(await one.play(each));
    }),
    { numRuns: runs, interruptAfterTimeLimit: playMsMax },
  );
});
