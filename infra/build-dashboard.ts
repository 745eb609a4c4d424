/** Builds `dashboard/` into `dashboard/dist/` when that is absent or older than its sources; `--force` builds anyway. */
import { existsSync, globSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const repository = resolve(import.meta.dirname, '..');
const dashboard = join(repository, 'dashboard');
const built = join(dashboard, 'dist');

function isFresh(): boolean {
  const page = join(built, 'index.html');
  if (!existsSync(page)) return false;
  const builtMs = statSync(page).mtimeMs;
  const sources = globSync(['dashboard/**/*', 'sdk/**/*', 'package-lock.json'], {
    cwd: repository,
    exclude: ['dashboard/dist', 'dashboard/dist/**'],
    withFileTypes: true,
  });
  return sources.every((entry) => !entry.isFile() || statSync(join(entry.parentPath, entry.name)).mtimeMs <= builtMs);
}

/** Builds beside the present page and then swaps, so that a build that fails leaves the present page alone. */
async function buildPage(): Promise<void> {
  const { build } = await import('vite');
  const fresh = join(dashboard, `dist-${process.pid}`);
  try {
    await build({ root: dashboard, configFile: join(dashboard, 'vite.config.ts'), build: { outDir: fresh } });
    rmSync(built, { recursive: true, force: true });
    renameSync(fresh, built);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

async function main(force: boolean): Promise<void> {
  if (!existsSync(join(dashboard, 'index.html'))) return console.log('dashboard: no index.html, nothing to build');
  if (!force && isFresh()) return console.log('dashboard: fresh');
  const startedMs = performance.now();
  await buildPage();
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`dashboard: built ${relative(repository, built)} in ${seconds} s`);
}

try {
  await main(process.argv.includes('--force'));
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  console.error(process.stderr.isTTY ? message : stripVTControlCharacters(message));
  console.error('dashboard: the build failed; mend the above, then run `npm run build:dashboard`');
  process.exitCode = 1;
}
