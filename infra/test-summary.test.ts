import { describe, expect, test } from '@jest/globals';
import { type JestReport, countsOf, lineOf, summarise } from './test-summary.ts';

const report: JestReport = {
  numPassedTests: 12,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  numRuntimeErrorTestSuites: 0,
};

describe('the closing line of a test run', () => {
  test('counts what passed', () => {
    expect(summarise(report, [])).toEqual({ line: '12 passed, 0 failed', passed: true });
  });

  test('counts a file that cannot be loaded as a failure', () => {
    const broken = { ...report, numFailedTests: 2, numRuntimeErrorTestSuites: 1 };
    expect(summarise(broken, [])).toEqual({ line: '12 passed, 3 failed', passed: false });
  });

  test('counts a process left behind as a failure', () => {
    expect(summarise(report, ['a worker did not end'])).toEqual({ line: '12 passed, 1 failed', passed: false });
  });

  test('tells skipped tests', () => {
    const skipped = { ...report, numPendingTests: 2, numTodoTests: 1 };
    expect(summarise(skipped, []).line).toBe('12 passed, 0 failed, 3 skipped');
  });

  test('fails a run without tests and one without a report', () => {
    expect(summarise({ ...report, numPassedTests: 0 }, [])).toEqual({ line: '0 passed, 0 failed', passed: false });
    expect(summarise(null, [])).toEqual({ line: '0 passed, 1 failed', passed: false });
  });

  test('is read as it is written; anything else is a failure', () => {
    for (const line of ['12 passed, 0 failed', '3 passed, 1 failed, 2 skipped'])
      expect(lineOf(countsOf(line))).toBe(line);
    for (const line of ['', 'failed: no broker', 'x 12 passed, 0 failed'])
      expect(countsOf(line)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});
