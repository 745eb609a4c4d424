const size = { width: 320, height: 56, margin: 4 };

/** How a score moved, 0 to 100, by days; `points` newest first. */
export function HistoryLine({
  points,
}: {
  readonly points: readonly { readonly asOf: string; readonly score: number }[];
}) {
  const [newest, oldest] = [points[0], points.at(-1)];
  if (newest === undefined || oldest === undefined || newest === oldest) return null;
  const [startMs, endMs] = [Date.parse(oldest.asOf), Date.parse(newest.asOf)];
  const x = (at: string): number =>
    size.margin + ((Date.parse(at) - startMs) / Math.max(1, endMs - startMs)) * (size.width - 2 * size.margin);
  const y = (score: number): number => size.height - size.margin - (score / 100) * (size.height - 2 * size.margin);
  const line = points.map(({ asOf, score }) => `${x(asOf).toFixed(1)},${y(score).toFixed(1)}`).join(' ');
  const said = `From ${oldest.score.toFixed(1)} on ${oldest.asOf.slice(0, 10)} to ${newest.score.toFixed(1)} on ${newest.asOf.slice(0, 10)}`;
  return (
    <figure className="history">
      <svg viewBox={`0 0 ${size.width} ${size.height}`} role="img" aria-label={said} preserveAspectRatio="none">
        <line x1={size.margin} x2={size.width - size.margin} y1={y(50)} y2={y(50)} className="history-middle" />
        <polyline points={line} className="history-line" />
      </svg>
      <figcaption className="fine">{said}.</figcaption>
    </figure>
  );
}
