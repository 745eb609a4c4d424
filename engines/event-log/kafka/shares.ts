import { z } from 'zod';
import { type Claim, assign } from '../assignment.ts';
import type { MemberText } from './wire.ts';

/** Partitions by topic. */
export type Shares = Readonly<Record<string, readonly number[]>>;

const shares = z.record(z.string(), z.array(z.number().int().min(0)));
const claims = z.object({ topics: z.array(z.string()), owned: shares, generation: z.number().int() });

/** What a member tells when it joins: what it subscribes to, and what it has had since which generation. */
export type Claims = z.infer<typeof claims>;

export const encodeClaims = (given: Claims): string => JSON.stringify(given);
const encodeShares = (given: Shares): string => JSON.stringify(given);
export const decodeShares = (text: string): Shares => shares.parse(JSON.parse(text === '' ? '{}' : text));

/**
 * The leader's decision, cooperative as KIP-429 has it: partitions are shared out evenly and stay where they are as far as that allows. One that must
 * move is given to nobody yet: its owner finds that it is gone, gives it back and joins again, and then its heir gets it. All other
 * partitions are worked on meanwhile.
 */
export function shareOut(members: readonly MemberText[], partitionsOf: ReadonlyMap<string, number>): MemberText[] {
  const decoded = members
    .map(({ memberId, text }) => ({ memberId, ...claims.parse(JSON.parse(text)) }))
    .toSorted((a, b) => (a.memberId < b.memberId ? -1 : 1));
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
  const given = new Map<string, Record<string, number[]>>(decoded.map(({ memberId }) => [memberId, {}]));
  for (const [index, target] of assign(asked).entries()) {
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
