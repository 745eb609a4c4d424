import type { PostResolvers } from '../generated/resolvers.ts';
import { spaceOf, visiblePost } from '../visibility.ts';

export const Post: PostResolvers = {
  __resolveReference: ({ id }, context) => visiblePost(context, id),
  space: ({ props }, _args, context) => spaceOf(context, props.spaceId),
  author: ({ props }) => ({ id: props.authorId }),
  body: ({ props }) => props.body,
  inReplyTo: ({ props }, _args, { loaders }) =>
    props.inReplyTo === '' ? null : loaders.node('Post').load(props.inReplyTo),
  postedAt: ({ props }) => props.postedAt,
};
