import type { CommandContext, CommandResult } from '../../shared/command.ts';
import { accepted, record } from '../../shared/command.ts';
import { type ProfileCommand, type ProfileField, decideProfileUpdate } from '../domain/profile.ts';
import { usernameKeyOf } from '../domain/profile-text.ts';
import { type CreatorAnswer, readOwn, writeOwn } from './own-creator.ts';

const personalFields: readonly ProfileField[] = ['username', 'displayName', 'bio'];

/** Changes the actor's own profile. */
export async function updateProfile(
  context: CommandContext,
  input: ProfileCommand & { readonly expectedVersion: number },
): Promise<CommandResult<CreatorAnswer>> {
  const own = await readOwn(context, input.expectedVersion);
  if (!own.ok) return own;
  const creator = own.value;
  const [sameName] =
    input.username === undefined
      ? []
      : await context.tx.findUnique('Creator', 'usernameKey', [usernameKeyOf(input.username)]);
  const decision = decideProfileUpdate(
    { creator: creator.props, isUsernameTaken: Boolean(sameName) && sameName?.id !== creator.id },
    input,
  );
  if (!decision.ok) return decision;
  const change = decision.value;
  const usernameKey = change.username === undefined ? creator.props.usernameKey : usernameKeyOf(change.username);
  await writeOwn(context, creator, { ...change, usernameKey });
  const event = await record(context, {
    type: 'creator.profile-updated',
    entityId: creator.id,
    payload: { creatorType: change.creatorType ?? creator.props.creatorType, changed: Object.keys(change) },
    personal: personalOf(creator.id, change),
  });
  return accepted({ creatorId: creator.id }, [event]);
}

function personalOf(
  creatorId: string,
  change: Readonly<Record<string, unknown>>,
): Record<string, Record<string, unknown>> {
  const fields = Object.entries(change).filter(([field]) => (personalFields as readonly string[]).includes(field));
  return fields.length === 0 ? {} : { [creatorId]: Object.fromEntries(fields) };
}
