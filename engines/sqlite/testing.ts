import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An empty directory for a test, and how to remove it. */
export async function testDirectory(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'vcos-test-sqlite-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
