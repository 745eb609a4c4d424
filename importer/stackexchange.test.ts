import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { lineSchema } from '../schema/import/line.ts';
import { convertStackExchange } from './stackexchange.ts';

describe('the demo community as an import', () => {
  const conversion = convertStackExchange(
    join(import.meta.dirname, '..', 'demo'),
    'quantumcomputing.stackexchange.com',
  );

  test('every line fits the documented format and the lines are ordered by time', () => {
    const faults = conversion.lines.filter((line) => !lineSchema.safeParse(line).success);
    expect(faults).toEqual([]);
    const times = conversion.lines.map((line) => Date.parse(line.at));
    expect(times.every((time, index) => index === 0 || time >= (times[index - 1] ?? 0))).toBe(true);
  });

  test('line ids are unique, so that the ids derived from them are', () => {
    expect(new Set(conversion.lines.map((line) => line.id)).size).toBe(conversion.lines.length);
  });

  test('every row of every table is either a line or counted as skipped with its reason', () => {
    const count = (action: string): number => conversion.lines.filter((line) => line.do === action).length;
    expect(count('creator.register')).toBe(3461);
    expect(count('artifact.publish')).toBe(1986);
    expect(count('creator.award-badge')).toBe(4671);
    const skipped = Object.values(conversion.skipped).reduce((sum, n) => sum + n, 0);
    expect(count('artifact.judge') + count('artifact.accept') + count('relationship.follow') + skipped).toBe(12_560);
  });

  test('a question builds on those that it linked to as it was asked, which are older', () => {
    const published = new Map(
      conversion.lines.flatMap((line) => (line.do === 'artifact.publish' ? [[line.artifact, line] as const] : [])),
    );
    const building = [...published.values()].filter(
      ({ kind, derivedFrom = [] }) => kind === 'DATA' && derivedFrom.length > 0,
    );
    expect(building.length).toBeGreaterThan(50);
    for (const { at, derivedFrom = [] } of building)
      for (const older of derivedFrom) {
        expect(published.get(older)).toMatchObject({ kind: 'DATA' });
        expect(Date.parse(published.get(older)?.at ?? '')).toBeLessThan(Date.parse(at));
      }
  });
});
