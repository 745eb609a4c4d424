import { isDeepStrictEqual } from 'node:util';
import type { Findings } from './check.ts';

type Row = Readonly<Record<string, unknown>>;

/** What two runs of a workload are compared by. */
export interface Compared {
  readonly imported: Findings['imported'];
  readonly answers: unknown;
}

/**
 * Evidence counts as much as its source is trusted when its turn comes. What is replayed has an order of its own wherever it runs, what happens live beside it has none: on servers only which evidence there is can be
 * compared with another run, and no score, not even whether there is one. That scores follow from the log is checked by computing the states anew.
 */
const settled: Readonly<Record<string, readonly string[]>> = {
  scores: [],
  evidence: ['creator_id', 'dimension', 'event_id', 'rule', 'source_id'],
};

/** What a run has otherwise than the undisturbed one, in words. `by arrival`: on servers, where nothing fixes the order in which partitions and an outbox's shards are read. */
export function differences(calm: Compared, outcome: Compared, order: 'exact' | 'by arrival'): readonly string[] {
  const faults: string[] = [];
  for (const [table, calmRows] of Object.entries(calm.imported)) {
    const columns = order === 'exact' ? undefined : settled[table];
    if (columns?.length === 0) continue;
    const only = (row: unknown): unknown =>
      columns ? Object.fromEntries(columns.map((column) => [column, (row as Row)[column]])) : row;
    const [rows, actual] = [calmRows.map(only), (outcome.imported[table] ?? []).map(only)];
    const at = rows.findIndex((row, index) => !isDeepStrictEqual(row, actual[index]));
    if (rows.length !== actual.length)
      faults.push(`${table}: ${actual.length} imported rows, ${rows.length} in the undisturbed run`);
    else if (at >= 0)
      faults.push(
        `${table}: row ${at} is ${JSON.stringify(actual[at])}, in the undisturbed run ${JSON.stringify(rows[at])}`,
      );
  }
  if (!isDeepStrictEqual(calm.answers, outcome.answers))
    faults.push(
      `clients see another community:\n${JSON.stringify(outcome.answers)}\nin the undisturbed run:\n${JSON.stringify(calm.answers)}`,
    );
  return faults;
}
