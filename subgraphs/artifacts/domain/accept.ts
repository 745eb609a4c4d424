import type { PayloadOf } from '../../../schema/events/catalogue.ts';
import { type Decision, decided, objected, userError } from '../../../schema/user-errors.ts';
import { type Actor, type KnownArtifact, aboutArtifact, isCredited, isVisibleTo, unknownArtifact } from './artifact.ts';
import type { Source } from './sources.ts';

export interface AcceptFacts {
  readonly actor: Actor;
  readonly artifactId: string;
  readonly artifact: KnownArtifact | null;
  /** What the work derives from, oldest link first. */
  readonly sources: readonly Source[];
}

/** Whoever is credited for a work accepts, once, another that derives from it (an answer, a finished commission). */
export function decideAccept(facts: AcceptFacts): Decision<PayloadOf<'artifact.accepted'>> {
  const { actor, artifact } = facts;
  if (artifact === null || !isVisibleTo(artifact.props, actor.id)) {
    return objected(unknownArtifact(facts.artifactId));
  }
  const answered = facts.sources.find(
    ({ props }) => props !== null && (actor.isPlatform || isCredited(props, actor.id)),
  );
  if (answered === undefined) {
    return objected(
      userError(
        'FORBIDDEN',
        'only those credited for a work that this one derives from may accept it',
        'input',
        'artifactId',
      ),
    );
  }
  if (artifact.props.acceptedAt !== '')
    return objected(userError('ALREADY_DONE', 'this work is accepted already', 'input', 'artifactId'));
  return decided({ ...aboutArtifact(artifact), answersId: answered.id });
}
