import type { PayloadOf } from '../../../schema/events/catalogue.ts';
import { type Decision, type UserError, decided, objected, userError } from '../../../schema/user-errors.ts';
import { type Actor, type ArtifactProps, isCredited, isVisibleTo, unknownArtifact } from './artifact.ts';
import { contentProblems, normalTags } from './content.ts';
import { type Source, aboutSources, sourceProblems, sourcesMax } from './sources.ts';

/** What a revision changes; what is absent stays as it is. */
export interface Revision {
  readonly title?: string | null | undefined;
  readonly summary?: string | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
  readonly contentHash?: string | null | undefined;
  readonly note?: string | null | undefined;
  /** The version that the caller has seen; absent takes any. */
  readonly expectedVersion?: number | null | undefined;
}

export interface ReviseFacts {
  readonly actor: Actor;
  readonly artifactId: string;
  readonly artifact: { readonly version: number; readonly props: ArtifactProps } | null;
  /** Ids that the work derives from already. */
  readonly knownSources: readonly string[];
  /** Works to derive from that are new to it. */
  readonly newSources: readonly Source[];
  /** Whether the work itself is among the ancestors of a new source. */
  readonly cycle: 'none' | 'found' | 'too-many-ancestors';
  readonly nowIso: string;
}

export interface Revised {
  readonly props: ArtifactProps;
  readonly note: string;
  readonly payload: PayloadOf<'artifact.revised'>;
}

/** The next revision of a work by one of those credited for it. Its derivation stays free of cycles. */
export function decideRevise(facts: ReviseFacts, revision: Revision): Decision<Revised> {
  const { actor, artifact } = facts;
  if (artifact === null || !(actor.isPlatform || isVisibleTo(artifact.props, actor.id))) {
    return objected(unknownArtifact(facts.artifactId));
  }
  if (!actor.isPlatform && !isCredited(artifact.props, actor.id)) {
    return objected(
      userError(
        'FORBIDDEN',
        'only those credited for the work may revise it: contribute an edit instead',
        'input',
        'artifactId',
      ),
    );
  }
  const { expectedVersion } = revision;
  if (expectedVersion != null && expectedVersion !== artifact.version) {
    const message = `the artifact is at version ${artifact.version}, not ${expectedVersion}: read it again and repeat the change`;
    return objected(userError('CONFLICT', message, 'input', 'expectedVersion'));
  }
  const problems = [
    ...contentProblems(revision),
    ...sourceProblems(facts.artifactId, facts.newSources, actor),
    ...derivationProblems(facts),
  ];
  return problems.length > 0 ? objected(...problems) : decided(revised(artifact.props, facts, revision));
}

function derivationProblems(facts: ReviseFacts): UserError[] {
  const path = ['input', 'derivedFrom'];
  if (facts.cycle === 'found') return [userError('CYCLE', 'one of these works derives from this one', ...path)];
  if (facts.cycle === 'too-many-ancestors')
    return [userError('LIMIT_EXCEEDED', 'one of these works has too many ancestors to rule out a cycle', ...path)];
  const count = facts.knownSources.length + facts.newSources.length;
  return count > sourcesMax
    ? [userError('LIMIT_EXCEEDED', `a work may derive from at most ${sourcesMax} others, not ${count}`, ...path)]
    : [];
}

function revised(props: ArtifactProps, facts: ReviseFacts, revision: Revision): Revised {
  const tags = revision.tags == null ? [...props.tags] : normalTags(revision.tags);
  const contentHash =
    revision.contentHash == null || revision.contentHash === '' ? props.contentHash : revision.contentHash;
  const number = props.revision + 1;
  return {
    props: {
      ...props,
      title: revision.title?.trim() ?? props.title,
      summary: revision.summary ?? props.summary,
      tags,
      contentHash,
      revision: number,
      revisedAt: facts.nowIso,
    },
    note: revision.note ?? '',
    payload: {
      revision: number,
      contentHash,
      tags,
      credits: [...props.credits],
      derivedFrom: aboutSources(facts.newSources),
    },
  };
}
