import { badInput } from '../../shared/errors.ts';
import { eventPage, readableEvents, readerOf } from '../canon-reader.ts';
import type { CanonEventFilter, QueryResolvers } from '../generated/resolvers.ts';
import type { EventQuery } from '../canon-reader.ts';
import { verifyChain } from '../verify-chain.ts';

const typesMax = 32;
const textMax = 160;

/** Throws BAD_USER_INPUT naming the field of the filter that is outside its limits. */
function toQuery(filter: CanonEventFilter | null | undefined): Omit<EventQuery, 'orderBy'> {
  const { entityId, actor, types, from, to } = filter ?? {};
  for (const [field, text] of Object.entries({ entityId, actor })) {
    if (text != null && (text.length < 1 || text.length > textMax))
      throw badInput(`filter.${field} must have 1 to ${textMax} characters`, 'filter');
  }
  if (types && (types.length < 1 || types.length > typesMax))
    throw badInput(`filter.types must name 1 to ${typesMax} types, not ${types.length}`, 'filter');
  if (from != null && to != null && from >= to) throw badInput('filter.from must be before filter.to', 'filter');
  return {
    entityId: entityId ?? undefined,
    conditions: { actor: actor ?? undefined, types: types ?? undefined, from: from ?? undefined, to: to ?? undefined },
  };
}

export const Query: QueryResolvers = {
  canonEvent: async (_root, { id }, context) => {
    readerOf(context);
    return (await readableEvents(context, [id]))[0] ?? null;
  },
  canonEvents: async (_root, { filter, orderBy, first, after }, context) =>
    eventPage(context, { ...toQuery(filter), orderBy }, { first, after }),
  canonChain: (_root, { entityId }, context) => {
    readerOf(context);
    return verifyChain(context.warehouse, context.store, entityId);
  },
};
