import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type EmbeddedEngines, openEmbeddedEngines } from '../../infra/embedded-engines.ts';
import type { KnownEvent } from '../../schema/events/catalogue.ts';
import { GENESIS_HASH } from '../../schema/events/envelope.ts';
import type { EdgeType } from '../../schema/graph/catalogue.ts';
import type { CommandContext, CommandResult } from '../shared/command.ts';
import { type SubgraphBench, createBench } from '../shared/testing.ts';
import { block, unblock } from './commands/block.ts';
import { endorse, revokeEndorsement } from './commands/endorse.ts';
import { follow, unfollow } from './commands/follow.ts';
import { endMentorship, startMentorship } from './commands/mentorship.ts';
import { createRelationshipsSubgraph } from './subgraph.ts';
import { commandContext, seedCreators } from './testing.ts';

// Goal: whatever three people do to each other, in any order, the graph is what a four-line model says, and what the log alone says.
let engines: EmbeddedEngines;
let bench: SubgraphBench;
beforeAll(async () => {
  engines = await openEmbeddedEngines();
  bench = createBench(createRelationshipsSubgraph(), engines);
});
afterAll(() => engines.close());

type Kind = 'FOLLOWS' | 'ENDORSES' | 'MENTORS' | 'BLOCKS';
interface Step {
  readonly kind: Kind;
  readonly begins: boolean;
  readonly from: number;
  readonly to: number;
}
const person = fc.integer({ min: 0, max: 2 });
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('FOLLOWS', 'ENDORSES', 'MENTORS', 'BLOCKS'),
  begins: fc.boolean(),
  from: person,
  to: person,
});

type Command = (context: CommandContext, to: string) => Promise<CommandResult<unknown>>;
/** `from` acts on `to`; a mentorship is said by the one who learns. */
const commands: Readonly<Record<Kind, readonly [begin: Command, end: Command]>> = {
  FOLLOWS: [
    (context, creatorId) => follow(context, { creatorId }),
    (context, creatorId) => unfollow(context, { creatorId }),
  ],
  ENDORSES: [
    (context, creatorId) => endorse(context, { creatorId, skill: 'oil', weight: 2, note: 'n' }),
    (context, creatorId) => revokeEndorsement(context, { creatorId, skill: 'oil' }),
  ],
  MENTORS: [
    (context, mentorId) => startMentorship(context, { mentorId, menteeId: context.actor.id, topic: '' }),
    (context, mentorId) => endMentorship(context, { mentorId, menteeId: context.actor.id }),
  ],
  BLOCKS: [
    (context, creatorId) => block(context, { creatorId }),
    (context, creatorId) => unblock(context, { creatorId }),
  ],
};

const nameOf = (kind: Kind, from: string, to: string): string =>
  kind === 'MENTORS' ? `${kind} ${to} ${from}` : `${kind} ${from} ${to}`;

/** The model: a set of what stands. Returns the code of the refusal, or null. */
function model(stands: Set<string>, { kind, begins }: Step, from: string, to: string): string | null {
  if (from === to) return 'SELF_REFERENCE';
  const name = nameOf(kind, from, to);
  const blocked = stands.has(`BLOCKS ${from} ${to}`) || stands.has(`BLOCKS ${to} ${from}`);
  if (begins && kind !== 'BLOCKS' && blocked) return 'BLOCKED';
  if (stands.has(name) === begins) return 'ALREADY_DONE';
  if (begins) stands.add(name);
  else stands.delete(name);
  if (begins && kind === 'BLOCKS')
    for (const follows of [`FOLLOWS ${from} ${to}`, `FOLLOWS ${to} ${from}`]) stands.delete(follows);
  return null;
}

const changes: Readonly<Record<string, readonly [kind: Kind, begins: boolean]>> = {
  'relationship.followed': ['FOLLOWS', true],
  'relationship.unfollowed': ['FOLLOWS', false],
  'relationship.endorsed': ['ENDORSES', true],
  'relationship.endorsement-revoked': ['ENDORSES', false],
  'relationship.mentorship-started': ['MENTORS', true],
  'relationship.mentorship-ended': ['MENTORS', false],
  'relationship.blocked': ['BLOCKS', true],
  'relationship.unblocked': ['BLOCKS', false],
};

/** What stands according to the log alone; every event must change something, and extend its entity's chain by one. */
function replay(events: readonly KnownEvent[]): Set<string> {
  const stands = new Set<string>();
  const heads = new Map<string, { version: number; hash: string }>();
  for (const event of events) {
    const head = heads.get(event.entity.id) ?? { version: 0, hash: GENESIS_HASH };
    expect([event.entityVersion, event.prevHash]).toEqual([head.version + 1, head.hash]);
    heads.set(event.entity.id, { version: event.entityVersion, hash: event.hash });
    const [kind, begins] = changes[event.type] as readonly [Kind, boolean];
    const { fromId, toId } = event.payload as { fromId: string; toId: string };
    const name = `${kind} ${fromId} ${toId}`;
    expect(stands.has(name)).toBe(!begins);
    if (begins) stands.add(name);
    else stands.delete(name);
  }
  return stands;
}

async function standing(people: readonly string[]): Promise<Set<string>> {
  const stands = new Set<string>();
  for (const edge of ['FOLLOWS', 'ENDORSES', 'MENTORS', 'BLOCKS'] satisfies EdgeType[]) {
    const pages = await engines.store.neighbours({
      edge,
      direction: 'out',
      ids: people,
      orderBy: 'since',
      order: 'asc',
      limit: 10,
    });
    for (const [index, page] of pages.entries())
      for (const { id } of page.items) stands.add(`${edge} ${people[index] ?? ''} ${id}`);
  }
  return stands;
}

describe('relationships', () => {
  test('graph, model and log agree after any history; nobody follows across a block', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
        run += 1;
        const people = [0, 1, 2].map((index) => `p${run}-${index}`);
        await seedCreators(engines.store, people);
        const expected = new Set<string>();
        for (const taken of steps) {
          const [from, to] = [people[taken.from] as string, people[taken.to] as string];
          const [begin, end] = commands[taken.kind];
          const result = await engines.store.transact((tx) =>
            (taken.begins ? begin : end)(commandContext(bench.dependencies, tx, from), to),
          );
          expect(result.ok ? null : result.errors[0]?.code).toBe(model(expected, taken, from, to));
        }
        const events = (await bench.events()).filter(({ payload }) =>
          people.includes((payload as { fromId: string }).fromId),
        );
        expect(replay(events)).toEqual(expected);
        expect(await standing(people)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });
});
