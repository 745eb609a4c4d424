import type { CreatorState, NodeProps } from '../../../schema/graph/catalogue.ts';
import { type Decision, decided, objected, userError } from '../../../schema/user-errors.ts';

const dormantAfterMs = 30 * 24 * 3_600_000;

const transitions: Readonly<Record<CreatorState, readonly CreatorState[]>> = {
  INITIATE: ['ACTIVE', 'ARCHIVED', 'MIGRATED'],
  ACTIVE: ['ARCHIVED', 'MIGRATED'],
  ARCHIVED: ['ACTIVE', 'MIGRATED'],
  MIGRATED: [],
};

/** Judges a move to another state. */
export function decideStateChange(from: CreatorState, to: CreatorState): Decision<CreatorState> {
  if (from === to) return objected(userError('ALREADY_DONE', `the state is ${to} already`, 'input', 'state'));
  if (transitions[from].includes(to)) return decided(to);
  const open = transitions[from].length === 0 ? 'none: it is for good' : transitions[from].join(', ');
  return objected(
    userError('INVALID', `the state cannot go from ${from} to ${to}; open from ${from}: ${open}`, 'input', 'state'),
  );
}

export type Lifecycle = CreatorState | 'DORMANT';

/** The state that people see at `nowIso`: initiate and active creators are dormant after 30 days without activity. */
export function lifecycleOf(creator: Pick<NodeProps['Creator'], 'state' | 'lastActiveAt'>, nowIso: string): Lifecycle {
  const isAbsent = Date.parse(nowIso) - Date.parse(creator.lastActiveAt) >= dormantAfterMs;
  const maySleep = creator.state === 'INITIATE' || creator.state === 'ACTIVE';
  return maySleep && isAbsent ? 'DORMANT' : creator.state;
}
