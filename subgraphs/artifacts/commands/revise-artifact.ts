import { type CommandContext, type CommandResult, accepted, record } from '../../shared/command.ts';
import { type Revision, decideRevise } from '../domain/revise.ts';
import { sourcesMax } from '../domain/sources.ts';
import { actorOf, findCycle, newestEvents, readArtifact, readSourceIds, readSources } from './reading.ts';

export interface ReviseArtifact extends Revision {
  readonly artifactId: string;
  /** Works to derive from; those that it derives from already are passed over. */
  readonly derivedFrom?: readonly string[] | null | undefined;
}

/** Makes the next revision of a work. */
export async function reviseArtifact(
  context: CommandContext,
  input: ReviseArtifact,
): Promise<CommandResult<{ artifactId: string }>> {
  const { tx, nowIso } = context;
  const { artifactId } = input;
  const actor = actorOf(context);
  const artifact = await readArtifact(tx, artifactId);
  const knownSources = artifact?.isDerived === true ? await readSourceIds(tx, artifactId) : [];
  const newIds = [...new Set(input.derivedFrom ?? [])]
    .filter((id) => !knownSources.includes(id))
    .slice(0, sourcesMax + 1);
  const newSources = await readSources(tx, newIds);
  const cycle = newIds.length === 0 ? 'none' : await findCycle(tx, artifactId, newIds);
  const decision = decideRevise({ actor, artifactId, artifact, knownSources, newSources, cycle, nowIso }, input);
  if (!decision.ok) return decision;
  const { props, note, payload } = decision.value;
  await tx.put({
    type: 'Artifact',
    id: artifactId,
    props,
    ...(input.expectedVersion == null ? {} : { expectedVersion: input.expectedVersion }),
  });
  await tx.put({
    type: 'ArtifactRevision',
    id: `${artifactId}|${props.revision}`,
    props: {
      artifactId,
      revision: props.revision,
      contentHash: props.contentHash,
      note,
      revisedBy: actor.id,
      revisedAt: nowIso,
    },
    expectedVersion: 0,
  });
  for (const to of newIds) await tx.link({ type: 'DERIVED_FROM', from: artifactId, to, props: { since: nowIso } });
  const event = await record(context, {
    type: 'artifact.revised',
    entityId: artifactId,
    payload,
    personal: { [actor.id]: { title: props.title, summary: props.summary, note } },
    causedBy: await newestEvents(tx, [artifactId, ...newIds]),
  });
  return accepted({ artifactId }, [event]);
}
