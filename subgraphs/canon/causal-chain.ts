import type { Warehouse } from '../../engines/warehouse/port.ts';
import type { SubgraphContext } from '../shared/context.ts';
import { readableEvents } from './canon-reader.ts';
import { readEffects } from './queries.ts';
import type { Recorded } from './recorded.ts';

/** One event of a causal chain. */
export interface CausalStep {
  readonly event: Recorded;
  /** Steps from the event that was asked for; causes are negative, effects positive. */
  readonly distance: number;
}

export interface CausalLimits {
  readonly depth: number;
  /** Events of the whole answer. */
  readonly events: number;
}

type Direction = 'CAUSES' | 'EFFECTS';

/** What led to an event, or came of it, breadth first. Events that the viewer may not read are left out, and what lies behind them with them. */
export async function causalChain(
  context: SubgraphContext,
  eventId: string,
  direction: Direction,
  limits: CausalLimits,
): Promise<{ readonly steps: readonly CausalStep[]; readonly isTruncated: boolean }> {
  const [start] = await readableEvents(context, [eventId]);
  if (!start) return { steps: [], isTruncated: false };
  const seen = new Set([eventId]);
  const steps: CausalStep[] = [];
  let edge: readonly Recorded[] = [start];
  for (let distance = 1; distance <= limits.depth && edge.length > 0; distance += 1) {
    const ids = await nextIds(context.warehouse, edge, direction, limits.events + 1);
    const fresh = [...new Set(ids)].filter((id) => !seen.has(id));
    for (const id of fresh) seen.add(id);
    const found = (await readableEvents(context, fresh)).filter((event) => event !== null);
    const room = limits.events - steps.length;
    const sign = direction === 'CAUSES' ? -1 : 1;
    steps.push(...found.slice(0, room).map((event) => ({ event, distance: sign * distance })));
    if (found.length > room) return { steps, isTruncated: true };
    edge = found;
  }
  // Whether anything lies beyond the depth is not looked up again: there may be.
  return { steps, isTruncated: edge.length > 0 && steps.some((step) => Math.abs(step.distance) === limits.depth) };
}

async function nextIds(
  warehouse: Warehouse,
  edge: readonly Recorded[],
  direction: Direction,
  limit: number,
): Promise<readonly string[]> {
  if (direction === 'CAUSES') return edge.flatMap(({ event }) => event.causedBy);
  return readEffects(
    warehouse,
    edge.map(({ event }) => event.id),
    limit,
  );
}
