import { type CommandContext, type CommandResult, accepted, record } from '../../shared/command.ts';
import type { Actor } from '../domain/artifact.ts';
import { type JudgeFacts, type Polarity, decideJudge, decideWithdraw } from '../domain/judge.ts';
import { actorOf, newestEvents, readArtifact } from './reading.ts';

export interface JudgeArtifact {
  readonly artifactId: string;
  readonly polarity: Polarity;
}

export interface WithdrawJudgement {
  readonly artifactId: string;
}

export interface JudgementGiven {
  readonly artifactId: string;
  readonly judgementId: string;
}

/**
 * Judges a work. A creator's judgement is an edge, so that one stands at a time; what a platform attests for an
 * anonymous member leaves only the count and an event with a judgement id of its own.
 */
export async function judgeArtifact(
  context: CommandContext,
  input: JudgeArtifact,
): Promise<CommandResult<JudgementGiven>> {
  const { tx, nowIso } = context;
  const { artifactId, polarity } = input;
  const actor = actorOf(context);
  const decision = decideJudge(await readFacts(context, actor, artifactId), polarity);
  if (!decision.ok) return decision;
  const judgementId = actor.isPlatform ? context.newId() : judgementOf(actor.id, artifactId);
  await tx.patch('Artifact', artifactId, decision.value.counts);
  if (!actor.isPlatform)
    await tx.link({ type: 'JUDGES', from: actor.id, to: artifactId, props: { since: nowIso, polarity } });
  const event = await record(context, {
    type: 'artifact.judged',
    entityId: judgementId,
    payload: decision.value.payload,
    causedBy: await newestEvents(tx, [artifactId]),
  });
  return accepted({ artifactId, judgementId }, [event]);
}

/** Takes the actor's judgement of a work back. A platform's anonymous judgements stand. */
export async function withdrawJudgement(
  context: CommandContext,
  input: WithdrawJudgement,
): Promise<CommandResult<JudgementGiven>> {
  const { tx } = context;
  const { artifactId } = input;
  const actor = actorOf(context);
  const decision = decideWithdraw(await readFacts(context, actor, artifactId));
  if (!decision.ok) return decision;
  const judgementId = judgementOf(actor.id, artifactId);
  await tx.patch('Artifact', artifactId, decision.value.counts);
  await tx.unlink({ type: 'JUDGES', from: actor.id, to: artifactId });
  const [given] = await tx.get('ChainHead', [`chain|Judgement|${judgementId}`]);
  const event = await record(context, {
    type: 'artifact.judgement-withdrawn',
    entityId: judgementId,
    payload: decision.value.payload,
    causedBy: given ? [given.props.eventId] : [],
  });
  return accepted({ artifactId, judgementId }, [event]);
}

/** The entity of a creator's judgements of one work: given, withdrawn and given again, they are one chain. */
function judgementOf(creatorId: string, artifactId: string): string {
  return `${creatorId}|${artifactId}`;
}

async function readFacts(context: CommandContext, actor: Actor, artifactId: string): Promise<JudgeFacts> {
  const artifact = await readArtifact(context.tx, artifactId);
  const [edge] = actor.isPlatform ? [] : await context.tx.edges('JUDGES', [{ from: actor.id, to: artifactId }]);
  return { actor, artifactId, artifact, standing: edge ? (edge.props.polarity as Polarity) : null };
}
