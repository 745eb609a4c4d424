import { diceOf } from '../../streams/canon/domain/dice.ts';

/** What happens at a place of the load, which is a share of the mutations that were acknowledged: 0 before the first, 1 after the last. */
export type Fault = { readonly at: number } & (
  | { readonly kind: 'kill' }
  /** The process is killed, and its successor before it is ready. */
  | { readonly kind: 'kill-starting'; readonly afterMs: number }
  | { readonly kind: 'pause'; readonly forMs: number }
  | { readonly kind: 'clock'; readonly byMs: number }
  | { readonly kind: 'disk-full'; readonly forMs: number }
  | { readonly kind: 'warehouse'; readonly answer: 'drop' | 'error' | 'slow' | 'cut'; readonly times: number }
  | { readonly kind: 'warehouse-kill' }
);

/** Everything that a seed decides. When exactly a signal meets the process, the machine decides. */
export interface Plan {
  readonly seed: number;
  /** Which mutations are sent. */
  readonly workload: number;
  /** `bridge`: ClickHouse's HTTP interface in a process of its own, which can fail. */
  readonly warehouse: 'embedded' | 'bridge';
  readonly faults: readonly Fault[];
}

/** Workloads differ a little; each needs an undisturbed run to compare with, which all seeds share. */
export const workloads = 4;

const minuteMs = 60_000;
const faultsMax = 5;

/** The plan of a seed: the same for ever, so that a seed that failed can be run again. */
export function planOf(seed: number): Plan {
  const dice = diceOf(Math.imul(seed, 0x9e3779b1));
  const workload = dice.below(workloads);
  const warehouse = dice.chance(0.4) ? 'bridge' : 'embedded';
  const count = 1 + dice.below(faultsMax);
  const faults = Array.from({ length: count }, (): Fault => {
    const at = dice.next();
    const kinds = ['kill', 'kill', 'kill', 'kill-starting', 'pause', 'clock', 'disk-full'] as const;
    const kind = warehouse === 'bridge' && dice.chance(0.5) ? 'warehouse' : dice.pick(kinds);
    if (kind === 'kill') return { at, kind };
    if (kind === 'kill-starting') return { at, kind, afterMs: 100 + dice.below(1_400) };
    if (kind === 'pause') return { at, kind, forMs: 100 + dice.below(1_500) };
    if (kind === 'disk-full') return { at, kind, forMs: 200 + dice.below(1_000) };
    // Back by minutes or on by hours, over the ends of windows, and days, over the ends of budgets.
    if (kind === 'clock')
      return { at, kind, byMs: dice.pick([-90, -2, 1, 61, 150, 1_500]) * minuteMs + dice.below(minuteMs) };
    if (dice.chance(0.2)) return { at, kind: 'warehouse-kill' };
    return { at, kind, answer: dice.pick(['drop', 'error', 'slow', 'cut'] as const), times: 1 + dice.below(6) };
  });
  return { seed, workload, warehouse, faults: faults.sort((a, b) => a.at - b.at) };
}

/** The same mutations without a fault. */
export function undisturbed(workload: number): Plan {
  return { seed: 0, workload, warehouse: 'embedded', faults: [] };
}

/** One line for whoever reads what a seed did. */
export function describePlan({ seed, workload, warehouse, faults }: Plan): string {
  return `seed ${seed}, workload ${workload}, ${warehouse} warehouse: ${describeFaults(faults)}`;
}

export function describeFaults(faults: readonly { readonly at: number; readonly kind: string }[]): string {
  const told = faults.map(({ at, kind, ...more }) => {
    const details = Object.values(more).join(' ');
    return `${kind}${details === '' ? '' : ` ${details}`} at ${Math.round(at * 100)} %`;
  });
  return told.join(', ') || 'no fault';
}
