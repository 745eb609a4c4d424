import { certificateText } from '../../../schema/merkle/certificate.ts';
import { badInput } from '../../shared/errors.ts';
import { eventPage, readableEvents, readerOf, requireScope } from '../canon-reader.ts';
import { branchComparison, branchPage, entityOnBranch, visibleBranch } from '../branches.ts';
import { type CaseFilter, casePage, visibleCase } from '../cases.ts';
import type { CanonContradictionFilter, CanonEventFilter, QueryResolvers } from '../generated/resolvers.ts';
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

/** Throws BAD_USER_INPUT naming the field of the filter that is outside its limits. */
function toCaseFilter(filter: CanonContradictionFilter | null | undefined): CaseFilter {
  const { states, kinds, ...texts } = filter ?? {};
  for (const [field, list] of Object.entries({ states, kinds }))
    if (list?.length === 0) throw badInput(`filter.${field} must name one at least`, 'filter');
  for (const [field, text] of Object.entries(texts)) {
    if (text != null && (text.length < 1 || text.length > textMax))
      throw badInput(`filter.${field} must have 1 to ${textMax} characters`, 'filter');
  }
  const { entityId, party, assigneeId } = texts;
  return {
    states: states ?? undefined,
    kinds: kinds ?? undefined,
    entityId: entityId ?? undefined,
    party: party ?? undefined,
    assigneeId: assigneeId ?? undefined,
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
  canonChain: (_root, { entityId, asClaimed }, context) => {
    readerOf(context);
    return verifyChain(context, { entityId, isClaim: asClaimed });
  },
  canonContradictions: (_root, { filter, first, after }, context) =>
    casePage(context, { filter: toCaseFilter(filter), order: 'newest' }, { first, after }),
  canonContradiction: (_root, { id }, context) => {
    readerOf(context);
    return visibleCase(context, id);
  },
  canonReviewQueue: (_root, { isUnassigned, first, after }, context) => {
    requireScope(context, 'guardian');
    return casePage(context, { filter: { states: ['OPEN'], isUnassigned }, order: 'queue' }, { first, after });
  },
  canonBranches: (_root, { entityId, isOpen, first, after }, context) =>
    branchPage(context, { entityId: entityId ?? null, isOpen }, { first, after }),
  canonBranch: (_root, { id }, context) => {
    readerOf(context);
    return visibleBranch(context, id);
  },
  canonBranchComparison: (_root, { id, with: other, at }, context) => {
    readerOf(context);
    return branchComparison(context, { branchId: id, withId: other ?? null, at: at ?? null });
  },
  entityAt: async (_root, { id, at, knownAt, branch, asClaimed }, context) => {
    readerOf(context);
    if (branch != null) {
      if (knownAt != null) throw badInput('knownAt and branch do not go together', 'knownAt');
      return entityOnBranch(context, { entityId: id, branchId: branch, at });
    }
    return entityAt(context, { entityId: id, at, knownAt: knownAt ?? null, isClaim: asClaimed });
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
