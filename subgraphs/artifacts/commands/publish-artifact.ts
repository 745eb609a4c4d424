import { type CommandContext, type CommandResult, accepted, record } from '../../shared/command.ts';
import type { ArtifactProps, Credit } from '../domain/artifact.ts';
import { creditsMax } from '../domain/credits.ts';
import { decidePublish } from '../domain/publish.ts';
import { sourcesMax } from '../domain/sources.ts';
import { actorOf, newestEvents, readBlockers, readSources } from './reading.ts';

export interface PublishArtifact {
  /** The new artifact's id; a fresh one where it is absent. */
  readonly artifactId?: string;
  readonly title: string;
  readonly kind: ArtifactProps['kind'];
  readonly summary?: string | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
  readonly visibility?: ArtifactProps['visibility'] | null | undefined;
  /** All of the work to the actor where it is absent. */
  readonly credits?: readonly Credit[] | null | undefined;
  /** Names the content; '' where there is none to name. */
  readonly contentHash?: string | null | undefined;
  /** Ids of the works that this one derives from. */
  readonly derivedFrom?: readonly string[] | null | undefined;
}

/** Publishes a work, also one that derives from others. */
export async function publishArtifact(
  context: CommandContext,
  input: PublishArtifact,
): Promise<CommandResult<{ artifactId: string }>> {
  const { tx, nowIso } = context;
  const actor = actorOf(context);
  const artifactId = input.artifactId ?? context.newId();
  const credits = input.credits ?? (actor.isPlatform ? [] : [{ creatorId: actor.id, sharePercent: 100 }]);
  const sourceIds = [...new Set(input.derivedFrom ?? [])];
  const creditedIds = credits.slice(0, creditsMax).map((credit) => credit.creatorId);
  const [[taken], creators, sources] = [
    await tx.get('Artifact', [artifactId]),
    creditedIds.length === 0 ? [] : await tx.get('Creator', creditedIds),
    await readSources(tx, sourceIds.slice(0, sourcesMax + 1)),
  ];
  const decision = decidePublish(
    {
      actor,
      artifactId,
      isTaken: taken != null,
      // Nobody is credited any more who has left for good.
      creators: new Set(creators.flatMap((node) => (node && node.props.state !== 'MIGRATED' ? [node.id] : []))),
      blockers: actor.isPlatform ? new Set() : await readBlockers(tx, actor.id, creditedIds),
      sources,
      nowIso,
    },
    {
      title: input.title,
      kind: input.kind,
      summary: input.summary ?? '',
      tags: input.tags ?? [],
      visibility: input.visibility ?? 'PUBLIC',
      credits,
      contentHash: input.contentHash ?? '',
    },
  );
  if (!decision.ok) return decision;
  const { props, payload } = decision.value;
  await tx.put({ type: 'Artifact', id: artifactId, props, expectedVersion: 0 });
  await tx.put({
    type: 'ArtifactRevision',
    id: `${artifactId}|1`,
    props: {
      artifactId,
      revision: 1,
      contentHash: props.contentHash,
      note: '',
      revisedBy: actor.id,
      revisedAt: nowIso,
    },
    expectedVersion: 0,
  });
  for (const { creatorId, sharePercent } of props.credits)
    await tx.link({ type: 'CREATED', from: creatorId, to: artifactId, props: { since: nowIso, sharePercent } });
  for (const to of sourceIds) await tx.link({ type: 'DERIVED_FROM', from: artifactId, to, props: { since: nowIso } });
  const event = await record(context, {
    type: 'artifact.published',
    entityId: artifactId,
    payload,
    personal: { [actor.id]: { title: props.title, summary: props.summary } },
    causedBy: await newestEvents(tx, sourceIds),
  });
  return accepted({ artifactId }, [event]);
}
