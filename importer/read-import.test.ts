import { constants } from 'node:buffer';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
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

  test('a line with half of a surrogate pair is a fault that names the field', () => {
    const source = readImportFile(
      fileOf(
        '{"format":1,"community":"test.example"}',
        String.raw`{"id":"1","at":"2020-01-01T00:00:00Z","do":"artifact.publish","artifact":"a","title":"x\ud800","kind":"CODE"}`,
        String.raw`{"id":"\ud800","at":"2020-01-01T00:00:00Z","do":"artifact.judge","artifact":"a","polarity":1}`,
      ),
    );
    expect(source.lines).toEqual([
      { number: 2, fault: expect.stringMatching(/^title must be well-formed/) },
      { number: 3, fault: expect.stringMatching(/^id must be well-formed/) },
    ]);
  });

  test('a line of another encoding is a fault: its letters would be lost', () => {
    const header = '{"format":1,"community":"test.example"}';
    const title = (text: string): string =>
      `{"id":"${text}","at":"2020-01-01T00:00:00Z","do":"artifact.publish","artifact":"a","title":"${text}","kind":"CODE"}`;
    const file = fileOf();
    const latin = Buffer.from(title('café'), 'latin1');
    writeFileSync(file, Buffer.concat([Buffer.from(`${header}\n${title('thé')}\n`), latin, Buffer.from('\n')]));
    expect(readImportFile(file).lines).toMatchObject([
      { number: 2, line: { title: 'thé' } },
      { number: 3, fault: 'not UTF-8' },
    ]);
    writeFileSync(file, Buffer.concat([latin, Buffer.from(`\n${header}`)]));
    expect(() => readImportFile(file)).toThrow(/line 1 is not UTF-8/);
  });

  test('a line nested deeper than anything can go down is a fault like another', () => {
    const deep = 100_000;
    const source = readImportFile(
      fileOf(
        '{"format":1,"community":"test.example"}',
        '['.repeat(deep) + ']'.repeat(deep),
        `{"id":"1","at":"2020-01-01T00:00:00Z","do":"space.join","space":${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}}`,
      ),
    );
    expect(source.lines).toEqual([
      { number: 2, fault: expect.stringMatching(/^\(whole\): /) },
      { number: 3, fault: expect.stringMatching(/^space: /) },
    ]);
  });

  test('a second line of an id is a fault that names the first', () => {
    const judge = (id: string, artifact: string): string =>
      JSON.stringify({ id, at: '2020-01-01T00:00:00Z', do: 'artifact.judge', artifact, polarity: 1 });
    const header = '{"format":1,"community":"test.example"}';
    expect(readImportFile(fileOf(header, judge('1', 'a'), judge('2', 'b'), judge('1', 'c'))).lines).toMatchObject([
      { number: 2, line: { id: '1' } },
      { number: 3, line: { id: '2' } },
      { number: 4, fault: 'id: line 2 has it already' },
    ]);
  });

  test('a byte order mark and line ends of Windows are no fault', () => {
    const header = '\ufeff{"format":1,"community":"test.example"}\r';
    const line = '{"id":"1","at":"2020-01-01T00:00:00Z","do":"artifact.judge","artifact":"a","polarity":1}\r';
    expect(readImportFile(fileOf(header, line, '\r')).lines).toMatchObject([{ number: 2, line: { id: '1' } }]);
  });

  test('a file without a header, or no file, is an error that names it', () => {
    expect(() => readImportFile(fileOf('{"id":"1"}'))).toThrow(ImportFileError);
    expect(() => readImportFile(fileOf('{"id":"1"}'))).toThrow(/line 1 must be the header/);
    expect(() => readImportFile(fileOf(''))).toThrow(/line 1 must be the header .*: it is not JSON/);
    expect(() => readImportFile(join(directory, 'absent.jsonl'))).toThrow(/absent\.jsonl cannot be read/);
    // Sparse: it takes no place.
    const long = fileOf('');
    truncateSync(long, constants.MAX_STRING_LENGTH + 1);
    expect(() => readImportFile(long)).toThrow(/cannot be read: it has 512 MiB, and an import may have 512 at most/);
  });
});
