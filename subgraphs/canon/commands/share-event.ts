import { type CommandContext, type CommandResult, accepted, record, refused } from '../../shared/command.ts';
import { userError } from '../../shared/errors.ts';
import { type Guarded, type Reader, mayRead, mayShare } from '../domain/access.ts';
import { accessNodeId } from '../grants.ts';

/** An event that is to be shared; null where there is none. */
interface Share {
  readonly event: Guarded | null;
  readonly reader: Reader;
  readonly readerId: string;
  readonly isGranted: boolean;
}

/** Lets a creator read an event that is not canonical, or no longer. Done already, it changes nothing. */
export async function shareEvent(
  context: CommandContext,
  { event, reader, readerId, isGranted }: Share,
): Promise<CommandResult<{ eventId: string }>> {
  const { tx, nowIso } = context;
  if (event === null || !(mayRead(event, reader) || mayShare(event, reader)))
    return refused(userError('NOT_FOUND', 'there is no such event, or none for you', 'input', 'eventId'));
  if (!mayShare(event, reader)) {
    const why =
      event.status === 'CANONICAL' ? 'everybody may read it already' : 'only its actor and guardians share it';
    return refused(userError(event.status === 'CANONICAL' ? 'ALREADY_DONE' : 'FORBIDDEN', why, 'input', 'eventId'));
  }
  const [creator] = await tx.get('Creator', [readerId]);
  if (!creator) return refused(userError('NOT_FOUND', 'there is no creator of this id', 'input', 'readerId'));
  const id = accessNodeId(event.id, readerId);
  const [known] = await tx.get('CanonAccess', [id]);
  if ((known != null) === isGranted) return accepted({ eventId: event.id }, []);
  if (isGranted) await tx.put({ type: 'CanonAccess', id, props: { eventId: event.id, readerId, grantedAt: nowIso } });
  else await tx.remove('CanonAccess', id);
  const recorded = await record(context, {
    type: isGranted ? 'canon.access-granted' : 'canon.access-revoked',
    entityId: event.id,
    payload: { eventId: event.id, readerId },
  });
  return accepted({ eventId: event.id }, [recorded]);
}
