import type { PayloadOf } from '../../../schema/events/catalogue.ts';
import { type Decision, decided, objected, userError } from '../../../schema/user-errors.ts';
import {
  type Actor,
  type ArtifactProps,
  type KnownArtifact,
  aboutArtifact,
  isCredited,
  isVisibleTo,
  unknownArtifact,
} from './artifact.ts';

export type Polarity = 1 | -1;
export type Counts = Pick<ArtifactProps, 'positiveJudgements' | 'negativeJudgements'>;

export interface JudgeFacts {
  readonly actor: Actor;
  readonly artifactId: string;
  readonly artifact: KnownArtifact | null;
  /** The judgement of this actor that stands; always null for a platform, whose members are anonymous. */
  readonly standing: Polarity | null;
}

export interface Judged {
  readonly counts: Counts;
  readonly payload: PayloadOf<'artifact.judged'>;
}

/** A judgement of somebody else's work: one per creator stands at a time. */
export function decideJudge(facts: JudgeFacts, polarity: Polarity): Decision<Judged> {
  const { actor, artifact } = facts;
  if (artifact === null || !isVisibleTo(artifact.props, actor.id)) return objected(unknownArtifact(facts.artifactId));
  if (isCredited(artifact.props, actor.id)) {
    return objected(
      userError('SELF_REFERENCE', 'you are credited for this work: others judge it', 'input', 'artifactId'),
    );
  }
  if (facts.standing !== null) {
    return objected(
      userError('ALREADY_DONE', 'you have judged this work: withdraw that judgement first', 'input', 'artifactId'),
    );
  }
  return decided({ counts: counted(artifact.props, polarity, 1), payload: { ...aboutArtifact(artifact), polarity } });
}

/** Takes back the judgement that stands. */
export function decideWithdraw(facts: JudgeFacts): Decision<Judged> {
  const { actor, artifact, standing } = facts;
  if (artifact === null || !isVisibleTo(artifact.props, actor.id)) return objected(unknownArtifact(facts.artifactId));
  if (standing === null)
    return objected(userError('NOT_FOUND', 'no judgement of yours stands on this work', 'input', 'artifactId'));
  return decided({
    counts: counted(artifact.props, standing, -1),
    payload: { ...aboutArtifact(artifact), polarity: standing },
  });
}

function counted(props: ArtifactProps, polarity: Polarity, by: 1 | -1): Counts {
  return {
    positiveJudgements: props.positiveJudgements + (polarity === 1 ? by : 0),
    negativeJudgements: props.negativeJudgements + (polarity === -1 ? by : 0),
  };
}
