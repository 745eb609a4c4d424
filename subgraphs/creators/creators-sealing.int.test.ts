import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type EmbeddedEngines, openEmbeddedEngines } from '../../infra/embedded-engines.ts';
import { hashEvent } from '../../schema/events/envelope.ts';
import { topics } from '../../schema/topics.ts';
import type { CommandContext } from '../shared/command.ts';
import { openSealed } from '../shared/sealing.ts';
import { type SubgraphBench, createBench } from '../shared/testing.ts';
import { awardBadge } from './commands/award-badge.ts';
import { registerCreator } from './commands/register-creator.ts';
import { updateProfile } from './commands/update-profile.ts';
import { createCreatorsSubgraph } from './subgraph.ts';

// Goal: what people say of themselves never stands in the log in the clear, and imports run the commands that live traffic runs.
let engines: EmbeddedEngines;
let bench: SubgraphBench;
beforeAll(async () => {
  engines = await openEmbeddedEngines();
  bench = createBench(createCreatorsSubgraph(), engines);
});
afterAll(() => engines.close());

/** As an import runs commands: on a clock of 2018, for somebody else. */
function importing<T>(
  actor: CommandContext['actor'],
  work: (context: CommandContext) => Promise<T>,
  prefix = 'id',
): Promise<T> {
  let counter = 0;
  return bench.dependencies.store.transact((tx) =>
    work({
      tx,
      actor,
      masterKey: bench.dependencies.masterKey,
      region: 'test',
      hlc: () => bench.dependencies.clock.now(),
      nowIso: '2018-03-12T09:00:00.000Z',
      newId: () => `${prefix}-${(counter += 1)}`,
    }),
  );
}

const canary = fc.integer({ min: 0, max: 1e9 }).map((number) => `canary${String(number).padStart(10, '0')}`);

describe('sealing', () => {
  test('no username, display name or bio is in the log’s text; whoever holds the key reads them', async () => {
    let person = 0;
    await fc.assert(
      fc.asyncProperty(canary, canary, canary, canary, async (username, displayName, bio, newBio) => {
        person += 1;
        const creatorId = `person-${person}`;
        const actor = { id: creatorId, source: 'CREATOR' } as const;
        const profile = { username: `${username}-${person}`, displayName: `${displayName} é`, bio };
        const registered = await importing(
          actor,
          (context) =>
            registerCreator(context, {
              creatorId,
              identity: `import|${creatorId}`,
              ...profile,
              creatorType: 'CURATOR',
              skills: ['oil'],
            }),
          `r${person}`,
        );
        const updated = await importing(
          actor,
          (context) => updateProfile(context, { expectedVersion: 1, bio: `new ${newBio}` }),
          `u${person}`,
        );
        expect([registered.ok, updated.ok]).toEqual([true, true]);
        const records = await engines.eventLog.read({
          topic: topics.events.name,
          partition: 0,
          from: 0,
          limit: 10_000,
        });
        const text = records.map(({ value, key, id }) => `${key} ${id} ${value ?? ''}`).join('\n');
        for (const secret of [username, displayName, bio, newBio]) expect(text).not.toContain(secret);
        const [first, second] = (await bench.events()).filter(({ entity }) => entity.id === creatorId);
        const open = async (event: typeof first): Promise<unknown> =>
          event?.sealed[0] && openSealed(engines.store, bench.dependencies.masterKey, event.id, event.sealed[0]);
        expect(await open(first)).toEqual(profile);
        expect(await open(second)).toEqual({ bio: `new ${newBio}` });
      }),
      { numRuns: 25 },
    );
    for (const event of await bench.events()) expect(hashEvent(event)).toBe(event.hash);
  });
});

describe('badges of platforms', () => {
  const platform = { id: 'platform:somewhere', source: 'EXTERNAL' } as const;
  const award = { badge: 'Teacher', tier: 'GOLD', about: null } as const;

  test('are recorded once, in order with the creator’s other events', async () => {
    const creatorId = 'person-1';
    const first = await importing(platform, (context) => awardBadge(context, { creatorId, ...award }), 'badge');
    const again = await importing(platform, (context) => awardBadge(context, { creatorId, ...award }), 'badge');
    expect(first).toMatchObject({ ok: true, value: { awardId: 'badge-1' } });
    expect(again).toMatchObject({ ok: false, errors: [{ code: 'ALREADY_DONE' }] });
    const events = (await bench.events()).filter(({ type }) => type === 'creator.badge-awarded');
    expect(events).toMatchObject([
      {
        entity: { type: 'BadgeAward', id: 'badge-1' },
        source: 'EXTERNAL',
        actor: platform.id,
        payload: { creatorId, ...award },
      },
    ]);
  });

  test('go to nobody unknown, and to nobody by their own word', async () => {
    const count = (await bench.events()).length;
    expect(
      await importing(platform, (context) => awardBadge(context, { creatorId: 'unknown', ...award }), 'x'),
    ).toMatchObject({ ok: false, errors: [{ code: 'NOT_FOUND' }] });
    expect(
      await importing(
        { id: 'person-1', source: 'CREATOR' },
        (context) => awardBadge(context, { creatorId: 'person-1', ...award }),
        'y',
      ),
    ).toMatchObject({ ok: false, errors: [{ code: 'FORBIDDEN' }] });
    expect((await bench.events()).length).toBe(count);
  });
});
