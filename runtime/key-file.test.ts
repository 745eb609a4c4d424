import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadOrCreateKey } from './key-file.ts';

// Goal: a key is made once and then stays; whatever else is in its place is an error that names the file and what to do.
describe('a key file', () => {
  let directory = '';
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'vcos-test-keys-'));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test('is made on first use, and then stays', () => {
    const made = loadOrCreateKey(directory, 'master').toString('hex');
    expect(made).toMatch(/^[0-9a-f]{64}$/);
    expect(loadOrCreateKey(directory, 'master').toString('hex')).toBe(made);
  });

  test.each(['', 'garbage'])('that holds %j is refused', (content) => {
    writeFileSync(join(directory, 'keys', 'broken.key'), content);
    expect(() => loadOrCreateKey(directory, 'broken')).toThrow(
      expect.objectContaining({
        name: 'KeyFileError',
        message: expect.stringMatching(/broken\.key is not a key.*backup/),
      }),
    );
  });

  test('the master key is not made anew where it was lost', () => {
    const lost = join(directory, 'lost');
    loadOrCreateKey(lost, 'master');
    loadOrCreateKey(lost, 'gateway');
    rmSync(join(lost, 'keys', 'master.key'));
    expect(() => loadOrCreateKey(lost, 'master')).toThrow(
      expect.objectContaining({
        name: 'KeyFileError',
        message: expect.stringMatching(/master\.key is missing.*backup/),
      }),
    );
  });

  test('that is a directory, or lies where nothing can, is refused', () => {
    mkdirSync(join(directory, 'keys', 'folder.key'));
    expect(() => loadOrCreateKey(directory, 'folder')).toThrow(/folder\.key cannot be read or made/);
    writeFileSync(join(directory, 'file'), '');
    expect(() => loadOrCreateKey(join(directory, 'file'), 'master')).toThrow(
      expect.objectContaining({ name: 'KeyFileError' }),
    );
  });
});
