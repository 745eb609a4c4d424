import type { PayloadOf } from '../../../schema/events/catalogue.ts';
import type { SpaceKind, SpaceRole } from '../../../schema/graph/catalogue.ts';
import { textLimits, textProblem } from '../../../schema/text-limits.ts';
import { type Decision, type UserError, decided, objected, userError } from '../../../schema/user-errors.ts';
import { type SpaceProps, capacityMax } from './space.ts';

export interface SpaceDraft {
  readonly name: string;
  readonly kind: SpaceKind;
  readonly description: string;
  readonly capacity: number;
  readonly parentId: string | null;
}

export interface CreateFacts {
  readonly founderId: string;
  readonly isPlatform: boolean;
  readonly spaceId: string;
  readonly isTaken: boolean;
  /** The founder's role in the space that is to hold the new one; null where there is none such. */
  readonly roleInParent: SpaceRole | null;
  readonly nowIso: string;
}

/** A new space, within a parent that the founder looks after. */
export function decideCreateSpace(
  facts: CreateFacts,
  draft: SpaceDraft,
): Decision<{ props: SpaceProps; payload: PayloadOf<'space.created'> }> {
  if (facts.isPlatform)
    return objected(userError('FORBIDDEN', 'a platform cannot own a space: name the creator who does', 'input'));
  if (facts.isTaken)
    return objected(userError('TAKEN', `there is a space ${facts.spaceId} already`, 'input', 'spaceId'));
  const problems = draftProblems(draft);
  const mayNest = facts.roleInParent === 'OWNER' || facts.roleInParent === 'MODERATOR';
  if (draft.parentId !== null && !mayNest) {
    problems.push(
      userError('FORBIDDEN', 'a space can be made inside one that you own or moderate', 'input', 'parentId'),
    );
  }
  if (problems.length > 0) return objected(...problems);
  const { kind, capacity, parentId, description } = draft;
  return decided({
    props: {
      name: draft.name.trim(),
      kind,
      description,
      capacity,
      createdBy: facts.founderId,
      createdAt: facts.nowIso,
    },
    payload: { spaceId: facts.spaceId, kind, capacity, parentId },
  });
}

function draftProblems(draft: SpaceDraft): UserError[] {
  const problems: UserError[] = [];
  const name = textProblem(draft.name, textLimits.spaceName);
  if (name !== null) problems.push(userError('INVALID', `name ${name}`, 'input', 'name'));
  const description = textProblem(draft.description, textLimits.spaceDescription);
  if (description !== null) problems.push(userError('INVALID', `description ${description}`, 'input', 'description'));
  if (!Number.isInteger(draft.capacity) || draft.capacity < 1 || draft.capacity > capacityMax) {
    problems.push(
      userError('INVALID', `capacity must be 1 to ${capacityMax}, not ${draft.capacity}`, 'input', 'capacity'),
    );
  }
  return problems;
}
