/** The process in which the Rust planner works, see `planner-process.ts`. It ends with the one that started it. */
import { QueryPlanner } from '@graphql-hive/router-query-planner';
import { planMsMax } from './plan-limits.ts';
import type { PlannerReply, PlannerRequest } from './planner-process.ts';

const planners = new Map<number, QueryPlanner>();

process.on('message', (message) => void answer(message as PlannerRequest));
// An ordinary exit would wait for whatever is being planned.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

async function answer(request: PlannerRequest): Promise<void> {
  if (request.kind === 'drop') return void planners.delete(request.planner);
  if (request.kind === 'load') return void planners.set(request.planner, new QueryPlanner(request.sdl));
  const { id, operation, labels, roll } = request;
  let reply: PlannerReply;
  try {
    const planner = planners.get(request.planner);
    if (!planner) throw new Error('the planner was dropped');
    reply = {
      id,
      plan: await planner.planAsync(operation, undefined, new Set(labels), roll, AbortSignal.timeout(planMsMax)),
    };
  } catch (error) {
    reply = { id, error: error instanceof Error ? error.message : String(error) };
  }
  process.send?.(reply);
}
