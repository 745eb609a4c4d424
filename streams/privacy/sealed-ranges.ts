import type { StateView } from '../shared/state.ts';
import { sealed } from './stores.ts';

type Range = readonly [fromUs: number, toUs: number];

export function isSealed(state: StateView, lengthUs: number, windowUs: number): boolean {
  return (state.get(sealed, String(lengthUs)) ?? []).some(([from, to]) => windowUs >= from && windowUs < to);
}

/** Marks a window as released. Neighbouring windows become one range, so that a clock leaves one range behind, however long it runs. */
export function markSealed(state: StateView, lengthUs: number, windowUs: number): void {
  markSealedRange(state, lengthUs, [windowUs, windowUs + lengthUs]);
}

/** Marks every window of a length that begins in a range as released. */
export function markSealedRange(state: StateView, lengthUs: number, range: Range): void {
  const merged: [number, number][] = [];
  const all: Range[] = [...(state.get(sealed, String(lengthUs)) ?? []), range];
  for (const [from, to] of all.sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  state.put(sealed, String(lengthUs), merged);
}
