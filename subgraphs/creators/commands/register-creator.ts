import { type CommandContext, type CommandResult, accepted, record } from '../../shared/command.ts';
import { usernameKeyOf } from '../domain/profile-text.ts';
import { type Registration, decideRegistration } from '../domain/registration.ts';
import type { CreatorAnswer } from './own-creator.ts';

export interface RegisterCreatorInput extends Omit<Registration, 'publicMetrics'> {
  readonly creatorId: string;
  /** `<issuer>|<subject>` of the login that will own the creator. */
  readonly identity: string;
  readonly publicMetrics?: Registration['publicMetrics'];
}

/** Makes a creator for a login. A blank display name becomes the username. */
export async function registerCreator(
  context: CommandContext,
  input: RegisterCreatorInput,
): Promise<CommandResult<CreatorAnswer>> {
  const { creatorId, identity, publicMetrics = [], ...profile } = input;
  const { tx } = context;
  const usernameKey = usernameKeyOf(input.username);
  const [sameName] = await tx.findUnique('Creator', 'usernameKey', [usernameKey]);
  const [sameLogin] = await tx.findUnique('Creator', 'identity', [identity]);
  const [sameId] = await tx.get('Creator', [creatorId]);
  const decision = decideRegistration(
    { isRegistered: Boolean(sameLogin ?? sameId), isUsernameTaken: Boolean(sameName) },
    { ...profile, publicMetrics },
  );
  if (!decision.ok) return decision;
  const { username, displayName, bio, creatorType, skills } = decision.value;
  await tx.put({
    type: 'Creator',
    id: creatorId,
    expectedVersion: 0,
    props: {
      ...decision.value,
      usernameKey,
      identity,
      state: 'INITIATE',
      registeredAt: context.nowIso,
      lastActiveAt: context.nowIso,
    },
  });
  const event = await record(context, {
    type: 'creator.registered',
    entityId: creatorId,
    payload: { creatorType, skills: [...skills] },
    personal: { [creatorId]: { username, displayName, bio } },
  });
  return accepted({ creatorId }, [event]);
}
