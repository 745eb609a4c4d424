import type { GraphNode } from '../../../engines/graph-store/port.ts';
import type { NodeProps } from '../../../schema/graph/catalogue.ts';
import { type LevelFacts, hysteresis, levelsVersion } from '../../../schema/reputation/levels.ts';
import { textProblem } from '../../../schema/text-limits.ts';
import { type CommandContext, type CommandResult, record, refused } from '../../shared/command.ts';
import { standingId } from '../../shared/acceptance.ts';
import { userError } from '../../shared/errors.ts';
import { isErased } from '../../shared/sealing.ts';
import {
  type LevelDecision,
  type Standing,
  comesOfAge,
  newcomer,
  nextLookMs,
  passTime,
  reviewed,
} from '../domain/standing.ts';

/** A score of the past that a level may turn on. */
export interface ScorePoint {
  readonly dimension: keyof LevelFacts['scores'];
  readonly low: number;
  readonly evidence: number;
  readonly atMs: number;
  readonly logOffset: number;
}

const never = '9999-12-31T00:00:00.000Z';
const reasonLimits = { min: 10, max: 300 };

const toMs = (iso: string): number | null => (iso === '' ? null : Date.parse(iso));
const toIso = (ms: number | null): string => (ms === null ? '' : new Date(ms).toISOString());

function standingOf(props: NodeProps['TrustStanding']): Standing {
  return {
    level: props.level,
    aboveSinceMs: toMs(props.aboveSince),
    belowSinceMs: toMs(props.belowSince),
    changedMs: toMs(props.changedAt),
    proposedMs: toMs(props.proposedAt),
  };
}

/**
 * Lets an account's standing follow its scores (`points`, in the order of the log) and then time, up to now. What falls due on the way is decided as of then, and
 * recorded. Gives the number of decisions.
 */
export async function settleStanding(
  context: CommandContext,
  input: { readonly creatorId: string; readonly points: readonly ScorePoint[] },
): Promise<number> {
  const { tx, nowIso } = context;
  const [[creator], [known]] = [
    await tx.get('Creator', [input.creatorId]),
    await tx.get('TrustStanding', [standingId(input.creatorId)]),
  ];
  if (creator == null) return 0;
  if (await isErased(tx, input.creatorId)) {
    if (known != null) await stopClocks(context, known);
    return 0;
  }
  const registeredMs = Date.parse(creator.props.registeredAt);
  let logOffset = known?.props.logOffset ?? 0;
  let scores = known == null ? {} : (JSON.parse(known.props.scores) as LevelFacts['scores']);
  let standing = known == null ? newcomer : standingOf(known.props);
  const made: { readonly decision: LevelDecision; readonly logOffset: number }[] = [];
  const pass = (atMs: number): void => {
    const passed = passTime(standing, { scores, registeredMs }, atMs);
    made.push(...passed.decisions.map((decision) => ({ decision, logOffset })));
    standing = passed.standing;
  };
  /** Time passes while the scores stay as they are: whoever comes of age meanwhile is looked at on that day. */
  const wait = (untilMs: number): void => {
    const ofAgeMs = comesOfAge(standing, { scores, registeredMs });
    if (ofAgeMs !== null && ofAgeMs < untilMs) pass(ofAgeMs);
    pass(untilMs);
  };
  for (const { dimension, low, evidence, atMs, logOffset: offset } of input.points) {
    if (offset <= logOffset) continue;
    wait(atMs);
    scores = { ...scores, [dimension]: { low, evidence } };
    logOffset = offset;
    pass(atMs);
  }
  wait(Date.parse(nowIso));
  const nextMs = nextLookMs(standing, { scores, registeredMs });
  const isNobody = standing.level === 0 && nextMs === null && known == null;
  if (!isNobody)
    await write(context, known ?? null, { creatorId: input.creatorId, standing, scores, logOffset, nextMs });
  for (const { decision, logOffset: offset } of made) await log(context, input.creatorId, decision, offset);
  return made.length;
}

/** Nothing is decided any more about whoever was erased, though their scores have gone, here too; what waits for a human goes on waiting. */
async function stopClocks({ tx }: CommandContext, { id, version, props }: GraphNode<'TrustStanding'>): Promise<void> {
  if (props.nextAt === never && props.scores === '{}') return;
  const stopped = { ...props, aboveSince: '', belowSince: '', nextAt: never, scores: '{}' };
  await tx.put({ type: 'TrustStanding', id, expectedVersion: version, props: stopped });
}

async function write(
  { tx }: CommandContext,
  known: GraphNode<'TrustStanding'> | null,
  {
    creatorId,
    standing,
    scores,
    logOffset,
    nextMs,
  }: {
    creatorId: string;
    standing: Standing;
    scores: LevelFacts['scores'];
    logOffset: number;
    /** When to look at it again though no score changes; null for not at all. */
    nextMs: number | null;
  },
): Promise<void> {
  await tx.put({
    type: 'TrustStanding',
    id: standingId(creatorId),
    expectedVersion: known?.version ?? 0,
    props: {
      creatorId,
      level: standing.level,
      aboveSince: toIso(standing.aboveSinceMs),
      belowSince: toIso(standing.belowSinceMs),
      changedAt: toIso(standing.changedMs),
      proposedAt: toIso(standing.proposedMs),
      nextAt: toIso(nextMs) || never,
      scores: JSON.stringify(scores),
      logOffset,
    },
  });
}

async function log(
  context: CommandContext,
  creatorId: string,
  {
    outcome,
    from,
    to,
    atMs,
    reasons,
  }: Omit<LevelDecision, 'outcome'> & { readonly outcome: NodeProps['LevelDecision']['outcome'] },
  logOffset: number,
  sealedReason?: string,
): Promise<string> {
  const decidedAt = toIso(atMs);
  const event = await record(context, {
    type: 'reputation.level-decided',
    entityId: creatorId,
    payload: { creatorId, outcome, from, to, decidedAt, reasons: [...reasons], logOffset, levelsVersion },
    ...(sealedReason !== undefined && { personal: { [creatorId]: { reason: sealedReason } } }),
  });
  const shown = sealedReason === undefined ? reasons : [...reasons, sealedReason];
  await context.tx.put({
    type: 'LevelDecision',
    id: event.id,
    expectedVersion: 0,
    props: { creatorId, outcome, from, to, decidedAt, reasons: shown, logOffset, levelsVersion },
  });
  return event.id;
}

/** Decides a proposed loss. The creator had a week's notice by then. */
export async function reviewLevelLoss(
  context: CommandContext,
  input: {
    readonly creatorId: string;
    readonly isConfirmed: boolean;
    readonly reason: string;
    readonly isReviewer: boolean;
  },
): Promise<CommandResult<{ readonly creatorId: string }>> {
  const { creatorId, isConfirmed, reason } = input;
  const [known] = await context.tx.get('TrustStanding', [standingId(creatorId)]);
  const at = ['input', 'creatorId'] as const;
  if (!input.isReviewer)
    return refused(userError('FORBIDDEN', 'reviewing needs a token with the scope "guardian"', 'input'));
  if (creatorId === context.actor.id)
    return refused(userError('SELF_REFERENCE', 'nobody decides their own case', ...at));
  const standing = known == null ? newcomer : standingOf(known.props);
  if (known == null || standing.proposedMs === null)
    return refused(userError('NOT_FOUND', 'no loss of level is proposed for them', ...at));
  const nowMs = Date.parse(context.nowIso);
  if (nowMs < standing.proposedMs + hysteresis.upMs)
    return refused(
      userError(
        'CONFLICT',
        `the creator has time to answer until ${toIso(standing.proposedMs + hysteresis.upMs)}`,
        ...at,
      ),
    );
  const problem = textProblem(reason, reasonLimits);
  if (problem !== null) return refused(userError('INVALID', `reason ${problem}`, 'input', 'reason'));
  const [creator] = await context.tx.get('Creator', [creatorId]);
  const { scores: scoresJson, logOffset } = known.props;
  const scores = JSON.parse(scoresJson) as LevelFacts['scores'];
  const facts = { scores, registeredMs: creator == null ? nowMs : Date.parse(creator.props.registeredAt) };
  const decided = reviewed(standing, facts, { isConfirmed, atMs: nowMs });
  const isGone = await isErased(context.tx, creatorId);
  const nextMs = isGone ? null : nextLookMs(decided, facts);
  await write(context, known, { creatorId, standing: decided, scores, logOffset, nextMs });
  const outcome = isConfirmed ? 'LOSS_CONFIRMED' : 'LOSS_DECLINED';
  const decision = {
    outcome,
    from: standing.level,
    to: decided.level,
    atMs: nowMs,
    reasons: ['a human decided'],
  } as const;
  // No word is written about somebody who was erased.
  const eventId = await log(context, creatorId, decision, logOffset, isGone ? undefined : reason);
  return { ok: true, value: { creatorId }, eventIds: [eventId] };
}
