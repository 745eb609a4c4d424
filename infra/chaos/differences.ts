import { isDeepStrictEqual } from 'node:util';
import type { Findings } from './check.ts';

/** What two runs of a workload are compared by. */
export interface Compared {
  readonly imported: Findings['imported'];
  readonly answers: unknown;
}

/** What a run has otherwise than the undisturbed one, in words: nothing, wherever it ran and whatever it met. */
export function differences(calm: Compared, outcome: Compared): readonly string[] {
  const faults: string[] = [];
  for (const [table, rows] of Object.entries(calm.imported)) {
    const actual = outcome.imported[table] ?? [];
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
