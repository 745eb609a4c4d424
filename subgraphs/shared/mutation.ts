import { v7 as uuidv7 } from 'uuid';
import { UniqueConflictError, VersionConflictError } from '../../engines/graph-store/port.ts';
import { canonicalJson, sha256Hex } from '../../schema/events/envelope.ts';
import { hlcToIso } from '../../schema/hlc.ts';
import type { CommandContext, CommandResult } from './command.ts';
import type { SubgraphContext } from './context.ts';
import { type UserError, unauthenticated, unregistered, userError } from './errors.ts';

/** What every mutation's payload has; `value` is what the command answered, null when it was refused. */
export interface MutationAnswer<T> {
  readonly value: T | null;
  readonly eventIds: readonly string[];
  readonly userErrors: readonly UserError[];
}

const keyMax = 128;

/** Carries a refusal out of the transaction, so that nothing of it is kept. */
class Refusal extends Error {
  readonly errors: readonly UserError[];
  constructor(errors: readonly UserError[]) {
    super('refused');
    this.errors = errors;
  }
}

/**
 * Runs a command for the viewer in one transaction. With an idempotency key the first accepted answer is kept and given again for the same
 * input; another input under the same key is refused. Values must be plain JSON (ids, not nodes). Throws UNAUTHENTICATED or UNREGISTERED.
 */
export async function runCommand<I extends object, T>(
  context: SubgraphContext,
  mutation: { readonly operation: string; readonly input: I & { readonly idempotencyKey?: string | null | undefined }; readonly asNewcomer?: boolean },
  command: (commandContext: CommandContext, input: I) => Promise<CommandResult<T>>,
): Promise<MutationAnswer<T>> {
  const { viewer, store, clock } = context;
  if (viewer.claims === null) throw unauthenticated();
  if (viewer.creatorId === null && mutation.asNewcomer !== true) throw unregistered();
  const actorId = viewer.creatorId ?? uuidv7();
  const { idempotencyKey, ...rest } = mutation.input;
  const once = idempotencyKey == null ? null : { id: `once|${viewer.claims.issuer}|${viewer.claims.subject}|${idempotencyKey}`, inputHash: sha256Hex(canonicalJson({ operation: mutation.operation, input: rest })) };
  if (idempotencyKey != null && (idempotencyKey.length < 1 || idempotencyKey.length > keyMax)) {
    return failed([userError('INVALID', `idempotencyKey must have 1 to ${keyMax} characters`, 'input', 'idempotencyKey')]);
  }
  try {
    return await store.transact(async (tx) => {
      const [first] = once === null ? [] : await tx.get('IdempotentAnswer', [once.id]);
      if (first && first.props.inputHash !== once?.inputHash) {
        throw new Refusal([userError('IDEMPOTENCY_KEY_REUSED', `this idempotencyKey was used before for ${first.props.operation} with another input: take a new key`, 'input', 'idempotencyKey')]);
      }
      if (first) return JSON.parse(first.props.answer) as MutationAnswer<T>;
      const nowIso = hlcToIso(clock.now());
      const result = await command(
        { tx, actor: { id: actorId, source: 'CREATOR' }, masterKey: context.masterKey, region: context.region, hlc: () => clock.now(), nowIso, newId: () => uuidv7() },
        rest as unknown as I,
      );
      if (!result.ok) throw new Refusal(result.errors);
      const answer: MutationAnswer<T> = { value: result.value, eventIds: result.eventIds, userErrors: [] };
      if (once) await tx.put({ type: 'IdempotentAnswer', id: once.id, expectedVersion: 0, props: { operation: mutation.operation, inputHash: once.inputHash, answer: JSON.stringify(answer), answeredAt: nowIso } });
      return answer;
    });
  } catch (error) {
    if (error instanceof Refusal) return failed(error.errors);
    if (error instanceof VersionConflictError) return failed([userError('CONFLICT', error.message, 'input', 'expectedVersion')]);
    if (error instanceof UniqueConflictError) return failed([userError('TAKEN', error.message, 'input', error.property)]);
    throw error;
  } finally {
    context.loaders.clear();
  }
}

function failed(userErrors: readonly UserError[]): { value: null; eventIds: readonly string[]; userErrors: readonly UserError[] } {
  return { value: null, eventIds: [], userErrors };
}
