import type { GraphNode } from '../../../engines/graph-store/port.ts';
import type { NodeProps } from '../../../schema/graph/catalogue.ts';
import { type OverturnedEvidence, overturnedId } from '../../../schema/reputation/evidence.ts';
import { topics } from '../../../schema/topics.ts';
import { type CommandContext, type CommandResult, accepted, record, refused } from '../../shared/command.ts';
import { userError } from '../../shared/errors.ts';
import { isErased } from '../../shared/sealing.ts';
import { type Case, appealLimits, decideDeciding, decideOpening, decideTaking } from '../domain/appeal.ts';

type Piece = OverturnedEvidence['piece'];
interface AppealAnswer {
  readonly appealId: string;
}

/** Opens an appeal against a piece of evidence about the actor; `piece` is what the ledger has under that id, null for nothing. */
export async function openAppeal(
  context: CommandContext,
  input: { readonly evidenceId: string; readonly text: string; readonly piece: Piece | null },
): Promise<CommandResult<AppealAnswer>> {
  const { tx, actor, nowIso } = context;
  const appealId = `appeal|${input.evidenceId}`;
  const piece = input.piece?.target === actor.id ? input.piece : null;
  const [known] = piece === null ? [] : await tx.get('Appeal', [appealId]);
  const waiting =
    (await tx.count('Appeal', { creatorId: actor.id, state: 'OPEN' })) +
    (await tx.count('Appeal', { creatorId: actor.id, state: 'TAKEN' }));
  const decision = decideOpening({ piece, earlier: known?.props.state ?? null, waiting }, input.text);
  if (!decision.ok) return decision;
  const { dimension } = piece as Piece;
  const dueAt = later(nowIso, appealLimits.dueMs);
  await tx.put({
    type: 'Appeal',
    id: appealId,
    expectedVersion: 0,
    props: {
      creatorId: actor.id,
      dimension,
      text: input.text,
      state: 'OPEN',
      openedAt: nowIso,
      dueAt,
      reviewerId: '',
      heldUntil: '',
      decidedAt: '',
      reason: '',
      piece: JSON.stringify(piece),
    },
  });
  const event = await record(context, {
    type: 'reputation.appeal-opened',
    entityId: appealId,
    payload: { creatorId: actor.id, dimension, dueAt },
    personal: { [actor.id]: { text: input.text } },
  });
  return accepted({ appealId }, [event]);
}

/** Takes a case in hand. Taking one's own case again prolongs it. */
export async function takeAppeal(
  context: CommandContext,
  { appealId, isReviewer }: { readonly appealId: string; readonly isReviewer: boolean },
): Promise<CommandResult<AppealAnswer>> {
  if (!isReviewer) return notForYou();
  const appeal = await readAppeal(context, appealId);
  const decision = decideTaking(appeal && caseOf(appeal), context.actor.id, context.nowIso);
  if (!decision.ok) return decision;
  const heldUntil = later(context.nowIso, appealLimits.heldMs);
  const { creatorId } = await change(context, appeal, { state: 'TAKEN', reviewerId: context.actor.id, heldUntil });
  const event = await record(context, { type: 'reputation.appeal-taken', entityId: appealId, payload: { creatorId } });
  return accepted({ appealId }, [event]);
}

/**
 * Decides a case. Upheld, the evidence is overturned in the same commit: the decision's event is for everybody, which piece it was is for
 * the processor alone.
 */
export async function decideAppeal(
  context: CommandContext,
  input: {
    readonly appealId: string;
    readonly outcome: 'UPHELD' | 'REJECTED';
    readonly reason: string;
    readonly isReviewer: boolean;
  },
): Promise<CommandResult<AppealAnswer>> {
  if (!input.isReviewer) return notForYou();
  const { appealId, outcome, reason } = input;
  const appeal = await readAppeal(context, appealId);
  const decision = decideDeciding(appeal && caseOf(appeal), context.actor.id, reason);
  if (!decision.ok) return decision;
  // Nobody is there to read it who may, and nothing is written about somebody who was erased.
  const isGone = appeal !== null && (await isErased(context.tx, appeal.props.creatorId));
  const told = isGone ? '' : reason;
  const props = await change(context, appeal, { state: outcome, decidedAt: context.nowIso, reason: told });
  const event = await record(context, {
    type: 'reputation.appeal-decided',
    entityId: appealId,
    payload: { creatorId: props.creatorId, dimension: props.dimension, outcome },
    ...(!isGone && { personal: { [props.creatorId]: { reason } } }),
  });
  if (outcome === 'UPHELD')
    await overturn(context, {
      kind: 'OVERTURNED',
      eventId: event.id,
      atMs: Date.parse(context.nowIso),
      piece: pieceOf(props),
    });
  return accepted({ appealId }, [event]);
}

async function overturn({ tx }: CommandContext, evidence: OverturnedEvidence): Promise<void> {
  await tx.append([
    {
      topic: topics.reputationEvidence.name,
      key: evidence.piece.target,
      id: overturnedId(evidence),
      value: JSON.stringify(evidence),
    },
  ]);
}

async function readAppeal({ tx }: CommandContext, id: string): Promise<GraphNode<'Appeal'> | null> {
  const [appeal] = await tx.get('Appeal', [id]);
  return appeal ?? null;
}

async function change(
  { tx }: CommandContext,
  appeal: GraphNode<'Appeal'> | null,
  to: Partial<NodeProps['Appeal']>,
): Promise<NodeProps['Appeal']> {
  if (appeal === null) throw new TypeError('decided about an appeal that is not there');
  const props = { ...appeal.props, ...to };
  await tx.put({ type: 'Appeal', id: appeal.id, expectedVersion: appeal.version, props });
  return props;
}

export function pieceOf({ piece }: Pick<NodeProps['Appeal'], 'piece'>): Piece {
  return JSON.parse(piece) as Piece;
}

function caseOf({ props }: GraphNode<'Appeal'>): Case {
  return { ...props, sourceId: pieceOf(props).source };
}

const later = (iso: string, ms: number): string => new Date(Date.parse(iso) + ms).toISOString();

function notForYou() {
  return refused(userError('FORBIDDEN', 'reviewing needs a token with the scope "guardian"', 'input'));
}
