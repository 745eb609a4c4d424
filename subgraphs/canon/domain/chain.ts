import { type CanonEvent, GENESIS_HASH, hashEvent } from '../../../schema/events/envelope.ts';

/** What has been seen of a chain so far. */
export interface ChainState {
  readonly events: number;
  readonly headHash: string | null;
  /** Id of the first event that does not follow from the one before it, or is not what its hash says. */
  readonly firstBroken: string | null;
}

export const emptyChain: ChainState = { events: 0, headHash: null, firstBroken: null };

/** One stored event with what the table says of it; `event` null where the stored text is no event. */
export interface ChainLink {
  readonly eventId: string;
  readonly hash: string;
  readonly event: CanonEvent | null;
}

/** Whether the stored text is the event that the table says it is, and hashes to what both say. */
export function linkVerifies({ eventId, hash, event }: ChainLink): boolean {
  return event !== null && event.id === eventId && event.hash === hash && hashEvent(event) === hash;
}

/** Goes one event further. Events must come in the order of their entity version. */
export function extendChain(state: ChainState, entityId: string, link: ChainLink): ChainState {
  const { event } = link;
  const isNext =
    event?.entity.id === entityId &&
    event.entityVersion === state.events + 1 &&
    event.prevHash === (state.headHash ?? GENESIS_HASH);
  const isSound = isNext && linkVerifies(link);
  return {
    events: state.events + 1,
    headHash: link.hash,
    firstBroken: state.firstBroken ?? (isSound ? null : link.eventId),
  };
}

/**
 * The verdict over a whole chain, given the head that the operational store keeps. Without that head a tail that was cut off would
 * not show. `pending` counts events that the store knows and canon does not.
 */
export function judgeChain(
  state: ChainState,
  known: { readonly entityVersion: number; readonly hash: string } | null,
): { readonly verifies: boolean; readonly pending: number } {
  const pending = Math.max(0, (known?.entityVersion ?? 0) - state.events);
  const endsAtHead = pending > 0 || state.headHash === (known?.hash ?? null);
  return { verifies: state.firstBroken === null && endsAtHead, pending };
}
