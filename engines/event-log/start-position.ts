import type { StartPosition } from './port.ts';

/** Where a tail begins in each partition: at 0, at its end, or where it was told. RangeError where a given start leaves a partition out. */
export function startOffsets(topic: string, from: StartPosition, ends: readonly number[]): number[] {
  return ends.map((end, partition) => {
    if (from === 'start') return 0;
    if (from === 'end') return end;
    const given = from.find((position) => position.partition === partition)?.offset;
    if (given === undefined || !Number.isSafeInteger(given) || given < 0) {
      throw new RangeError(
        `a tail of ${topic} needs a start offset of 0 or more for each partition; partition ${partition} has ${given ?? 'none'}`,
      );
    }
    return given;
  });
}
