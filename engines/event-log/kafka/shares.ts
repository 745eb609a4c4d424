import { z } from 'zod';
import { sha256Hex } from '../../../schema/events/envelope.ts';
import { type Claim, assign } from '../assignment.ts';
import type { MemberText } from './wire.ts';

/** Partitions by topic. */
export type Shares = Readonly<Record<string, readonly number[]>>;

const shares = z.record(z.string(), z.array(z.number().int().min(0)));
const claims = z.object({
  topics: z.array(z.string()),
  owned: shares,
  generation: z.number().int(),
  bornMs: z.number().default(0),
});

/** What a member tells when it joins: what it subscribes to, what it has had since which generation, and when its process began (0 in builds that do not tell). */
export type Claims = z.infer<typeof claims>;

export const encodeClaims = (given: Claims): string => JSON.stringify(given);
const encodeShares = (given: Shares): string => JSON.stringify(given);
export const decodeShares = (text: string): Shares => shares.parse(JSON.parse(text === '' ? '{}' : text));

/** Whose partitions are shared out. */
export interface GroupTraits {
  readonly group: string;
  readonly isStateless: boolean;
}

interface Member extends Claims {
  readonly memberId: string;
}

/** The oldest process first, so that lone partitions of different groups come together in one. */
const byAge = (a: Member, b: Member): number => a.bornMs - b.bornMs || (a.memberId < b.memberId ? -1 : 1);

/** The oldest has the lone partitions of processors, whose state had better stay where it is: what has none goes to the others, each group to its own. */
function inOrder(members: readonly Member[], { group, isStateless }: GroupTraits): readonly Member[] {
  const sorted = members.toSorted(byAge);
  if (!isStateless) return sorted;
  const rank = new Map(sorted.map((member) => [member, sha256Hex(`${group}|${member.bornMs}`)]));
  const others = sorted.slice(1).toSorted((a, b) => ((rank.get(a) ?? '') < (rank.get(b) ?? '') ? -1 : 1));
  return [...others, ...sorted.slice(0, 1)];
}

/**
 * The leader's decision, cooperative as KIP-429 has it: partitions are shared out evenly and stay where they are as far as that allows. One that must
 * move is given to nobody yet: its owner finds that it is gone, gives it back and joins again, and then its heir gets it. All other
 * partitions are worked on meanwhile. Where a stateless group has fewer partitions than members, they go to whom {@link inOrder} says instead.
 */
export function shareOut(
  members: readonly MemberText[],
  partitionsOf: ReadonlyMap<string, number>,
  traits: GroupTraits,
): MemberText[] {
  const decoded = inOrder(
    members.map(({ memberId, text }) => ({ memberId, ...claims.parse(JSON.parse(text)) })),
    traits,
  );
  const places = [...partitionsOf].flatMap(([topic, count]) =>
    Array.from({ length: count }, (_, partition) => ({ topic, partition })),
  );
  const asked = places.map(({ topic, partition }): Claim<string> => {
    const owner = decoded
      .filter(({ owned }) => owned[topic]?.includes(partition))
      // Of two that claim it, the later generation is right: the other was away.
      .toSorted((a, b) => b.generation - a.generation)[0];
    return {
      members: decoded.filter(({ topics }) => topics.includes(topic)).map(({ memberId }) => memberId),
      owner: owner?.memberId ?? null,
    };
  });
  const preferred = traits.isStateless ? decoded.slice(0, places.length).map(({ memberId }) => memberId) : null;
  const settled = asked.map(({ members: subscribers, owner }) => ({
    members: subscribers,
    owner: owner !== null && preferred?.includes(owner) === false ? null : owner,
  }));
  const given = new Map<string, Record<string, number[]>>(decoded.map(({ memberId }) => [memberId, {}]));
  for (const [index, target] of assign(settled).entries()) {
    const [place, owner] = [places[index], asked[index]?.owner ?? null];
    if (target === null || place === undefined || (owner !== null && owner !== target)) continue;
    const own = given.get(target);
    if (own) (own[place.topic] ??= []).push(place.partition);
  }
  return [...given].map(([memberId, own]) => ({ memberId, text: encodeShares(own) }));
}

export function topicsOf(members: readonly MemberText[]): string[] {
  return [...new Set(members.flatMap(({ text }) => claims.parse(JSON.parse(text)).topics))].sort();
}
