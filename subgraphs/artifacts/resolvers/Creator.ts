import { pageRequest, toConnection } from '../../shared/connection.ts';
import { visiblePage } from '../../shared/visible-page.ts';
import type { CreatorResolvers } from '../generated/resolvers.ts';
import { visibleArtifacts } from '../visibility.ts';

export const Creator: CreatorResolvers = {
  __resolveReference: ({ id }) => ({ id }),
  artifacts: async ({ id }, args, context) => {
    const list = `artifacts of ${id}`;
    const request = pageRequest(list, args);
    const page = await visiblePage(
      request,
      (next) =>
        context.loaders
          .neighbours({ edge: 'CREATED', direction: 'out', orderBy: 'since', order: 'desc', ...next })
          .load(id),
      (items) =>
        visibleArtifacts(
          context,
          items.map((item) => item.id),
        ),
    );
    return toConnection(list, request, page, (artifact) => artifact);
  },
};
