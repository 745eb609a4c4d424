import { createHmac } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { type GraphTransaction, UniqueConflictError, VersionConflictError } from '../../engines/graph-store/port.ts';
import { canonicalJson } from '../../schema/events/envelope.ts';
import type { Claims } from '../../runtime/identity.ts';
import { hlcToIso } from '../../schema/hlc.ts';
import { findIllFormed, illFormed, textProblem } from '../../schema/text-limits.ts';
import type { CommandContext, CommandResult } from './command.ts';
import { type SubgraphContext, type Viewer, identityOf } from './context.ts';
import { type UserError, unauthenticated, unregistered, userError } from './errors.ts';
import { ErasedSubjectError } from './sealing.ts';

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

interface Mutation<I> {
  readonly operation: string;
  readonly input: I & { readonly idempotencyKey?: string | null | undefined };
  /** For the one mutation of logins that have no creator yet. */
  readonly asNewcomer?: boolean;
  /** For what only those do who take part: whoever has withdrawn or left is refused. What ends something, or concerns oneself alone, goes on. */
  readonly takesPart?: boolean;
}

type Command<I, T> = (commandContext: CommandContext, input: I) => Promise<CommandResult<T>>;

/**
 * Runs a command for the viewer in one transaction. With an idempotency key the first accepted answer is kept and given again for the same
 * input; another input under the same key is refused. Values must be plain JSON (ids, not nodes). Throws UNAUTHENTICATED or UNREGISTERED.
 */
export async function runCommand<I extends object, T>(
  context: SubgraphContext,
  mutation: Mutation<I>,
  command: Command<I, T>,
): Promise<MutationAnswer<T>> {
  const { claims } = context.viewer;
  if (claims === null) throw unauthenticated();
  const creatorId = context.viewer.creatorId ?? (await registeredSince(context, claims));
  if (creatorId === null && mutation.asNewcomer !== true) throw unregistered();
  const actorId = creatorId ?? uuidv7();
  const { idempotencyKey, ...input } = mutation.input;
  const problems = textProblems(mutation.input);
  if (problems.length > 0) return failed(problems);
  const run = (tx: GraphTransaction): Promise<MutationAnswer<T>> =>
    answer(context, { tx, actorId, input: input as unknown as I }, command);
  const away = mutation.takesPart === true ? awayProblem(context.viewer) : null;
  const runUnlessAway = away === null ? run : () => Promise.reject(new Refusal([away]));
  const { operation } = mutation;
  // Keyed: from a plain hash, a dictionary could tell what somebody wrote after it is erased.
  const keyed = (text: string): string => createHmac('sha256', context.masterKey).update(text).digest('hex');
  const inputHash = keyed(canonicalJson({ operation, input }));
  try {
    if (idempotencyKey == null) return await context.store.transact(runUnlessAway);
    const id = `once|${keyed(canonicalJson([claims.issuer, claims.subject, idempotencyKey]))}`;
    return await context.store.transact((tx) =>
      answerOnce(context, { tx, id, operation, inputHash }, () => runUnlessAway(tx)),
    );
  } catch (error) {
    if (error instanceof Refusal) return failed(error.errors);
    if (error instanceof VersionConflictError) {
      return failed([userError('CONFLICT', error.message, 'input', 'expectedVersion')]);
    }
    if (error instanceof UniqueConflictError) {
      return failed([takenBefore(error, input)]);
    }
    // Erased by another request, in between: nobody acts for that creator any more.
    if (error instanceof ErasedSubjectError && error.subject === actorId) throw unregistered();
    if (error instanceof ErasedSubjectError) return failed([userError('NOT_FOUND', error.message, 'input')]);
    throw error;
  } finally {
    context.loaders.clear();
  }
}

/** The creator of a login that had none when the request came: another mutation of the same document may have registered it. */
async function registeredSince({ store }: SubgraphContext, claims: Claims): Promise<string | null> {
  const [creator] = await store.findUnique('Creator', 'identity', [identityOf(claims)]);
  return creator?.id ?? null;
}

/** Why somebody takes part in nothing new; null where they may. */
function awayProblem({ state }: Viewer): UserError | null {
  if (state === 'ARCHIVED')
    return userError('FORBIDDEN', 'you have withdrawn: become ACTIVE again first (changeCreatorState)', 'input');
  return state === 'MIGRATED'
    ? userError('FORBIDDEN', 'you have left for good: nothing new is done here', 'input')
    : null;
}

/** Somebody else was first, by an instant. What the store calls `usernameKey` is `username` to whoever sends it; an identity is not in the input at all. */
function takenBefore({ property }: UniqueConflictError, input: object): UserError {
  const field = property.replace(/Key$/, '');
  if (Object.hasOwn(input, field)) return userError('TAKEN', `this ${field} is taken: choose another`, 'input', field);
  return userError('TAKEN', 'another request was first: read again what there is', 'input');
}

/** What no command can take: texts without canonical bytes, and keys that cannot be stored. */
function textProblems(input: object): readonly UserError[] {
  const broken = findIllFormed(input, ['input']);
  if (broken) return [userError('INVALID', `${broken.slice(1).join('.')} ${illFormed}`, ...broken)];
  const key = (input as { readonly idempotencyKey?: string | null }).idempotencyKey;
  const problem = key == null ? null : textProblem(key, { min: 1, max: keyMax });
  return problem === null ? [] : [userError('INVALID', `idempotencyKey ${problem}`, 'input', 'idempotencyKey')];
}

async function answer<I, T>(
  { clock, masterKey, region }: SubgraphContext,
  { tx, actorId, input }: { tx: GraphTransaction; actorId: string; input: I },
  command: Command<I, T>,
): Promise<MutationAnswer<T>> {
  const actor = { id: actorId, source: 'CREATOR' } as const;
  const nowIso = hlcToIso(clock.now());
  const commandContext: CommandContext = {
    ...{ tx, actor, actsNow: true, masterKey, region, nowIso },
    hlc: (stored) => clock.nowAfter(stored),
    newId: () => uuidv7(),
  };
  const result = await command(commandContext, input);
  if (!result.ok) throw new Refusal(result.errors);
  return { value: result.value, eventIds: result.eventIds, userErrors: [] };
}

/** The answer that was kept under this id, or a new one, which is kept with what it changed. */
async function answerOnce<T>(
  { clock }: SubgraphContext,
  { tx, id, operation, inputHash }: { tx: GraphTransaction; id: string; operation: string; inputHash: string },
  run: () => Promise<MutationAnswer<T>>,
): Promise<MutationAnswer<T>> {
  const [first] = await tx.get('IdempotentAnswer', [id]);
  if (first && first.props.inputHash !== inputHash) {
    const before = `this idempotencyKey was used before for ${first.props.operation} with another input: take a new key`;
    throw new Refusal([userError('IDEMPOTENCY_KEY_REUSED', before, 'input', 'idempotencyKey')]);
  }
  if (first) return JSON.parse(first.props.answer) as MutationAnswer<T>;
  const given = await run();
  const props = { operation, inputHash, answer: JSON.stringify(given), answeredAt: hlcToIso(clock.now()) };
  await tx.put({ type: 'IdempotentAnswer', id, expectedVersion: 0, props });
  return given;
}

function failed(userErrors: readonly UserError[]): MutationAnswer<never> {
  return { value: null, eventIds: [], userErrors };
}
