import type { GraphNode } from '../../../engines/graph-store/port.ts';
import { textLimits, textProblem } from '../../../schema/text-limits.ts';
import type { SubgraphContext } from '../../shared/context.ts';
import { type UserError, userError } from '../../shared/errors.ts';
import { type MutationAnswer, runCommand } from '../../shared/mutation.ts';
import { acceptArtifact } from '../commands/accept-artifact.ts';
import { contributeToArtifact } from '../commands/contribute-to-artifact.ts';
import { judgeArtifact, withdrawJudgement } from '../commands/judge-artifact.ts';
import { type PublishArtifact, publishArtifact } from '../commands/publish-artifact.ts';
import { reviseArtifact } from '../commands/revise-artifact.ts';
import { stateAiAssistance } from '../commands/state-ai-assistance.ts';
import type { CommandContext } from '../../shared/command.ts';
import { refused } from '../../shared/command.ts';
import type { ContributeToArtifactInput, JudgeArtifactInput, MutationResolvers } from '../generated/resolvers.ts';

interface ArtifactPayload {
  readonly artifact: GraphNode<'Artifact'> | null;
  readonly eventIds: readonly string[];
  readonly userErrors: readonly UserError[];
}

async function artifactPayload(
  { loaders }: SubgraphContext,
  answer: MutationAnswer<{ readonly artifactId: string }>,
): Promise<ArtifactPayload> {
  const { value, eventIds, userErrors } = answer;
  return {
    artifact: value === null ? null : await loaders.node('Artifact').load(value.artifactId),
    eventIds,
    userErrors,
  };
}

async function derive(context: CommandContext, input: PublishArtifact): ReturnType<typeof publishArtifact> {
  if (input.derivedFrom?.length) return publishArtifact(context, input);
  return refused(
    userError(
      'INVALID',
      'derivedFrom must name at least one work: publishArtifact publishes one without',
      'input',
      'derivedFrom',
    ),
  );
}

export const Mutation: MutationResolvers = {
  stateAiAssistance: async (_root, { input }, context) =>
    artifactPayload(context, await runCommand(context, { operation: 'stateAiAssistance', input }, stateAiAssistance)),

  publishArtifact: async (_root, { input }, context) =>
    artifactPayload(
      context,
      await runCommand(context, { operation: 'publishArtifact', input, takesPart: true }, publishArtifact),
    ),

  deriveArtifact: async (_root, { input }, context) =>
    artifactPayload(
      context,
      await runCommand(context, { operation: 'deriveArtifact', input, takesPart: true }, derive),
    ),

  reviseArtifact: async (_root, { input }, context) =>
    artifactPayload(
      context,
      await runCommand(context, { operation: 'reviseArtifact', input, takesPart: true }, reviseArtifact),
    ),

  judgeArtifact: async (_root, { input }, context) => {
    const judge = (command: CommandContext, { artifactId, polarity }: Omit<JudgeArtifactInput, 'idempotencyKey'>) =>
      judgeArtifact(command, { artifactId, polarity: polarity === 'POSITIVE' ? 1 : -1 });
    return artifactPayload(
      context,
      await runCommand(context, { operation: 'judgeArtifact', input, takesPart: true }, judge),
    );
  },

  withdrawJudgement: async (_root, { input }, context) =>
    artifactPayload(context, await runCommand(context, { operation: 'withdrawJudgement', input }, withdrawJudgement)),

  acceptArtifact: async (_root, { input }, context) =>
    artifactPayload(
      context,
      await runCommand(context, { operation: 'acceptArtifact', input, takesPart: true }, acceptArtifact),
    ),

  contributeToArtifact: async (_root, { input }, context) => {
    // Nobody can say of their own edit that it was merged.
    const contribute = async (
      command: CommandContext,
      { artifactId, kind, text }: Omit<ContributeToArtifactInput, 'idempotencyKey'>,
    ) => {
      const problem = textProblem(text, { ...textLimits.contribution, min: 1 });
      if (problem !== null) return refused(userError('INVALID', `text ${problem}`, 'input', 'text'));
      return contributeToArtifact(command, { artifactId, contribution: kind, merged: false, text });
    };
    const { value, eventIds, userErrors } = await runCommand(
      context,
      { operation: 'contributeToArtifact', input, takesPart: true },
      contribute,
    );
    const contribution = value === null ? null : await context.loaders.node('Contribution').load(value.contributionId);
    return { contribution, eventIds, userErrors };
  },
};
