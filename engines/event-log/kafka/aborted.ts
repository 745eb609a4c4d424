/** A transaction of which a fetch's answer holds records that must not be seen. */
export interface AbortedTransaction {
  readonly producerId: string;
  readonly firstOffset: number;
}

export interface RawRecord {
  readonly offset: number;
  readonly producerId: string;
  readonly inTransaction: boolean;
  readonly isControl: boolean;
}

/**
 * Leaves out control records and those of aborted transactions, as Kafka's own consumer does: a transaction's records are skipped from its
 * first offset to its marker. (kafkajs starts at most one transaction per record, so that of two that overlap records leak.)
 */
export function withoutAborted<R extends RawRecord>(
  records: readonly R[],
  aborted: readonly AbortedTransaction[],
): R[] {
  const waiting = aborted.toSorted((a, b) => a.firstOffset - b.firstOffset);
  const open = new Set<string>();
  let at = 0;
  return records.filter((record) => {
    for (let next = waiting[at]; next !== undefined && next.firstOffset <= record.offset; next = waiting[++at]) {
      open.add(next.producerId);
    }
    if (!record.isControl) return !(record.inTransaction && open.has(record.producerId));
    // A marker ends its producer's transaction, whichever way it went; a committed one was not open here.
    open.delete(record.producerId);
    return false;
  });
}
