import type { PayloadOf } from '../../../schema/events/catalogue.ts';
import type { ContributionKind } from '../../../schema/graph/catalogue.ts';
import { textLimits, textProblem } from '../../../schema/text-limits.ts';
import { type Decision, decided, objected, userError } from '../../../schema/user-errors.ts';
import { type Actor, type KnownArtifact, aboutArtifact, isCredited, isVisibleTo, unknownArtifact } from './artifact.ts';

export interface ContributeFacts {
  readonly actor: Actor;
  readonly artifactId: string;
  readonly artifact: KnownArtifact | null;
  /** Whether one of those credited for the work has blocked the actor. */
  readonly isBlocked: boolean;
}

export interface ContributionDraft {
  readonly contribution: ContributionKind;
  readonly merged: boolean;
  readonly text: string;
}

/** An edit of somebody else's work, or a comment on any. */
export function decideContribute(
  facts: ContributeFacts,
  draft: ContributionDraft,
): Decision<PayloadOf<'artifact.contributed'>> {
  const { actor, artifact } = facts;
  if (artifact === null || !isVisibleTo(artifact.props, actor.id)) {
    return objected(unknownArtifact(facts.artifactId));
  }
  if (facts.isBlocked)
    return objected(userError('BLOCKED', 'somebody credited for this work has blocked you', 'input', 'artifactId'));
  if (draft.contribution === 'EDIT' && isCredited(artifact.props, actor.id)) {
    return objected(userError('SELF_REFERENCE', 'you are credited for this work: revise it instead', 'input', 'kind'));
  }
  const problem = textProblem(draft.text, textLimits.contribution);
  if (problem !== null) return objected(userError('INVALID', `text ${problem}`, 'input', 'text'));
  return decided({ ...aboutArtifact(artifact), contribution: draft.contribution, merged: draft.merged });
}
