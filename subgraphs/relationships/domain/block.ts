import { type Decision, decided } from '../../../schema/user-errors.ts';
import { type PairState, decideStart } from './pair.ts';

export interface BlockState extends PairState {
  readonly isFollowing: boolean;
  readonly isFollowed: boolean;
}

/** What a block changes, the block itself first. `direction` is seen from the one who blocks. */
export interface BlockEffect {
  readonly change: 'BLOCKED' | 'UNFOLLOWED';
  readonly direction: 'OUT' | 'IN';
}

/** Judges a block: it ends follows both ways. Being blocked oneself does not stand against blocking. */
export function decideBlock(state: BlockState): Decision<readonly BlockEffect[]> {
  const allowed = decideStart(
    { ...state, blockedBy: null },
    { field: 'creatorId', repeated: 'you block this creator already' },
  );
  if (!allowed.ok) return allowed;
  const effects: BlockEffect[] = [{ change: 'BLOCKED', direction: 'OUT' }];
  if (state.isFollowing) effects.push({ change: 'UNFOLLOWED', direction: 'OUT' });
  if (state.isFollowed) effects.push({ change: 'UNFOLLOWED', direction: 'IN' });
  return decided(effects);
}
