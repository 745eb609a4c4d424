/** What jest's JSON report says, as far as the summary needs it. */
export interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  /** Files that could not even be loaded: none of their tests is counted above. */
  readonly numRuntimeErrorTestSuites: number;
}

export interface Summary {
  /** The run's last line, as CI reads it. */
  readonly line: string;
  readonly passed: boolean;
}

/**
 * Sums up a run. `report` is null when jest wrote none; each of `faults` (a process left behind, a worker that did not
 * end) counts as a failure, and so does a run without tests.
 */
export function summarise(report: JestReport | null, faults: readonly string[]): Summary {
  const passed = report?.numPassedTests ?? 0;
  const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  const broken = report === null ? 1 : report.numFailedTests + report.numRuntimeErrorTestSuites;
  const failed = broken + faults.length;
  return {
    line: lineOf({ passed, failed, skipped }),
    passed: failed === 0 && passed > 0,
  };
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function lineOf({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** Reads such a line; a run that ended with another one has failed. */
export function countsOf(line: string): Counts {
  const found = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/.exec(line);
  if (!found) return { passed: 0, failed: 1, skipped: 0 };
  return { passed: Number(found[1]), failed: Number(found[2]), skipped: Number(found[3] ?? 0) };
}
