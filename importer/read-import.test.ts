import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { ImportFileError, readImportFile } from './read-import.ts';

describe('reading an import file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'vcos-test-import-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const fileOf = (...lines: string[]): string => {
    const file = join(directory, 'import.jsonl');
    writeFileSync(file, lines.join('\n'));
    return file;
  };

  test('a bad line is a fault with its number and field; the others are read', () => {
    const source = readImportFile(
      fileOf(
        '{"format":1,"community":"test.example"}',
        '{"id":"1","at":"2020-01-01T00:00:00Z","do":"artifact.judge","artifact":"a","polarity":1}',
        '{"id":"2",',
        '',
        '{"id":"3","at":"2020-01-01T00:00:00Z","do":"artifact.judge","artifact":"a","polarity":7}',
      ),
    );
    expect(
      source.lines.map((entry) =>
        'fault' in entry ? `${entry.number} ${entry.fault}` : `${entry.number} ${entry.line.do}`,
      ),
    ).toEqual(['2 artifact.judge', '3 not JSON', expect.stringMatching(/^5 polarity: /)]);
  });

  test('a file without a header, or no file, is an error that names it', () => {
    expect(() => readImportFile(fileOf('{"id":"1"}'))).toThrow(ImportFileError);
    expect(() => readImportFile(fileOf('{"id":"1"}'))).toThrow(/line 1 must be the header/);
    expect(() => readImportFile(join(directory, 'absent.jsonl'))).toThrow(/absent\.jsonl cannot be read/);
  });
});
