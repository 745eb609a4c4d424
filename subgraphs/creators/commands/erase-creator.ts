import { TOKEN_AGE_S_MAX } from '../../../runtime/issuer.ts';
import { revocationKeyOf, revocationRecord, subjectIdOf } from '../../../schema/revocations.ts';
import { type CommandContext, type CommandResult, accepted, record } from '../../shared/command.ts';
import { destroyKey, erasedIdentity } from '../../shared/sealing.ts';
import { decideErasure, erasedProfile, erasedUsername } from '../domain/erasure.ts';
import { usernameKeyOf } from '../domain/profile-text.ts';
import { eraseWords } from './erase-words.ts';
import { leaveSpaces } from './leave-spaces.ts';
import { readOwn } from './own-creator.ts';

export interface EraseCreatorInput {
  readonly expectedVersion: number;
  readonly confirmUsername: string;
}

const partitionsMax = 1_024;

/** Destroys the actor's key, takes their words out of the store, revokes their tokens and records it, all in one transaction. */
export async function eraseCreator(
  context: CommandContext,
  input: EraseCreatorInput,
): Promise<CommandResult<{ readonly creatorId: string; readonly keyId: string | null }>> {
  const { tx, nowIso } = context;
  // Leaving for another platform must not take away the right to be forgotten here.
  const own = await readOwn(context, input.expectedVersion, { mayHaveLeft: true });
  if (!own.ok) return own;
  const decision = decideErasure(own.value.props, input.confirmUsername);
  if (!decision.ok) return decision;
  const { id, version, props } = own.value;
  const left = await leaveSpaces(context);
  const heads = await tx.find({ type: 'CanonTree', orderBy: 'partition', order: 'asc', limit: partitionsMax });
  const destroyed = await destroyKey(tx, id);
  const keyId = destroyed?.keyId ?? null;
  await tx.put({
    type: 'Creator',
    id,
    expectedVersion: version,
    props: erasedProfile(props, { username: await freeUsername(context, id), identity: erasedIdentity(id) }),
  });
  await eraseWords(tx, id);
  // Whoever has one of their tokens is somebody else from now on.
  const subjectId = subjectIdOf(revocationKeyOf(context.masterKey), props.identity);
  const issuedUntilMs = Date.parse(nowIso);
  const untilMs = issuedUntilMs + TOKEN_AGE_S_MAX * 1_000;
  await tx.append([revocationRecord({ kind: 'SUBJECT', subjectId, issuedUntilMs, untilMs })]);
  const treeHeads = heads.items.map(({ props: { partition, size, root } }) => ({ partition, size, root }));
  const event = await record(context, {
    type: 'creator.erased',
    entityId: id,
    payload: { keyId, erasedAt: nowIso, treeHeads },
  });
  return accepted({ creatorId: id, keyId }, [...left, event]);
}

/** That of the id; another where somebody has taken it, as was possible once: nobody can keep anybody from being erased. */
async function freeUsername(context: CommandContext, creatorId: string): Promise<string> {
  const username = erasedUsername(creatorId);
  const [holder] = await context.tx.findUnique('Creator', 'usernameKey', [usernameKeyOf(username)]);
  return holder && holder.id !== creatorId ? erasedUsername(context.newId()) : username;
}
