import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const keyBytes = 32;

/**
 * The 32-byte secret `DATA_DIR/keys/<name>.key` (hex, mode 600), made on first use. Throws when the file is there but is not such
 * a key: a new one in its place would make everything under the old one unreadable.
 */
export function loadOrCreateKey(dataDir: string, name: string): Buffer {
  const directory = join(dataDir, 'keys');
  const file = join(directory, `${name}.key`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  try {
    writeFileSync(file, `${randomBytes(keyBytes).toString('hex')}\n`, { flag: 'wx', mode: 0o600, flush: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const text = readFileSync(file, 'utf8').trim();
  if (!/^[0-9a-f]{64}$/.test(text))
    throw new Error(
      `${file} is not a key of 64 hex digits: restore it from a backup; a new key cannot read what the old one sealed`,
    );
  return Buffer.from(text, 'hex');
}
