import type { ImportLine } from '../schema/import/line.ts';
import { acceptArtifact } from '../subgraphs/artifacts/commands/accept-artifact.ts';
import { contributeToArtifact } from '../subgraphs/artifacts/commands/contribute-to-artifact.ts';
import { judgeArtifact } from '../subgraphs/artifacts/commands/judge-artifact.ts';
import { publishArtifact } from '../subgraphs/artifacts/commands/publish-artifact.ts';
import { reviseArtifact } from '../subgraphs/artifacts/commands/revise-artifact.ts';
import { createSpace } from '../subgraphs/collaboration/commands/create-space.ts';
import { joinSpace } from '../subgraphs/collaboration/commands/join-space.ts';
import { postToSpace } from '../subgraphs/collaboration/commands/post-to-space.ts';
import { awardBadge } from '../subgraphs/creators/commands/award-badge.ts';
import { registerCreator } from '../subgraphs/creators/commands/register-creator.ts';
import { endorse } from '../subgraphs/relationships/commands/endorse.ts';
import { follow } from '../subgraphs/relationships/commands/follow.ts';
import { startMentorship } from '../subgraphs/relationships/commands/mentorship.ts';
import { recordCollaboration } from '../subgraphs/relationships/commands/record-collaboration.ts';
import { attestPoints } from '../subgraphs/reputation/commands/attest-points.ts';
import { BUILT_IN_ISSUER } from '../runtime/issuer.ts';
import type { CommandContext, CommandResult } from '../subgraphs/shared/command.ts';
import { identityOf } from '../subgraphs/shared/context.ts';
import { idOf } from './references.ts';

type Line<D extends ImportLine['do']> = Extract<ImportLine, { do: D }>;
type Handlers = {
  readonly [D in ImportLine['do']]: (
    context: CommandContext,
    ids: Ids,
    line: Line<D>,
  ) => Promise<CommandResult<unknown>>;
};

/** The platform's ids for a community's references. */
interface Ids {
  creator(reference: string): string;
  artifact(reference: string): string;
  space(reference: string): string;
  post(reference: string): string;
}

/** One command per kind of line. Imported creators belong to the built-in issuer's login of the same name. */
const handlers: Handlers = {
  'creator.register': (context, ids, { creator, username, displayName, bio, creatorType, skills, publicMetrics }) =>
    registerCreator(context, {
      creatorId: ids.creator(creator),
      identity: identityOf({ issuer: BUILT_IN_ISSUER, subject: username }),
      username,
      displayName,
      bio,
      creatorType,
      skills,
      publicMetrics,
    }),
  'creator.award-badge': (context, ids, { creator, badge, tier, about }) =>
    awardBadge(context, { creatorId: ids.creator(creator), badge, tier, about: about ?? null }),
  'artifact.publish': (context, ids, line) =>
    publishArtifact(context, {
      artifactId: ids.artifact(line.artifact),
      title: line.title,
      kind: line.kind,
      summary: line.summary,
      tags: line.tags,
      visibility: line.visibility,
      credits: line.credits?.map(({ creator, sharePercent }) => ({ creatorId: ids.creator(creator), sharePercent })),
      contentHash: line.contentHash,
      derivedFrom: line.derivedFrom.map((reference) => ids.artifact(reference)),
    }),
  'artifact.revise': (context, ids, { artifact, note, tags, contentHash }) =>
    reviseArtifact(context, { artifactId: ids.artifact(artifact), note, tags, contentHash }),
  'artifact.judge': (context, ids, { artifact, polarity }) =>
    judgeArtifact(context, { artifactId: ids.artifact(artifact), polarity }),
  'artifact.accept': (context, ids, { artifact }) => acceptArtifact(context, { artifactId: ids.artifact(artifact) }),
  'artifact.contribute': (context, ids, { artifact, contribution, merged, text }) =>
    contributeToArtifact(context, { artifactId: ids.artifact(artifact), contribution, merged, text }),
  'relationship.follow': (context, ids, { creator }) => follow(context, { creatorId: ids.creator(creator) }),
  'relationship.endorse': (context, ids, { creator, skill, dimension, weight }) =>
    endorse(context, { creatorId: ids.creator(creator), skill, dimension, weight, note: '' }),
  'relationship.mentor': (context, ids, { mentor, mentee, topic }) =>
    startMentorship(context, { mentorId: ids.creator(mentor), menteeId: ids.creator(mentee), topic }),
  'relationship.collaborate': (context, ids, line) =>
    recordCollaboration(context, {
      fromId: context.actor.id,
      toId: ids.creator(line.with),
      artifactId: ids.artifact(line.artifact),
    }),
  'reputation.attest-points': (context, ids, { reason, points, creators }) =>
    attestPoints(context, { reason, points, creatorIds: creators.map((reference) => ids.creator(reference)) }),
  'space.create': (context, ids, { space, name, description, kind, capacity }) =>
    createSpace(context, { spaceId: ids.space(space), name, description, kind, capacity }),
  'space.join': (context, ids, { space }) => joinSpace(context, { spaceId: ids.space(space) }),
  'space.post': (context, ids, { space, post, body, inReplyTo }) =>
    postToSpace(context, {
      spaceId: ids.space(space),
      postId: ids.post(post),
      body,
      inReplyTo: inReplyTo === undefined ? null : ids.post(inReplyTo),
    }),
};

/** Runs the command that a line stands for. */
export function perform(context: CommandContext, community: string, line: ImportLine): Promise<CommandResult<unknown>> {
  const ids: Ids = {
    creator: (reference) => idOf(community, 'creator', reference),
    artifact: (reference) => idOf(community, 'artifact', reference),
    space: (reference) => idOf(community, 'space', reference),
    post: (reference) => idOf(community, 'post', reference),
  };
  const handler = handlers[line.do] as (
    context: CommandContext,
    ids: Ids,
    line: ImportLine,
  ) => Promise<CommandResult<unknown>>;
  return handler(context, ids, line);
}
