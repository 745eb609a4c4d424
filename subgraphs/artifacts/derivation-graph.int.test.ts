import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type EmbeddedEngines, openEmbeddedEngines } from '../../infra/embedded-engines.ts';
import { commandContext, seedCreators } from '../relationships/testing.ts';
import { type SubgraphBench, createBench } from '../shared/testing.ts';
import type { CommandContext } from '../shared/command.ts';
import { judgeArtifact } from './commands/judge-artifact.ts';
import { publishArtifact } from './commands/publish-artifact.ts';
import { reviseArtifact } from './commands/revise-artifact.ts';
import { createArtifactsSubgraph } from './subgraph.ts';

// Goal: the commands themselves, as imports call them too: derivations never form a circle, and what a platform attests for
// its anonymous members is counted without an edge.
let engines: EmbeddedEngines;
let bench: SubgraphBench;

beforeAll(async () => {
  engines = await openEmbeddedEngines();
  bench = createBench(createArtifactsSubgraph(), engines);
  await seedCreators(engines.store, ['ada', 'bob']);
});
afterAll(() => engines.close());

function as<R>(actorId: string, work: (context: CommandContext) => Promise<R>): Promise<R> {
  return engines.store.transact((tx) => {
    const context = commandContext(bench.dependencies, tx, actorId);
    return work(actorId.startsWith('platform:') ? { ...context, actor: { id: actorId, source: 'EXTERNAL' } } : context);
  });
}

function hasCircle(links: ReadonlyMap<string, readonly string[]>): boolean {
  const state = new Map<string, 'open' | 'done'>();
  const visit = (id: string): boolean => {
    const known = state.get(id);
    if (known !== undefined) return known === 'open';
    state.set(id, 'open');
    const found = (links.get(id) ?? []).some(visit);
    state.set(id, 'done');
    return found;
  };
  return [...links.keys()].some(visit);
}

describe('derivations', () => {
  test('never form a circle, and only circles are refused', async () => {
    const work = fc.integer({ min: 0, max: 7 });
    let round = 0;
    const property = fc.asyncProperty(fc.array(fc.tuple(work, work), { maxLength: 25 }), async (attempts) => {
      round++;
      const idOf = (number: number): string => `round-${round}-work-${number}`;
      for (let number = 0; number < 8; number++) {
        await as('ada', (context) => publishArtifact(context, { artifactId: idOf(number), title: 'w', kind: 'CODE' }));
      }
      const links = new Map<string, string[]>();
      for (const [from, to] of attempts.map((pair) => [idOf(pair[0]), idOf(pair[1])] as const)) {
        const result = await as('ada', (context) => reviseArtifact(context, { artifactId: from, derivedFrom: [to] }));
        const attempted = new Map(links).set(from, [...(links.get(from) ?? []), to]);
        expect(result.ok).toBe(!hasCircle(attempted));
        if (result.ok) links.set(from, [...new Set(attempted.get(from))]);
      }
      const stored = await engines.store.neighbours({
        edge: 'DERIVED_FROM',
        direction: 'out',
        ids: [...links.keys()],
        orderBy: 'since',
        order: 'asc',
        limit: 16,
      });
      expect(stored.map(({ items }) => items.map(({ id }) => id).sort())).toEqual(
        [...links.values()].map((ids) => [...ids].sort()),
      );
    });
    await fc.assert(property, { numRuns: 15 });
  });
});

describe('a platform', () => {
  test('attests judgements of anonymous members: counted each time, no edge, a chain each', async () => {
    await as('ada', (context) => publishArtifact(context, { artifactId: 'attested', title: 'w', kind: 'CODE' }));
    const judge = (polarity: 1 | -1): Promise<unknown> =>
      as('platform:forum', (context) => judgeArtifact(context, { artifactId: 'attested', polarity }));
    await judge(1);
    await judge(1);
    await judge(-1);
    const [node] = await engines.store.get('Artifact', ['attested']);
    expect(node).toMatchObject({ version: 1, props: { positiveJudgements: 2, negativeJudgements: 1 } });
    expect(await engines.store.degrees('JUDGES', 'in', ['attested'])).toEqual([0]);
    const judged = (await bench.events()).filter(({ type }) => type === 'artifact.judged');
    expect(judged.map(({ actor, source, entityVersion }) => [actor, source, entityVersion])).toEqual(
      Array.from({ length: 3 }, () => ['platform:forum', 'EXTERNAL', 1]),
    );
    expect(new Set(judged.map(({ entity }) => entity.id)).size).toBe(3);
  });

  test('publishes for creators, and its sealed texts are its own subject’s', async () => {
    expect(
      await as('platform:forum', (context) =>
        publishArtifact(context, { artifactId: 'orphan', title: 'w', kind: 'CODE' }),
      ),
    ).toMatchObject({ ok: true });
    const result = await as('platform:forum', (context) =>
      publishArtifact(context, {
        artifactId: 'given',
        title: 'w',
        kind: 'CODE',
        credits: [{ creatorId: 'bob', sharePercent: 100 }],
      }),
    );
    expect(result).toMatchObject({ ok: true, value: { artifactId: 'given' } });
    expect((await bench.events()).at(-1)?.sealed).toMatchObject([{ subject: 'platform:forum' }]);
    const refused = await as('platform:forum', (context) =>
      publishArtifact(context, {
        artifactId: 'given',
        title: 'w',
        kind: 'CODE',
        credits: [{ creatorId: 'bob', sharePercent: 100 }],
      }),
    );
    expect(refused).toMatchObject({ ok: false, errors: [{ code: 'TAKEN' }] });
  });
});
