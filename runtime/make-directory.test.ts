import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeDirectory } from './make-directory.ts';

describe('makeDirectory', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'vcos-test-directory-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('makes what is absent on the way, for this user only', () => {
    makeDirectory(join(root, 'a', 'b', 'c'));
    for (const made of ['a', 'a/b', 'a/b/c']) expect(statSync(join(root, made)).mode & 0o777).toBe(0o700);
  });

  it('leaves what is there as it is, a link to a directory too', () => {
    mkdirSync(join(root, 'there'));
    // Not by the mode alone, of which the process's umask takes away.
    chmodSync(join(root, 'there'), 0o755);
    symlinkSync(join(root, 'there'), join(root, 'link'));
    makeDirectory(join(root, 'link'));
    makeDirectory(join(root, 'link', 'below'));
    expect(statSync(join(root, 'there')).mode & 0o777).toBe(0o755);
    expect(existsSync(join(root, 'there', 'below'))).toBe(true);
  });

  it('refuses a file in its way, and a link to nowhere', () => {
    writeFileSync(join(root, 'file'), '');
    symlinkSync(join(root, 'nowhere'), join(root, 'dangling'));
    for (const path of ['file', 'file/below', 'dangling', 'dangling/below'])
      expect(() => makeDirectory(join(root, path))).toThrow(/EEXIST|ENOTDIR/);
  });

  it('ends where a directory takes none', () => {
    // Node's `recursive` never does. On a system without such a file system nothing is told.
    if (!existsSync('/proc/self')) return;
    for (const path of ['/proc/vcos-test', '/proc/vcos-test/a/b']) expect(() => makeDirectory(path)).toThrow(/ENOENT/);
  });
});
