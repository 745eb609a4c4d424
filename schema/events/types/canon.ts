import { z } from 'zod';

const caseId = z.string().min(1).max(160);
/** The log key of the events in dispute: whatever is said about a case goes to the partition whose processor decides it. */
const logKey = z.string().min(1).max(160);
const byLogKey = (event: { readonly payload: { readonly logKey: string } }): string => event.payload.logKey;
const byEntity = (event: { readonly entity: { readonly id: string } }): string => event.entity.id;
/** The event that is to win, where several contend for one place; null elsewhere. */
const favours = z.string().max(128).nullable();

/** Why a reviewer decided as they did. What they write beside it is sealed. */
const reviewGrounds = ['EVIDENCE', 'RIGHTS', 'RULES', 'MISTAKE', 'SAFETY', 'LAW', 'OTHER'] as const;
export const reviewVerdicts = ['ACCEPT', 'REJECT', 'FORK', 'MERGE'] as const;

/** The entity is the case: its events are a chain like any other's. Sealed beside a decision, under the reviewer's key: note. */
export const canonEvents = {
  'canon.review-assigned': {
    version: 1,
    entity: 'CanonCase',
    payload: z.strictObject({ caseId, logKey, assigneeId: z.string().max(128), dueAt: z.iso.datetime() }),
    key: byLogKey,
  },
  'canon.review-decided': {
    version: 1,
    entity: 'CanonCase',
    payload: z.strictObject({
      caseId,
      logKey,
      verdict: z.enum(reviewVerdicts),
      favours,
      ground: z.enum(reviewGrounds),
    }),
    key: byLogKey,
  },
  'canon.vote-cast': {
    version: 1,
    entity: 'CanonCase',
    payload: z.strictObject({ caseId, logKey, verdict: z.enum(['ACCEPT', 'REJECT']), favours }),
    key: byLogKey,
  },
  /** Somebody may, or may no longer, read an event while it is not canonical. The entity is the event. */
  'canon.access-granted': {
    version: 1,
    entity: 'CanonAccess',
    payload: z.strictObject({ eventId: z.string().max(128), readerId: z.string().max(128) }),
    key: byEntity,
  },
  'canon.access-revoked': {
    version: 1,
    entity: 'CanonAccess',
    payload: z.strictObject({ eventId: z.string().max(128), readerId: z.string().max(128) }),
    key: byEntity,
  },
  /** The platform saw the same behaviour of many creators for long enough. Who they are is not told. The entity is the pattern. */
  'canon.pattern-observed': {
    version: 1,
    entity: 'Pattern',
    payload: z.strictObject({
      behaviour: z.string().max(64),
      subject: z.string().max(64),
      creatorsMin: z.int().min(1),
      daysMin: z.int().min(1),
    }),
    key: byEntity,
  },
} as const;
