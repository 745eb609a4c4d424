/** What a refusal did to a piece of evidence: caps and damping may leave a part of it, which counts. */
export function shortfall({ pointsNow }: { readonly pointsNow: number }): string {
  return pointsNow === 0 ? 'not counted' : 'counted in part';
}
