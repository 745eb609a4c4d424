import type { EventType } from '../../schema/events/catalogue.ts';
import { type CanonEvent, type EventSource, GENESIS_HASH, hashEvent } from '../../schema/events/envelope.ts';
import { HANDSHAKE } from '../../schema/handshake.ts';
import { dimensions } from '../../schema/graph/catalogue.ts';

const startUs = Date.UTC(2024, 0, 1) * 1000;
const hourUs = 3_600_000_000;

interface Drawn {
  readonly type: EventType;
  readonly entityId: string;
  readonly actor: string;
  readonly source?: EventSource;
  readonly payload: unknown;
}

/** Numbers below `bound`, the same ones every time (a linear congruential generator; Knuth's MMIX constants). */
function dice(seed: bigint): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n) & 0xffff_ffff_ffff_ffffn;
    return Number((state >> 33n) % BigInt(bound));
  };
}

export const member = (n: number): string => `member-${n}`;

/** What a made-up community did: judgements (some anonymous, some withdrawn), endorsements, acceptances, remixes, edits, badges; 7 hours apart unless told otherwise. */
export function communityEvents(options: { members: number; events: number; hoursApart?: number }): CanonEvent[] {
  const stepUs = (options.hoursApart ?? 7) * hourUs;
  const roll = dice(7n);
  const person = (): string => member(roll(options.members));
  return Array.from({ length: options.events }, (_, index) =>
    eventOf(draw(roll, person, index), index, startUs + index * stepUs + 123_456),
  );
}

function draw(roll: (bound: number) => number, person: () => string, index: number): Drawn {
  const actor = person();
  const author = person();
  const work = `work-${roll(40)}-${author}`;
  const isDerived = roll(2) === 0;
  const about = {
    artifactId: work,
    artifactKind: isDerived ? 'META' : 'CODE',
    isDerived,
    credits: [{ creatorId: author, sharePercent: 100 }],
  };
  const judged = { ...about, polarity: roll(6) === 0 ? -1 : 1 };
  const pair = { fromId: actor, toId: author };
  switch (roll(10)) {
    case 0:
    case 1:
    case 2:
      return {
        type: 'artifact.judged',
        entityId: `vote-${index}`,
        actor: 'platform:forum',
        source: 'EXTERNAL',
        payload: judged,
      };
    case 3:
    case 4:
      return { type: 'artifact.judged', entityId: `${actor}|${work}`, actor, payload: judged };
    case 5:
      return { type: 'artifact.judgement-withdrawn', entityId: `${actor}|${work}`, actor, payload: judged };
    case 6:
      return {
        type: 'relationship.endorsed',
        entityId: `${actor}|${author}`,
        actor,
        payload: { ...pair, target: { dimension: dimensions[roll(5)] }, weight: 1 + roll(5) },
      };
    case 7:
      return {
        type: 'artifact.accepted',
        entityId: `accept-${index}`,
        actor,
        payload: { ...about, answersId: 'question' },
      };
    case 8:
      return {
        type: 'artifact.contributed',
        entityId: `edit-${index}`,
        actor,
        payload: { ...about, contribution: 'EDIT', merged: true },
      };
    default:
      return {
        type: 'relationship.collaborated',
        entityId: `${actor}+${author}`,
        actor,
        payload: { ...pair, artifactId: work, weight: 1 },
      };
  }
}

function eventOf(
  { type, entityId, actor, source = 'CREATOR', payload }: Drawn,
  index: number,
  wallUs: number,
): CanonEvent {
  const unhashed: Omit<CanonEvent, 'hash'> = {
    id: `event-${String(index).padStart(6, '0')}`,
    type,
    typeVersion: 1,
    hlc: { wallUs, counter: 0, node: 'replay:test' },
    region: 'test',
    entity: { type: 'Test', id: entityId },
    entityVersion: 1,
    actor,
    source,
    causedBy: [],
    handshake: HANDSHAKE,
    payload: payload as Record<string, unknown>,
    sealed: [],
    prevHash: GENESIS_HASH,
  };
  return { ...unhashed, hash: hashEvent(unhashed) };
}
