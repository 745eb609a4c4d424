import { GraphQLError } from 'graphql';
import type { SubgraphContext } from '../../shared/context.ts';
import { readerOf } from '../canon-reader.ts';
import { registerSubmitter } from '../commands/register-submitter.ts';
import { submitClaim } from '../commands/submit-claim.ts';
import type { MutationResolvers } from '../generated/resolvers.ts';

/** The gateway asks for the scope too; a subgraph does not take its word for it. */
function requireScope(context: SubgraphContext, scope: string): void {
  if (readerOf(context).scopes.includes(scope)) return;
  throw new GraphQLError(`this needs the scope ${scope}`, { extensions: { code: 'FORBIDDEN' } });
}

export const Mutation: MutationResolvers = {
  submitCanonEvent: (_root, { input }, context) => {
    requireScope(context, 'write');
    return submitClaim(context, input);
  },
  registerCanonSubmitter: (_root, { input }, context) => {
    requireScope(context, 'guardian');
    return registerSubmitter(context, input);
  },
};
