/** A stretch of time without a long gap. */
export interface Run<P> {
  readonly points: readonly P[];
  readonly name: string;
}

/** Steps of the usual distance between points that a gap must have to part two runs. */
const gapSteps = 12;

/**
 * Parts points at their long gaps: a community that was imported and the live platform may lie years apart, and one axis over
 * both would show neither. Longest run first.
 */
export function runsOf<P extends { readonly start: string }>(points: readonly P[]): readonly Run<P>[] {
  const times = points.map((point) => Date.parse(point.start));
  const steps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const usual = steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
  const runs: P[][] = [];
  points.forEach((point, index) => {
    const isFar = index > 0 && (steps[index - 1] ?? 0) > usual * gapSteps;
    if (index === 0 || isFar) runs.push([point]);
    else runs.at(-1)?.push(point);
  });
  return runs
    .toSorted((a, b) => b.length - a.length)
    .map((run) => ({ points: run, name: `${dateOf(run[0])} to ${dateOf(run.at(-1))}` }));
}

function dateOf(point: { readonly start: string } | undefined): string {
  return point?.start.slice(0, 10) ?? '';
}
