import { type UserError, userError } from '../../../schema/user-errors.ts';
import { type Actor, type ArtifactProps, type Credit, isVisibleTo } from './artifact.ts';

/** How many works one work may derive from, over all its revisions. */
export const sourcesMax = 16;

/** How many credits its sources may have together: an event carries them all, beside the longest texts and tags that a revision may have. */
const sourceCreditsMax = 448;

export interface Source {
  readonly id: string;
  /** Null where there is no such artifact. */
  readonly props: ArtifactProps | null;
}

/** Objections to deriving `artifactId` from these works: unknown or invisible ones, itself, too many. */
export function sourceProblems(artifactId: string, sources: readonly Source[], actor: Actor): UserError[] {
  if (sources.length > sourcesMax) {
    return [
      userError(
        'LIMIT_EXCEEDED',
        `a work may derive from at most ${sourcesMax} others, not ${sources.length}`,
        'input',
        'derivedFrom',
      ),
    ];
  }
  const creditCount = sources.reduce((count, { props }) => count + (props?.credits.length ?? 0), 0);
  if (creditCount > sourceCreditsMax) {
    return [
      userError(
        'LIMIT_EXCEEDED',
        `the works to derive from may have at most ${sourceCreditsMax} credits together, not ${creditCount}`,
        'input',
        'derivedFrom',
      ),
    ];
  }
  return sources.flatMap(({ id, props }, index) => {
    const path = ['input', 'derivedFrom', String(index)];
    if (id === artifactId) return [userError('CYCLE', 'a work cannot derive from itself', ...path)];
    if (props !== null && isVisibleTo(props, actor.id)) return [];
    return [userError('NOT_FOUND', `there is no artifact ${id} that you can see`, ...path)];
  });
}

/** What an event tells of the works that another derives from. Call it for sources without {@link sourceProblems}. */
export function aboutSources(sources: readonly Source[]): { artifactId: string; credits: Credit[] }[] {
  return sources.flatMap(({ id, props }) => (props === null ? [] : [{ artifactId: id, credits: [...props.credits] }]));
}
