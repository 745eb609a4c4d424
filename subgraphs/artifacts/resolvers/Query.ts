import { textLimits, textProblem } from '../../../schema/text-limits.ts';
import { badInput } from '../../shared/errors.ts';
import { findConnection } from '../../shared/find-connection.ts';
import { normalTags } from '../domain/content.ts';
import type { QueryResolvers } from '../generated/resolvers.ts';
import { visibleArtifact } from '../visibility.ts';

export const Query: QueryResolvers = {
  artifact: (_root, { id }, context) => visibleArtifact(context, id),

  artifacts: async (_root, { first, after, kind, tag }, { store }) => {
    const [tags] = tag == null ? [] : normalTags([tag]);
    const problem = tags === undefined ? null : textProblem(tags, textLimits.tag);
    if (problem !== null) throw badInput(`tag ${problem}`, 'tag');
    const where = { visibility: 'PUBLIC', ...(kind != null && { kind }), ...(tags !== undefined && { tags }) };
    const list = `artifacts|${kind ?? ''}|${tags ?? ''}`;
    const query = { type: 'Artifact', where, orderBy: 'publishedAt', order: 'desc' } as const;
    return findConnection(store, { list, ...query }, { first, after });
  },
};
