import { join } from 'node:path';
import { type ImportReport, runImport } from '../importer/run-import.ts';
import { importSource } from '../importer/read-import.ts';
import { convertStackExchange } from '../importer/stackexchange.ts';
import type { Platform } from './platform.ts';
import { createProgress } from './progress.ts';

const demoCommunity = 'quantumcomputing.stackexchange.com';
/** Whom the printed link signs in: a member with work, answers and a history. */
export const demoUsername = 'member-26';

const directory = join(import.meta.dirname, '..', 'demo');

/** Loads the demo community into a running platform, or goes on with it; does nothing when it is there. */
export async function loadDemo(
  platform: Pick<Platform, 'engines' | 'dependencies'>,
  signal: AbortSignal,
): Promise<ImportReport> {
  const { header, lines } = convertStackExchange(directory, demoCommunity);
  return runImport({ ...platform.engines, ...platform.dependencies }, importSource(header, lines), {
    onProgress: createProgress('demo community'),
    signal,
  });
}
