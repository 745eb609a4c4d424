import { type Dice, diceOf } from '../../streams/canon/domain/dice.ts';
import { describeFaults, workloads } from './plan.ts';

/** What happens to roles and servers at a place of the load; see `Fault` of the embedded platform. */
export type DistributedFault = { readonly at: number } & (
  | { readonly kind: 'kill'; readonly role: string }
  | { readonly kind: 'pause'; readonly role: string; readonly forMs: number }
  | { readonly kind: 'clock'; readonly role: string; readonly byMs: number }
  /** It stands still for longer than its group waits, beside a further instance, and wakes up when others have its partitions. */
  | { readonly kind: 'zombie'; readonly role: string; readonly forMs: number }
  /** Further instances join and leave, one after the other; each but the last dies without a word. */
  | { readonly kind: 'rebalances'; readonly role: string; readonly times: number; readonly afterMs: number }
  | { readonly kind: 'server-kill'; readonly server: 'kafka' | 'neo4j'; readonly downMs: number }
  | { readonly kind: 'warehouse'; readonly answer: 'drop' | 'error' | 'slow' | 'cut'; readonly times: number }
  | { readonly kind: 'warehouse-kill' }
);

export interface DistributedPlan {
  readonly seed: number;
  readonly workload: number;
  /** Of the topic `events`. */
  readonly partitions: 1 | 8;
  readonly faults: readonly DistributedFault[];
}

const faultsMax = 5;
/** Longer than the session of a group's member, which is 10 s. */
const zombieMs = 13_000;
const minuteMs = 60_000;

/** The plan of a seed for a platform of these roles: the same for ever. Roles that begin with `stream` can have further instances. */
export function distributedPlanOf(seed: number, roles: readonly string[]): DistributedPlan {
  const dice = diceOf(Math.imul(seed, 0x85ebca6b));
  const workload = dice.below(workloads);
  const partitions = dice.chance(0.5) ? 8 : 1;
  const count = 2 + dice.below(faultsMax - 1);
  const faults = Array.from({ length: count }, () => ({ at: dice.next(), ...faultOf(dice, roles) }));
  return { seed, workload, partitions, faults: faults.sort((a, b) => a.at - b.at) };
}

type WithoutPlace<F> = F extends unknown ? Omit<F, 'at'> : never;

function faultOf(dice: Dice, roles: readonly string[]): WithoutPlace<DistributedFault> {
  const streams = roles.filter((role) => role.startsWith('stream'));
  const kinds = ['kill', 'kill', 'kill', 'pause', 'clock', 'zombie', 'rebalances', 'server-kill', 'warehouse'] as const;
  const kind = dice.pick(kinds);
  if (kind === 'kill') return { kind, role: dice.pick([...roles, ...streams, 'loader']) };
  if (kind === 'pause') return { kind, role: dice.pick(roles), forMs: 200 + dice.below(3_000) };
  if (kind === 'clock')
    return { kind, role: dice.pick(roles), byMs: dice.pick([-90, -2, 1, 61]) * minuteMs + dice.below(minuteMs) };
  if (kind === 'zombie') return { kind, role: dice.pick(streams), forMs: zombieMs + dice.below(5_000) };
  if (kind === 'rebalances')
    return { kind, role: dice.pick(streams), times: 1 + dice.below(3), afterMs: dice.below(2_000) };
  if (kind === 'server-kill')
    return { kind, server: dice.pick(['kafka', 'neo4j'] as const), downMs: dice.below(4_000) };
  if (dice.chance(0.2)) return { kind: 'warehouse-kill' };
  return { kind, answer: dice.pick(['drop', 'error', 'slow', 'cut'] as const), times: 1 + dice.below(6) };
}

/** One line for whoever reads what a seed did. */
export function describeDistributedPlan({ seed, workload, partitions, faults }: DistributedPlan): string {
  return `seed ${seed}, workload ${workload}, ${partitions} partition${partitions === 1 ? '' : 's'}: ${describeFaults(faults)}`;
}
