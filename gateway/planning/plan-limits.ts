/** How long one operation may be planned: beyond it lies a supergraph or an operation that makes the planner try too much. */
export const planMsMax = 5_000;
