import { type Freeze, freezeLimits } from '../../../schema/reputation/freeze.ts';

const dayMs = 86_400_000;

/** Reads `<from>/<until>`. */
export function freezesOf(texts: readonly string[]): readonly Freeze[] {
  return texts.map((text) => {
    const [from = '', until = ''] = text.split('/');
    return [Date.parse(from), Date.parse(until)];
  });
}

export function freezeText([fromMs, untilMs]: Freeze): string {
  return `${new Date(fromMs).toISOString()}/${new Date(untilMs).toISOString()}`;
}

/** The freeze that lasts at an instant; null for none. */
export function lasting(freezes: readonly Freeze[], atMs: number): Freeze | null {
  const last = freezes.at(-1);
  return last !== undefined && last[0] <= atMs && atMs < last[1] ? last : null;
}

/** Why a freeze of so many days cannot begin now; null where it can. */
export function freezeProblem(freezes: readonly Freeze[], days: number, nowMs: number): string | null {
  const { daysMin, daysMax, periodMs, daysInPeriod } = freezeLimits;
  if (!Number.isInteger(days) || days < daysMin || days > daysMax)
    return `days must be a whole number from ${daysMin} to ${daysMax}`;
  const untilMs = nowMs + days * dayMs;
  const usedMs = freezes.reduce(
    (sum, [from, until]) => sum + Math.max(0, until - Math.max(from, untilMs - periodMs)),
    0,
  );
  const leftDays = Math.floor(daysInPeriod - usedMs / dayMs);
  return days > leftDays
    ? `in any three years at most ${daysInPeriod} days can be frozen; ${Math.max(0, leftDays)} are left`
    : null;
}
