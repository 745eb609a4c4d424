import { type Level, type LevelFacts, capabilities, hysteresis, levels } from '../../../schema/reputation/levels.ts';

const dayMs = 86_400_000;

/** Where an account stands, with the clocks that run. Instants in milliseconds; null where a clock does not run. */
export interface Standing {
  readonly level: number;
  readonly aboveSinceMs: number | null;
  readonly belowSinceMs: number | null;
  readonly changedMs: number | null;
  /** A loss that touches income waits for a human since then. */
  readonly proposedMs: number | null;
}

export const newcomer: Standing = {
  level: 0,
  aboveSinceMs: null,
  belowSinceMs: null,
  changedMs: null,
  proposedMs: null,
};

export interface LevelDecision {
  readonly outcome: 'GAINED' | 'LOST' | 'LOSS_PROPOSED';
  readonly from: number;
  readonly to: number;
  readonly atMs: number;
  readonly reasons: readonly string[];
}

/** The highest level whose bounds (times `share`) the facts meet at an instant. Levels are met in order: none is skipped. */
function meets(level: Level, facts: LevelFacts, { atMs, share = 1 }: { atMs: number; share?: number }): boolean {
  const good = Object.values(facts.scores).filter(({ low }) => low >= level.low * share);
  const evidence = good.reduce((sum, one) => sum + one.evidence, 0);
  return good.length >= level.dimensions && evidence >= level.evidence * share && atMs >= ofAgeMs(level, facts);
}

/**
 * Lets time pass with these facts until `untilMs`: starts and stops the clocks, and takes every decision that falls due on the way, at the time at which it does.
 * A level is gained after 7 days above its bounds, one step in 7 days; it is lost after 14 days below 90 % of them, unless that touches income: then the
 * loss is proposed, and stays a proposal until a human decides.
 */
export function passTime(
  before: Standing,
  facts: LevelFacts,
  untilMs: number,
): { readonly standing: Standing; readonly decisions: readonly LevelDecision[] } {
  const decisions: LevelDecision[] = [];
  let standing = clocks(before, facts, untilMs);
  for (;;) {
    const due = nextDue(standing);
    if (due === null || due.atMs > untilMs) return { standing, decisions };
    decisions.push(due);
    standing =
      due.outcome === 'LOSS_PROPOSED'
        ? { ...standing, proposedMs: due.atMs }
        : { ...standing, level: due.to, changedMs: due.atMs, belowSinceMs: null, proposedMs: null };
    standing = clocks(standing, facts, Math.max(due.atMs, untilMs));
  }
}

function clocks(standing: Standing, facts: LevelFacts, atMs: number): Standing {
  const next = levels[standing.level + 1];
  const own = levels[standing.level] ?? levels[0];
  const isAbove = next !== undefined && meets(next, facts, { atMs });
  const isBelow = standing.level > 0 && !meets(own, facts, { atMs, share: hysteresis.downShare });
  return {
    ...standing,
    // The clock may have begun for the level below, which asks for less age.
    aboveSinceMs: isAbove ? Math.max(standing.aboveSinceMs ?? atMs, ofAgeMs(next, facts)) : null,
    belowSinceMs: isBelow ? (standing.belowSinceMs ?? atMs) : null,
    proposedMs: isBelow ? standing.proposedMs : null,
  };
}

const ofAgeMs = (level: Level, { registeredMs }: LevelFacts): number => registeredMs + level.ageDays * dayMs;

/** When an account that has all else the next level asks for will be old enough for it; null where age is not what it waits for. No score has to change for that. */
export function comesOfAge({ level, aboveSinceMs }: Standing, facts: LevelFacts): number | null {
  const next = levels[level + 1];
  if (next === undefined || aboveSinceMs !== null) return null;
  const atMs = ofAgeMs(next, facts);
  return meets(next, facts, { atMs }) ? atMs : null;
}

/** What a human made of a proposed loss. The clocks begin anew: whoever is still below what their level asks for is proposed again, or falls further, after the same patience. */
export function reviewed(
  before: Standing,
  facts: LevelFacts,
  { isConfirmed, atMs }: { readonly isConfirmed: boolean; readonly atMs: number },
): Standing {
  const decided = isConfirmed ? { ...before, level: before.level - 1, changedMs: atMs } : before;
  return clocks({ ...decided, belowSinceMs: null, proposedMs: null }, facts, atMs);
}

/** When to look at a standing again though no score changes; null for not at all. */
export function nextLookMs(standing: Standing, facts: LevelFacts): number | null {
  return nextDue(standing)?.atMs ?? comesOfAge(standing, facts);
}

/** The decision that comes next if the facts stay as they are; null for none. */
function nextDue(standing: Standing): LevelDecision | null {
  const { level, aboveSinceMs, belowSinceMs, changedMs, proposedMs } = standing;
  if (aboveSinceMs !== null) {
    const atMs = Math.max(aboveSinceMs, changedMs ?? 0) + hysteresis.upMs;
    return { outcome: 'GAINED', from: level, to: level + 1, atMs, reasons: gained(level + 1) };
  }
  if (belowSinceMs === null || proposedMs !== null) return null;
  const atMs = Math.max(belowSinceMs + hysteresis.downMs, (changedMs ?? 0) + hysteresis.upMs);
  const outcome = touchesIncome(level) ? 'LOSS_PROPOSED' : 'LOST';
  return { outcome, from: level, to: level - 1, atMs, reasons: lost(level) };
}

/** Whether losing a level takes something away that income depends on. */
function touchesIncome(level: number): boolean {
  return levels[level]?.capabilities.some((name) => capabilities[name].touchesIncome) ?? false;
}

function bounds({ low, dimensions, evidence, ageDays }: Level): string {
  return `a lower end of ${low} in ${dimensions} dimension${dimensions === 1 ? '' : 's'}, ${evidence} pieces of evidence there, an account of ${ageDays} days`;
}

function gained(level: number): readonly string[] {
  return [`for 7 days above what the level asks for: ${bounds(levels[level] ?? levels[0])}`];
}

function lost(level: number): readonly string[] {
  return [`for 14 days below 90 % of what the level asks for: ${bounds(levels[level] ?? levels[0])}`];
}
