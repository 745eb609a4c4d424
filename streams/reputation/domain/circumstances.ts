import type { GivenEvidence, Refusal } from '../../../schema/reputation/evidence.ts';
import { formula } from '../../../schema/reputation/formula.ts';
import { decayClock } from '../../../schema/reputation/freeze.ts';
import { type Memory, pairKey } from './memory.ts';
import { isPlatform } from './trust-network.ts';

/** Where a creator's clock of decay stands at an instant. */
export function decayMsOf(memory: Memory, creatorId: string, atMs: number): number {
  return decayClock(memory.get('account', creatorId)?.freezes ?? [], atMs);
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
  if (evidence.statement === null) return false;
  return (memory.get('statement', evidence.statement) ?? []).some((key) => {
    const piece = memory.get('piece', key);
    return (
      piece !== undefined &&
      piece.eventId !== evidence.eventId &&
      piece.source === evidence.source &&
      piece.target === evidence.target &&
      piece.rule === evidence.rule &&
      piece.dimension === evidence.dimension &&
      piece.weight === evidence.weight &&
      evidence.atMs - piece.atMs < formula.pairCap.windowMs
    );
  });
}
