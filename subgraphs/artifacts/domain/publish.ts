import type { PayloadOf } from '../../../schema/events/catalogue.ts';
import { type Decision, decided, objected, userError } from '../../../schema/user-errors.ts';
import type { Actor, ArtifactProps, Credit } from './artifact.ts';
import { contentProblems, normalTags } from './content.ts';
import { creditProblems, creditsMax } from './credits.ts';
import { type Source, aboutSources, sourceProblems } from './sources.ts';

export interface Publication {
  readonly title: string;
  readonly kind: ArtifactProps['kind'];
  readonly summary: string;
  readonly tags: readonly string[];
  readonly visibility: ArtifactProps['visibility'];
  readonly credits: readonly Credit[];
  readonly contentHash: string;
}

/** What must be known to judge a publication. */
export interface PublishFacts {
  readonly actor: Actor;
  readonly artifactId: string;
  /** Whether the id is in use. */
  readonly isTaken: boolean;
  /** Those of the credited ids that are creators. */
  readonly creators: ReadonlySet<string>;
  /** Those of them who have blocked the actor: nothing is put among the works of those. */
  readonly blockers: ReadonlySet<string>;
  readonly sources: readonly Source[];
  readonly nowIso: string;
}

export interface Published {
  readonly props: ArtifactProps;
  readonly payload: PayloadOf<'artifact.published'>;
}

/**
 * A new work, credited to creators that exist, the publisher among them, derived from works that the publisher sees. The work of a
 * platform's anonymous member is credited to nobody.
 */
export function decidePublish(facts: PublishFacts, work: Publication): Decision<Published> {
  if (facts.isTaken)
    return objected(userError('TAKEN', `there is an artifact ${facts.artifactId} already`, 'input', 'artifactId'));
  // Each of thousands of names would have an objection of its own.
  if (work.credits.length > creditsMax) return objected(...creditProblems(work.credits));
  const isCredited = work.credits.some((credit) => credit.creatorId === facts.actor.id);
  const problems = [
    ...contentProblems(work),
    ...creditProblems(work.credits),
    ...(isCredited || facts.actor.isPlatform
      ? []
      : [userError('FORBIDDEN', 'credits must include yourself, with a share of 0 or more', 'input', 'credits')]),
    ...work.credits.flatMap(({ creatorId }, index) => {
      const path = ['input', 'credits', String(index), 'creatorId'];
      if (!facts.creators.has(creatorId)) return [userError('NOT_FOUND', `there is no creator ${creatorId}`, ...path)];
      return facts.blockers.has(creatorId) ? [userError('BLOCKED', 'this creator has blocked you', ...path)] : [];
    }),
    ...sourceProblems(facts.artifactId, facts.sources, facts.actor),
  ];
  if (problems.length > 0) return objected(...problems);
  const { kind, visibility, contentHash } = work;
  const tags = normalTags(work.tags);
  const credits = work.credits.map(({ creatorId, sharePercent }) => ({ creatorId, sharePercent }));
  return decided({
    props: {
      title: work.title.trim(),
      kind,
      summary: work.summary,
      tags,
      visibility,
      credits,
      contentHash,
      revision: 1,
      publishedAt: facts.nowIso,
      revisedAt: facts.nowIso,
      acceptedAt: '',
      positiveJudgements: 0,
      negativeJudgements: 0,
    },
    payload: { kind, visibility, tags, credits, contentHash, derivedFrom: aboutSources(facts.sources) },
  });
}
