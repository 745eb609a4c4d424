import { capabilitiesOf } from '../../../schema/reputation/levels.ts';
import { textProblem } from '../../../schema/text-limits.ts';
import { type CommandContext, type CommandResult, accepted, record, refused } from '../../shared/command.ts';
import { userError } from '../../shared/errors.ts';
import { certificatesMax } from '../credentials/open-badge.ts';
import { standingId } from '../../shared/acceptance.ts';

interface CertificateAnswer {
  readonly certificateId: string;
}

/** A creator of standing certifies somebody's skill. */
export async function issueCertificate(
  context: CommandContext,
  input: { readonly creatorId: string; readonly skill: string; readonly statement: string },
): Promise<CommandResult<CertificateAnswer>> {
  const { tx, actor, nowIso } = context;
  const { creatorId, skill, statement } = input;
  if (creatorId === actor.id)
    return refused(userError('SELF_REFERENCE', 'nobody certifies themselves', 'input', 'creatorId'));
  const [standing] = await tx.get('TrustStanding', [standingId(actor.id)]);
  if (!capabilitiesOf(standing?.props.level ?? 0).includes('certificate.issue'))
    return refused(userError('FORBIDDEN', 'certifying needs the trust level HONORED', 'input'));
  const [holder] = await tx.get('Creator', [creatorId]);
  if (holder == null) return refused(userError('NOT_FOUND', `there is no creator ${creatorId}`, 'input', 'creatorId'));
  if (holder.props.state === 'ARCHIVED' || holder.props.state === 'MIGRATED')
    return refused(userError('INVALID', 'this account is closed', 'input', 'creatorId'));
  const blocks = await tx.edges('BLOCKS', [
    { from: actor.id, to: creatorId },
    { from: creatorId, to: actor.id },
  ]);
  if (blocks.some((edge) => edge !== null))
    return refused(userError('BLOCKED', 'a block stands between you', 'input', 'creatorId'));
  const problems = [
    ['skill', textProblem(skill, { min: 2, max: 64 })],
    ['statement', textProblem(statement, { min: 10, max: 2_000 })],
  ] as const;
  const errors = problems.flatMap(([field, problem]) =>
    problem === null ? [] : [userError('INVALID', `${field} ${problem}`, 'input', field)],
  );
  if (errors.length > 0) return refused(...errors);
  const statusIndex = await tx.count('Certificate');
  if (statusIndex + (await tx.count('Badge')) >= certificatesMax)
    return refused(userError('LIMIT_EXCEEDED', `there are ${certificatesMax} certificates already`, 'input'));
  const certificateId = context.newId();
  await tx.put({
    type: 'Certificate',
    id: certificateId,
    expectedVersion: 0,
    props: {
      issuerId: actor.id,
      holderId: creatorId,
      skill,
      statement,
      issuedAt: nowIso,
      revokedAt: '',
      isRevoked: 0,
      statusIndex,
    },
  });
  const event = await record(context, {
    type: 'reputation.certificate-issued',
    entityId: certificateId,
    payload: { creatorId, issuerId: actor.id },
    personal: { [creatorId]: { skill, statement } },
  });
  return accepted({ certificateId }, [event]);
}

/** Whoever issued a certificate takes it back, for good. */
export async function revokeCertificate(
  context: CommandContext,
  { certificateId }: CertificateAnswer,
): Promise<CommandResult<CertificateAnswer>> {
  const [certificate] = await context.tx.get('Certificate', [certificateId]);
  const at = ['input', 'certificateId'] as const;
  if (certificate == null) return refused(userError('NOT_FOUND', 'there is no such certificate', ...at));
  const { issuerId, holderId, isRevoked } = certificate.props;
  if (issuerId !== context.actor.id) return refused(userError('FORBIDDEN', 'only its issuer revokes it', ...at));
  if (isRevoked === 1) return refused(userError('ALREADY_DONE', 'it is revoked already', ...at));
  await context.tx.put({
    type: 'Certificate',
    id: certificateId,
    expectedVersion: certificate.version,
    props: { ...certificate.props, isRevoked: 1, revokedAt: context.nowIso },
  });
  const event = await record(context, {
    type: 'reputation.certificate-revoked',
    entityId: certificateId,
    payload: { creatorId: holderId, issuerId },
  });
  return accepted({ certificateId }, [event]);
}
