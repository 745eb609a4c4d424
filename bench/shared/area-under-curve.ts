/** Area under the ROC curve: the chance that a positive has the higher score of the two; ties count half (Mann and Whitney 1947). */
export function areaUnderCurve(
  predictions: readonly { readonly score: number; readonly isPositive: boolean }[],
): number {
  const sorted = [...predictions].sort((a, b) => a.score - b.score);
  const positives = sorted.filter(({ isPositive }) => isPositive).length;
  let rankSum = 0;
  for (let first = 0; first < sorted.length;) {
    let end = first;
    while (end < sorted.length && sorted[end]?.score === sorted[first]?.score) end += 1;
    const tied = sorted.slice(first, end).filter(({ isPositive }) => isPositive).length;
    rankSum += (tied * (first + end + 1)) / 2;
    first = end;
  }
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * (sorted.length - positives));
}
