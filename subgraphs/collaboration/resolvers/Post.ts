import type { PostResolvers } from '../generated/resolvers.ts';
import { spaceOf, viewerCanWatch } from '../visibility.ts';

export const Post: PostResolvers = {
  __resolveReference: async ({ id }, context) => {
    const post = await context.loaders.node('Post').load(id);
    if (post === null) return null;
    return (await viewerCanWatch(context, await spaceOf(context, post.props.spaceId))) ? post : null;
  },
  space: ({ props }, _args, context) => spaceOf(context, props.spaceId),
  author: ({ props }) => ({ id: props.authorId }),
  body: ({ props }) => props.body,
  inReplyTo: ({ props }, _args, { loaders }) =>
    props.inReplyTo === '' ? null : loaders.node('Post').load(props.inReplyTo),
  postedAt: ({ props }) => props.postedAt,
};
