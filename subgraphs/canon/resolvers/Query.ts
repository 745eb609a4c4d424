import { certificateText } from '../../../schema/merkle/certificate.ts';
import { badInput } from '../../shared/errors.ts';
import { eventPage, readableEvents, readerOf } from '../canon-reader.ts';
import type { CanonEventFilter, QueryResolvers } from '../generated/resolvers.ts';
import type { EventQuery } from '../canon-reader.ts';
import { type TreeHead, proveConsistency, proveLeaf, readTreeHead } from '../proofs.ts';
import { readErasure, readLeaf } from '../queries.ts';
import { eventOfBody } from '../recorded.ts';
import { causalChain } from '../causal-chain.ts';
import { compareStates } from '../domain/entity-state.ts';
import { entityAt } from '../entity-at.ts';
import { verifyChain } from '../verify-chain.ts';

const typesMax = 32;
const causalLimits = { depth: 20, events: 200 } as const;
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

/** Throws BAD_USER_INPUT for what is no size of this tree. */
function sizeWithin(from: bigint, head: TreeHead): number {
  if (from < 0n || from > BigInt(head.size))
    throw badInput(`from must be a size that the tree has had, 0 to ${head.size}`, 'from');
  return Number(from);
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
  entityAt: async (_root, { id, at, knownAt }, context) => {
    readerOf(context);
    return entityAt(context, { entityId: id, at, knownAt: knownAt ?? null });
  },
  entityDiff: async (_root, { id, from, to }, context) => {
    readerOf(context);
    const before = await entityAt(context, { entityId: id, at: from, knownAt: null });
    const after = await entityAt(context, { entityId: id, at: to, knownAt: null });
    return { before, after, changes: compareStates(before?.state ?? {}, after?.state ?? {}) };
  },
  causalChain: async (_root, { eventId, direction, depth }, context) => {
    readerOf(context);
    if (depth < 1 || depth > causalLimits.depth) throw badInput(`depth must be 1 to ${causalLimits.depth}`, 'depth');
    return causalChain(context, eventId, direction, { ...causalLimits, depth });
  },
  canonCheckpoint: async (_root, { partition }, context) => {
    readerOf(context);
    const head = await readTreeHead(context.store, partition);
    return head && { ...head, size: BigInt(head.size), note: head.checkpoint, publicKey: head.verifierKey };
  },
  canonProof: async (_root, { eventId }, context) => {
    readerOf(context);
    const row = await readLeaf(context.warehouse, eventId);
    if (row === undefined || row.leaf_index === null) return null;
    const head = await readTreeHead(context.store, row.log_partition);
    const proof = await proveLeaf(context.store, head, Number(row.leaf_index));
    return {
      eventId,
      eventHash: row.hash,
      leafIndex: BigInt(row.leaf_index),
      treeSize: BigInt(head?.size ?? 0),
      proof,
      publicKey: head?.verifierKey ?? '',
    };
  },
  deletionCertificate: async (_root, { creatorId }, context) => {
    readerOf(context);
    const row = await readErasure(context.warehouse, creatorId);
    const event = row && eventOfBody(row.body);
    if (!row || !event || row.leaf_index === null) return null;
    const head = await readTreeHead(context.store, row.log_partition);
    return certificateText(event, await proveLeaf(context.store, head, Number(row.leaf_index)));
  },
  canonConsistency: async (_root, { from, partition }, context) => {
    readerOf(context);
    const head = await readTreeHead(context.store, partition);
    if (head === null) return null;
    const proved = await proveConsistency(context.store, head, sizeWithin(from, head));
    return { ...proved, from, to: BigInt(head.size), publicKey: head.verifierKey };
  },
};
