import type { CreatorState } from '../../../schema/graph/catalogue.ts';
import { type Decision, decided, objected, userError } from '../../../schema/user-errors.ts';

interface Versioned {
  readonly version: number;
  readonly props: { readonly state: CreatorState };
}

/** Whether a creator's own data may be changed by somebody who has read `expectedVersion` of it. Of those who have migrated it is kept as it was, unless `mayHaveLeft`. */
export function decideOwnChange<C extends Versioned>(
  creator: C | null,
  expectedVersion: number,
  { mayHaveLeft = false }: { readonly mayHaveLeft?: boolean } = {},
): Decision<C> {
  if (creator === null) return objected(userError('NOT_FOUND', 'there is no such creator', 'input'));
  if (creator.props.state === 'MIGRATED' && !mayHaveLeft) {
    return objected(
      userError(
        'FORBIDDEN',
        'this creator has migrated: what is left here is kept as it was, or erased (eraseCreator)',
        'input',
      ),
    );
  }
  if (creator.version !== expectedVersion) {
    return objected(
      userError(
        'CONFLICT',
        `the creator is at version ${creator.version}, not ${expectedVersion}: read it again and repeat the change`,
        'input',
        'expectedVersion',
      ),
    );
  }
  return decided(creator);
}
