/** Average precision: the mean, over the positives, of the share of positives among all that score at least as high; ties count together. */
export function averagePrecision(
  predictions: readonly { readonly score: number; readonly isPositive: boolean }[],
): number {
  const sorted = [...predictions].sort((a, b) => b.score - a.score);
  const positives = sorted.filter(({ isPositive }) => isPositive).length;
  let [found, sum] = [0, 0];
  for (let first = 0; first < sorted.length;) {
    let end = first;
    let inTie = 0;
    for (; end < sorted.length && sorted[end]?.score === sorted[first]?.score; end++)
      if (sorted[end]?.isPositive) inTie++;
    found += inTie;
    sum += (inTie * found) / end;
    first = end;
  }
  return sum / positives;
}
