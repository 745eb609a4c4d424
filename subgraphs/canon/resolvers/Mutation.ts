import { type MutationAnswer, runCommand } from '../../shared/mutation.ts';
import type { SubgraphContext } from '../../shared/context.ts';
import { type UserError, userError } from '../../shared/errors.ts';
import { type BranchRow, visibleBranch } from '../branches.ts';
import { fullReaderOf, readableEvents, readerOf, requireScope } from '../canon-reader.ts';
import { visibleCase } from '../cases.ts';
import { registerSubmitter } from '../commands/register-submitter.ts';
import { assignReview, decideCase, voteOnCase } from '../commands/review.ts';
import { shareEvent } from '../commands/share-event.ts';
import { submitClaim } from '../commands/submit-claim.ts';
import { type CaseRow, reconciliationOf } from '../domain/review.ts';
import type { MutationResolvers } from '../generated/resolvers.ts';

type About = MutationAnswer<{ readonly caseId: string }>;

/** The case as it stood: it moves when the processor takes the event up. */
function withCase(
  row: CaseRow | null,
  { value, ...rest }: About,
): Omit<About, 'value'> & { readonly contradiction: CaseRow | null } {
  return { ...rest, contradiction: value === null ? null : row };
}

const isGuardian = (context: SubgraphContext): boolean => readerOf(context).scopes.includes('guardian');

export const Mutation: MutationResolvers = {
  submitCanonEvent: (_root, { input }, context) => {
    requireScope(context, 'write');
    return submitClaim(context, input);
  },
  registerCanonSubmitter: (_root, { input }, context) => {
    requireScope(context, 'guardian');
    return registerSubmitter(context, input);
  },
  shareCanonEvent: async (_root, { input }, context) => {
    requireScope(context, 'write');
    const { eventId } = input;
    const [found] = await readableEvents(context, [eventId]);
    const event = found ? { id: eventId, status: found.status, actor: found.event.actor } : null;
    const reader = await fullReaderOf(context);
    const answer = await runCommand(context, { operation: 'shareCanonEvent', input }, (command, asked) =>
      shareEvent(command, { readerId: asked.readerId, isGranted: asked.isGranted ?? true, event, reader }),
    );
    const { value, ...rest } = answer;
    return { ...rest, event: value === null ? null : (found ?? null) };
  },
  assignCanonReview: async (_root, { input }, context) => {
    requireScope(context, 'guardian');
    const row = await visibleCase(context, input.caseId);
    const answer = await runCommand(context, { operation: 'assignCanonReview', input }, (command, asked) =>
      assignReview(command, { ...asked, dueAt: asked.dueAt ?? null, row }),
    );
    return withCase(row, answer);
  },
  decideCanonCase: async (_root, { input }, context) => {
    requireScope(context, 'write');
    const row = await visibleCase(context, input.caseId);
    const answer = await runCommand(context, { operation: 'decideCanonCase', input }, (command, asked) => {
      const { favours, note } = asked;
      const rest = { favours: favours ?? null, note: note ?? null, isGuardian: isGuardian(context), row };
      return decideCase(command, { ...asked, ...rest });
    });
    return withCase(row, answer);
  },
  voteOnCanonCase: async (_root, { input }, context) => {
    requireScope(context, 'elector', 'guardian');
    const row = await visibleCase(context, input.caseId);
    const answer = await runCommand(context, { operation: 'voteOnCanonCase', input }, (command, asked) =>
      voteOnCase(command, { ...asked, favours: asked.favours ?? null, row }),
    );
    return withCase(row, answer);
  },
  reconcileCanonBranch: async (_root, { input }, context) => {
    requireScope(context, 'guardian');
    const branch: BranchRow | null = await visibleBranch(context, input.branchId);
    const row = branch && (await visibleCase(context, branch.case_id));
    if (branch === null || row === null) {
      const message = 'there is no such branch, or none for you';
      return { branch: null, eventIds: [], userErrors: [userError('NOT_FOUND', message, 'input', 'branchId')] };
    }
    const answer = await runCommand(context, { operation: 'reconcileCanonBranch', input }, (command, asked) =>
      decideCase(command, {
        ...reconciliationOf(row, asked.branchId, asked.outcome),
        ...{ ground: asked.ground, note: asked.note ?? null, isGuardian: true },
        ...{ row, expectedVersion: row.seq },
      }),
    );
    // The input names the branch where others name its case, and its outcome where others name a verdict.
    const isAsked = ({ path: [, field = ''] }: UserError): boolean => Object.hasOwn(input, field);
    const userErrors = answer.userErrors.map((error) => ({
      ...error,
      path: isAsked(error) ? error.path : ['input', 'branchId'],
    }));
    return { eventIds: answer.eventIds, userErrors, branch: answer.value === null ? null : branch };
  },
};
