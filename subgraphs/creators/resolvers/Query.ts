import type { FindNodes } from '../../../engines/graph-store/port.ts';
import { canonicalSkill } from '../../../schema/graph/skill.ts';
import { pageLimits, pageRequest, toConnection } from '../../shared/connection.ts';
import { badInput } from '../../shared/errors.ts';
import { isErasedCreator } from '../../shared/sealing.ts';
import { visiblePage } from '../../shared/visible-page.ts';
import { usernameKeyOf } from '../domain/profile-text.ts';
import type { CreatorOrder, QueryResolvers } from '../generated/resolvers.ts';
import { type Elsewhere, locate } from './Node.ts';

const orders: Readonly<Record<CreatorOrder, Pick<FindNodes<'Creator'>, 'orderBy' | 'order'>>> = {
  NEWEST: { orderBy: 'registeredAt', order: 'desc' },
  OLDEST: { orderBy: 'registeredAt', order: 'asc' },
  USERNAME: { orderBy: 'usernameKey', order: 'asc' },
};

export const queryOver = (elsewhere: Elsewhere): QueryResolvers => ({
  me: (_root, _args, { viewer, loaders }) =>
    viewer.creatorId === null ? null : loaders.node('Creator').load(viewer.creatorId),

  creator: (_root, { id, username }, { loaders }) => {
    if (id != null && username == null) return loaders.node('Creator').load(id);
    if (username != null && id == null) return loaders.unique('Creator', 'usernameKey').load(usernameKeyOf(username));
    throw badInput('creator needs exactly one of id and username', id == null ? 'id' : 'username');
  },

  creators: async (_root, { first, after, type, skill, orderBy }, { store }) => {
    const canonical = skill == null ? null : canonicalSkill(skill);
    if (skill != null && canonical === null) throw badInput('skill must have 1 to 64 characters', 'skill');
    const where = { ...(type != null && { creatorType: type }), ...(canonical !== null && { skills: canonical }) };
    const list = `creators|${orderBy}|${type ?? ''}|${canonical ?? ''}`;
    const request = pageRequest(list, { first, after });
    const page = await visiblePage(
      request,
      (next) => store.find({ type: 'Creator', where, ...orders[orderBy], ...next }),
      // Of those who were erased, their works and deeds tell; they themselves are nobody to be found.
      (found) => Promise.resolve(found.map((creator) => (isErasedCreator(creator) ? null : creator))),
    );
    return { ...toConnection(list, request, page, (creator) => creator), where };
  },

  node: (_root, { id }, context) => locate(context, elsewhere, id),

  nodes: async (_root, { ids }, context) => {
    if (ids.length > pageLimits.max) throw badInput(`ids must be at most ${pageLimits.max}, not ${ids.length}`, 'ids');
    return Promise.all(ids.map((id) => locate(context, elsewhere, id)));
  },
});
