import { isoFromWarehouse } from '../../../schema/warehouse/tables.ts';
import { caseMoves, disputedEvents } from '../cases.ts';
import type { CaseRow, Verdict } from '../domain/review.ts';
import type { CanonCaseMoveResolvers, CanonContradictionResolvers } from '../generated/resolvers.ts';

/** Null for a case that waits. */
const verdictOf = ({ verdict }: CaseRow): Verdict | null => (verdict === 'OPEN' ? null : (verdict as Verdict));
const creatorOf = (id: string): { readonly id: string } | null => (id === '' ? null : { id });
const instantOf = (text: string | null): string | null => (text === null ? null : isoFromWarehouse(text));

export const CanonContradiction: CanonContradictionResolvers = {
  id: ({ case_id }) => case_id,
  entityType: ({ entity_type }) => entity_type,
  entityId: ({ entity_id }) => entity_id,
  eventIds: ({ event_ids }) => event_ids,
  events: (row, _args, context) => disputedEvents(context, row),
  verdict: verdictOf,
  favours: ({ favours }) => (favours === '' ? null : favours),
  assignee: ({ assignee }) => creatorOf(assignee),
  dueAt: ({ due_at }) => instantOf(due_at),
  version: ({ seq }) => seq,
  openedAt: ({ opened_at }) => isoFromWarehouse(opened_at),
  movedAt: ({ moved_at }) => isoFromWarehouse(moved_at),
  history: ({ case_id }, _args, context) => caseMoves(context, case_id),
};

export const CanonCaseMove: CanonCaseMoveResolvers = {
  verdict: verdictOf,
  assignee: ({ assignee }) => creatorOf(assignee),
  dueAt: ({ due_at }) => instantOf(due_at),
  movedAt: ({ moved_at }) => isoFromWarehouse(moved_at),
};
