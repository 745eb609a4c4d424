import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export interface BandPoint {
  readonly start: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const height = 320;

/** Seconds of the step between two labels, the label, and what follows it where a year or a day begins. The months by name: 3/5 is May to some and March to others. */
const dayS = 86_400;
const timeLabels: readonly (readonly (string | number | null)[])[] = [
  [365 * dayS, '{YYYY}', null, null, null, null, null, null, 1],
  [28 * dayS, '{MMM}', '\n{YYYY}', null, null, null, null, null, 1],
  [dayS, '{D} {MMM}', '\n{YYYY}', null, null, null, null, null, 1],
  [60, '{HH}:{mm}', '\n{D} {MMM} {YYYY}', null, '\n{D} {MMM}', null, null, null, 1],
];

function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function optionsFor(label: string, width: number): uPlot.Options {
  const axis = {
    stroke: color('--ink-soft'),
    grid: { stroke: color('--line'), width: 1 },
    ticks: { stroke: color('--line'), width: 1 },
  };
  const hidden = { show: true, stroke: 'transparent', points: { show: false } };
  return {
    width,
    height,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    axes: [
      { ...axis, values: timeLabels.map((label) => [...label]) },
      { ...axis, size: 56 },
    ],
    series: [
      { label: 'Time (UTC)', value: '{YYYY}-{MM}-{DD} {HH}:{mm}' },
      { ...hidden, label: 'High' },
      { label, stroke: color('--accent'), width: 2, points: { show: false } },
      { ...hidden, label: 'Low' },
    ],
    bands: [{ series: [1, 3], fill: color('--band') }],
    legend: { live: true },
    cursor: { points: { size: 6 } },
  };
}

/** A line with its error band over time. The same numbers are in the table below it, for those who cannot see it. */
export function BandChart({ label, points }: { readonly label: string; readonly points: readonly BandPoint[] }) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const draw = () =>
      new uPlot(
        optionsFor(label, Math.max(280, element.clientWidth)),
        [
          points.map((point) => Date.parse(point.start) / 1000),
          points.map((point) => point.high),
          points.map((point) => point.value),
          points.map((point) => point.low),
        ],
        element,
      );
    let plot = draw();
    const resize = new ResizeObserver(() => plot.setSize({ width: Math.max(280, element.clientWidth), height }));
    resize.observe(element);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const redraw = () => {
      plot.destroy();
      plot = draw();
    };
    scheme.addEventListener('change', redraw);
    return () => {
      scheme.removeEventListener('change', redraw);
      resize.disconnect();
      plot.destroy();
    };
  }, [label, points]);
  return (
    <div
      className="chart"
      ref={host}
      role="img"
      aria-label={`${label} over time with error band; the numbers are in the table below`}
    />
  );
}
