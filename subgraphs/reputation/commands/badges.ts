import type { GraphNode, GraphTransaction } from '../../../engines/graph-store/port.ts';
import { canonicalSkill } from '../../../schema/graph/skill.ts';
import { type BadgeFacts, earnedBadges } from '../../../schema/reputation/badges.ts';
import { type CommandContext, record } from '../../shared/command.ts';
import { certificatesMax } from '../credentials/open-badge.ts';
import { standingId } from '../../shared/acceptance.ts';

/** What a creator's badges and skills are looked at up to. */
const heldMax = 500;
const skillPrefix = 'SKILL:';

/**
 * Grants the badges whose criteria are met and revokes those whose are no more, by what the warehouse (`facts`) and the graph say of a creator. Each is an event. Gives
 * the number of changes.
 */
export async function settleBadges(
  context: CommandContext,
  { creatorId, facts }: { readonly creatorId: string; readonly facts: Omit<BadgeFacts, 'skills'> },
): Promise<number> {
  const { tx, nowIso } = context;
  const [creator] = await tx.get('Creator', [creatorId]);
  if (creator == null || creator.props.state === 'ARCHIVED' || creator.props.state === 'MIGRATED') return 0;
  const { items } = await tx.find({
    type: 'Badge',
    where: { creatorId },
    orderBy: 'awardedAt',
    order: 'desc',
    limit: heldMax,
  });
  const held = items.filter(({ props }) => props.isRevoked === 0);
  const earned = earnedBadges({ ...facts, skills: await skillsOf(tx, creatorId) }, (badge) =>
    held.some(({ props }) => props.badge === badge),
  ).filter(({ definition }) => definition.since <= nowIso);
  let changes = 0;
  for (const badge of held)
    if (!earned.some(({ definition, skill }) => definition.id === badge.props.badge && skill === badge.props.skill)) {
      await revoke(context, badge);
      changes += 1;
    }
  for (const { definition, skill, evidence } of earned) {
    if (held.some(({ props }) => props.badge === definition.id && props.skill === skill)) continue;
    if (!(await grant(context, { creatorId, badge: definition.id, version: definition.version, skill, evidence })))
      break;
    changes += 1;
  }
  return changes;
}

/** False where the list of revocations has no place left. */
async function grant(
  context: CommandContext,
  badge: Pick<GraphNode<'Badge'>['props'], 'creatorId' | 'badge' | 'version' | 'skill' | 'evidence'>,
): Promise<boolean> {
  const { tx, nowIso } = context;
  const [granted, certificates] = [await tx.count('Badge'), await tx.count('Certificate')];
  if (granted + certificates >= certificatesMax) return false;
  const id = context.newId();
  await tx.put({
    type: 'Badge',
    id,
    expectedVersion: 0,
    props: { ...badge, awardedAt: nowIso, revokedAt: '', isRevoked: 0, statusIndex: certificatesMax - 1 - granted },
  });
  await record(context, {
    type: 'reputation.badge-granted',
    entityId: id,
    payload: { creatorId: badge.creatorId, badge: badge.badge, criteriaVersion: badge.version },
    ...(badge.skill !== '' && { personal: { [badge.creatorId]: { skill: badge.skill } } }),
  });
  return true;
}

async function revoke(context: CommandContext, { id, version, props }: GraphNode<'Badge'>): Promise<void> {
  await context.tx.put({
    type: 'Badge',
    id,
    expectedVersion: version,
    props: { ...props, isRevoked: 1, revokedAt: context.nowIso },
  });
  await record(context, {
    type: 'reputation.badge-revoked',
    entityId: id,
    payload: { creatorId: props.creatorId, badge: props.badge },
  });
}

/** By skill: the levels of those who endorse it, and certificates that hold. */
async function skillsOf(tx: GraphTransaction, creatorId: string): Promise<BadgeFacts['skills']> {
  const [page] = await tx.neighbours({
    edge: 'ENDORSES',
    direction: 'in',
    ids: [creatorId],
    orderBy: 'since',
    order: 'desc',
    limit: heldMax,
  });
  const endorsements = (page?.items ?? []).filter(({ edge }) => edge.key.startsWith(skillPrefix));
  const standings = await tx.get(
    'TrustStanding',
    endorsements.map(({ id }) => standingId(id)),
  );
  const certificates = await tx.find({
    type: 'Certificate',
    where: { holderId: creatorId, isRevoked: 0 },
    orderBy: 'issuedAt',
    order: 'desc',
    limit: heldMax,
  });
  const skills = new Map<string, { levels: number[]; certificates: number }>();
  const of = (skill: string): { levels: number[]; certificates: number } => {
    const known = skills.get(skill) ?? { levels: [], certificates: 0 };
    skills.set(skill, known);
    return known;
  };
  endorsements.forEach(({ edge }, index) =>
    of(edge.key.slice(skillPrefix.length)).levels.push(standings[index]?.props.level ?? 0),
  );
  for (const { props } of certificates.items) of(canonicalSkill(props.skill) ?? props.skill).certificates += 1;
  return skills;
}
