import { v7 as uuidv7 } from 'uuid';
import { type SubmitterRole, plainRole } from '../../../schema/events/types/claim.ts';
import { type HlcTimestamp, hlcToIso } from '../../../schema/hlc.ts';
import { record } from '../../shared/command.ts';
import { badInput } from '../../shared/errors.ts';
import type { SubgraphContext } from '../../shared/context.ts';
import { isPublicKey } from '../domain/submission.ts';
import { submitterNodeId } from './submit-claim.ts';

const namePattern = /^(platform|imvu):[a-z0-9][a-z0-9.-]{0,63}$/;

interface Submitter {
  readonly submitter: string;
  readonly source: 'EXTERNAL' | 'IMVU';
  readonly role: SubmitterRole;
  readonly publicKey: string;
}

/** Makes a platform or an agent known by its key, in a role; new ones replace the old ones. It is on record who did. Throws BAD_USER_INPUT naming the argument. */
export async function registerSubmitter(
  { store, clock, masterKey, region, viewer }: SubgraphContext,
  asked: { readonly submitter: string; readonly publicKey: string; readonly role?: SubmitterRole | null | undefined },
): Promise<Submitter> {
  const { submitter, publicKey } = asked;
  if (!namePattern.test(submitter)) throw badInput('submitter must be platform:<name> or imvu:<name>', 'input');
  if (!isPublicKey(publicKey)) throw badInput('publicKey must be the 32 bytes of an Ed25519 key, base64', 'input');
  const source = submitter.startsWith('imvu:') ? 'IMVU' : 'EXTERNAL';
  const role = asked.role ?? plainRole(source);
  if (role.endsWith('_IMVU') !== (source === 'IMVU'))
    throw badInput(
      `role must be ${source === 'IMVU' ? 'CREATIVE_IMVU or GUARDIAN_IMVU' : 'PLATFORM or OPERATOR'} for ${submitter}`,
      'input',
    );
  const props = { submitter, source, role, publicKey } as const;
  await store.transact(async (tx) => {
    const [before] = await tx.get('CanonSubmitter', [submitterNodeId(submitter)]);
    if (before?.props.publicKey === publicKey && before.props.role === role) return;
    await tx.put({ type: 'CanonSubmitter', id: submitterNodeId(submitter), props });
    const now = clock.now();
    const recorder = { id: 'system:canon', source: 'SYSTEM' } as const;
    const context = {
      tx,
      actor: recorder,
      masterKey,
      region,
      hlc: (stored?: HlcTimestamp) => clock.nowAfter(stored),
      nowIso: hlcToIso(now),
      newId: () => uuidv7(),
    };
    const payload = { submitter, role, publicKey, registeredBy: viewer.creatorId };
    await record(context, { type: 'canon.submitter-registered', entityId: submitter, payload });
  });
  return props;
}
