export interface ShiftedClock {
  /** Milliseconds from the machine's time, from now on. */
  shift(offsetMs: number): void;
  /** It reaches this time and stands still there. */
  stopBefore(ms: number): void;
}

/**
 * Puts this process's wall clock off by what `shift` says, as if somebody had set the machine's: everything that asks JavaScript for the time sees
 * it, libraries too. Timers go on by the monotonic clock, as they do on a machine whose clock is set. Call it before anything else runs.
 */
export function installShiftedClock(): ShiftedClock {
  const RealDate = globalThis.Date;
  let offset = 0;
  let end = Number.POSITIVE_INFINITY;
  const now = (): number => Math.min(RealDate.now() + offset, end);
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args: unknown[], newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as Date,
    apply: () => new RealDate(now()).toString(),
    get: (target, property, receiver): unknown => (property === 'now' ? now : Reflect.get(target, property, receiver)),
  });
  return {
    shift(offsetMs) {
      offset = offsetMs;
    },
    stopBefore(ms) {
      end = ms;
    },
  };
}
