import { mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { UsageError } from './command-line.ts';
import { readNamed, writeNamed } from './named-file.ts';

// Goal: a file that somebody named is read or written whole, or they are told in words why not; what they had before is never lost to half of something.
const folder = mkdtempSync(join(tmpdir(), 'vcos-named-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function* breaking(): Generator<string> {
  yield 'half';
  throw new Error('the warehouse is gone');
}

test('what is written replaces what was there, also behind a link', async () => {
  const [file, link] = [join(folder, 'a'), join(folder, 'link')];
  writeFileSync(file, 'old');
  symlinkSync(file, link);
  await writeNamed(link, ['one', 'two']);
  expect(readNamed(file)).toBe('onetwo');
  expect(readdirSync(folder).sort()).toEqual(['a', 'link']);
});

test('where the pieces break off, their error is told and the file stays as it was', async () => {
  const file = join(folder, 'kept');
  writeFileSync(file, 'the last good one');
  await expect(writeNamed(file, breaking())).rejects.toThrow('the warehouse is gone');
  expect(readFileSync(file, 'utf8')).toBe('the last good one');
  await expect(writeNamed(join(folder, 'new'), breaking())).rejects.toThrow('the warehouse is gone');
  expect(readdirSync(folder)).not.toContain('new');
  expect(readdirSync(folder).filter((name) => name.endsWith('.incomplete'))).toEqual([]);
});

test('whoever interrupts it has what was there, and nothing half written', async () => {
  const file = join(folder, 'interrupted');
  writeFileSync(file, 'the last good one');
  const stop = new AbortController();
  const reason = new Error('interrupted');
  function* interrupted(): Generator<string> {
    yield 'half';
    stop.abort(reason);
    yield 'more';
  }
  await expect(writeNamed(file, interrupted(), stop.signal)).rejects.toBe(reason);
  expect(readFileSync(file, 'utf8')).toBe('the last good one');
  expect(readdirSync(folder).filter((name) => name.endsWith('.incomplete'))).toEqual([]);
});

test('what is no file to read or write is named with the reason', async () => {
  const absent = join(folder, 'absent', 'file');
  await expect(writeNamed(absent, ['x'])).rejects.toThrow(new RegExp(`^${absent} cannot be written: ENOENT`));
  await expect(writeNamed(folder, ['x'])).rejects.toThrow(UsageError);
  expect(() => readNamed(absent)).toThrow(new RegExp(`^${absent} cannot be read: ENOENT`));
  expect(() => readNamed(folder)).toThrow(UsageError);
});

test('a device is written to, and is still there', async () => {
  await writeNamed('/dev/null', ['x']);
  expect(readdirSync('/dev')).toContain('null');
});
