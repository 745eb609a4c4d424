import type { KnownEvent } from '../../schema/events/catalogue.ts';
import { type Step, done } from '../shared/step.ts';
import { type CaseRow, assigned } from './domain/cases.ts';
import { contestedEntity } from './domain/resolution/case.ts';
import { type Docket, disputedRows, docketVoicesMax, dockets } from './docket.ts';
import { type CanonContext, type CanonOutputs, reconsider } from './reconsider.ts';
import type { CanonMessage } from './steps.ts';

/**
 * What reviewers and electors said takes effect. Whatever comes too late, names no case, or comes from a party of the case is on record as an event and
 * changes nothing.
 */
export const hearVoice: Step<CanonMessage, void, CanonOutputs> = ({ event }, context) => {
  if (!event.type.startsWith('canon.') || !('caseId' in event.payload)) return done;
  const found = caseOf(event.payload.caseId, context);
  if (!found || found.row.state === 'RESOLVED' || found.row.parties.includes(event.actor)) return done;
  const docket = withVoice(event, found, context);
  if (!docket) return done;
  context.state.put(dockets, found.entity, docket);
  reconsider(context, [found.entity]);
  return done;
};

interface Found {
  readonly entity: string;
  readonly docket: Docket;
  readonly row: CaseRow;
}

function caseOf(caseId: string, context: CanonContext): Found | null {
  const { state } = context;
  const entity = contestedEntity(caseId) ?? entityOfEvent(caseId.slice(caseId.indexOf(':') + 1), context);
  if (entity === null) return null;
  const docket = state.get(dockets, entity);
  const row = docket?.cases[caseId];
  return docket && row ? { entity, docket, row } : null;
}

function entityOfEvent(eventId: string, { state }: CanonContext): string | null {
  const disputed = state.get(disputedRows, eventId);
  return disputed ? `${disputed.entity_type}|${disputed.entity_id}` : null;
}

/** The docket with what an event says; null where it has no effect. */
function withVoice(event: KnownEvent, { docket, row }: Found, { record, emit }: CanonContext): Docket | null {
  const { id, hlc, actor } = event;
  const isHeard = docket.rulings.length + docket.votes.length < docketVoicesMax;
  if (event.type === 'canon.review-assigned') {
    const { assigneeId, dueAt } = event.payload;
    if (row.state !== 'OPEN' || row.parties.includes(assigneeId)) return null;
    const to = { assignee: assigneeId, by: actor, dueMs: Date.parse(dueAt) };
    const moved = assigned(row, to, record.appendedAtMs);
    emit('canonCases', { key: row.entity_id, id: `${row.case_id}:${moved.seq}`, value: moved });
    return { ...docket, cases: { ...docket.cases, [row.case_id]: moved } };
  }
  if (event.type === 'canon.review-decided') {
    const { caseId, verdict, favours, ground } = event.payload;
    const ruling = {
      id,
      hlc,
      caseId,
      verdict,
      favours,
      decider: actor,
      reason: `decided by review on grounds of ${ground}`,
    };
    return { ...docket, rulings: [...docket.rulings, ruling] };
  }
  if (event.type === 'canon.vote-cast' && isHeard) {
    const { caseId, verdict, favours } = event.payload;
    // An elector's first vote counts: more of them must not fill the docket.
    if (docket.votes.some((vote) => vote.caseId === caseId && vote.voter === actor)) return null;
    return { ...docket, votes: [...docket.votes, { id, hlc, caseId, verdict, favours, voter: actor }] };
  }
  return null;
}
