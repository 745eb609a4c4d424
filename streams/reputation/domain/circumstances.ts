import type { GivenEvidence, Refusal } from '../../../schema/reputation/evidence.ts';
import { formula } from '../../../schema/reputation/formula.ts';
import { type Freeze, decayClock } from '../../../schema/reputation/freeze.ts';
import { type Memory, type Piece, pairKey } from './memory.ts';
import { isPlatform } from './trust-network.ts';

/** Where a creator's clock of decay stands at an instant. */
export function decayMsOf(memory: Memory, creatorId: string, atMs: number): number {
  return decayClock(memory.get('account', creatorId)?.freezes ?? [], atMs);
}

/** Stops a creator's clock of decay for a time. What overlaps with an earlier one begins where that ends. */
export function freeze(memory: Memory, creatorId: string, [fromMs, untilMs]: Freeze): void {
  const account = memory.get('account', creatorId) ?? { state: 'OPEN', freezes: [] };
  const lastMs = account.freezes.at(-1)?.[1] ?? 0;
  const from = Math.max(fromMs, lastMs);
  if (untilMs > from) memory.put('account', creatorId, { ...account, freezes: [...account.freezes, [from, untilMs]] });
}

/** Ends a freeze that lasts. */
export function thaw(memory: Memory, creatorId: string, atMs: number): void {
  const account = memory.get('account', creatorId);
  const last = account?.freezes.at(-1);
  if (account === undefined || last === undefined || last[1] <= atMs) return;
  const ended: readonly Freeze[] = atMs > last[0] ? [[last[0], atMs]] : [];
  memory.put('account', creatorId, { ...account, freezes: [...account.freezes.slice(0, -1), ...ended] });
}

function isKnown(memory: Memory, id: string): boolean {
  return isPlatform(id) || memory.network.roots.anybodyIsKnown === true || memory.get('account', id) !== undefined;
}

/** Whoever of the two has not registered; null where both have. */
export function strangerOf(memory: Memory, { source, target }: GivenEvidence): string | null {
  return [source, target].find((id) => !isKnown(memory, id)) ?? null;
}

function isClosed(memory: Memory, id: string): boolean {
  const state = memory.get('account', id)?.state;
  return state === 'CLOSED' || state === 'ERASED';
}

export function isErased(memory: Memory, id: string): boolean {
  return memory.get('account', id)?.state === 'ERASED';
}

/**
 * Why a piece of evidence is kept without weight; null where nothing stands against it. `nowMs` is the log's own time. Platforms attest the past: they are
 * never late, nor is what comes back after its parties have registered.
 */
export function refusalFor(
  memory: Memory,
  evidence: GivenEvidence,
  { nowMs, isRetaken }: { readonly nowMs: number; readonly isRetaken: boolean },
): Refusal | null {
  const { source, target, weight, atMs, clock, sourceKind } = evidence;
  if (Math.abs(weight) > formula.weightMax || atMs > nowMs + formula.aheadMs) return 'OUT_OF_RANGE';
  if (evidence.refusal !== null) return evidence.refusal;
  if (source === target) return 'SELF';
  if (isClosed(memory, source)) return 'CLOSED';
  if (memory.get('block', pairKey(source, target)) !== undefined) return 'BLOCKED';
  if (memory.get('block', pairKey(target, source)) !== undefined) return 'BLOCKED';
  const newestMs = memory.get('clock', clock) ?? 0;
  if (sourceKind === 'CREATOR' && !isRetaken && atMs < newestMs - formula.latenessMs) return 'BACK_DATED';
  if (strangerOf(memory, evidence) !== null) return 'UNKNOWN';
  if (sourceKind === 'CREATOR' && atMs > newestMs) memory.put('clock', clock, atMs);
  return saysSo(memory, evidence) ? 'REPEATED' : null;
}

/** Whether the source says the same already, and has said so within the window of what it can give. */
function saysSo(memory: Memory, evidence: GivenEvidence): boolean {
  return said(memory, evidence).some(
    (piece) =>
      piece.isOverturned !== true &&
      piece.eventId !== evidence.eventId &&
      piece.weight === evidence.weight &&
      evidence.atMs - piece.atMs < formula.pairCap.windowMs,
  );
}

/** Whether an appeal against the same word of the same source was upheld: it does not come to count by being taken back and said again. */
export function wasOverturned(memory: Memory, evidence: GivenEvidence): boolean {
  return said(memory, evidence).some(({ isOverturned }) => isOverturned === true);
}

/** What the source has said under the same statement about the same by the same rule. */
function said(memory: Memory, { statement, source, target, rule, dimension }: GivenEvidence): readonly Piece[] {
  if (statement === null) return [];
  return (memory.get('statement', statement) ?? []).flatMap((key) => {
    const piece = memory.get('piece', key);
    const isSame =
      piece?.source === source && piece.target === target && piece.rule === rule && piece.dimension === dimension;
    return isSame ? [piece] : [];
  });
}
