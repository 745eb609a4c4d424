/** Builds the pages into their `dist/` where that is absent or older than its sources; `--force` builds anyway. */
import { existsSync, globSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { parseArguments } from './parse-arguments.ts';

interface Page {
  readonly name: string;
  readonly folder: string;
  /** Where its sources are, besides its folder. */
  readonly sources: readonly string[];
}

const repository = resolve(import.meta.dirname, '..');
const pages: readonly Page[] = [
  { name: 'dashboard', folder: 'dashboard', sources: ['sdk/**/*', 'package-lock.json'] },
  { name: 'explorer', folder: 'gateway/explorer', sources: ['package-lock.json'] },
];

function isFresh({ folder, sources }: Page): boolean {
  const page = join(repository, folder, 'dist/index.html');
  if (!existsSync(page)) return false;
  const builtMs = statSync(page).mtimeMs;
  const found = globSync([`${folder}/**/*`, ...sources], {
    cwd: repository,
    exclude: [`${folder}/dist`, `${folder}/dist/**`],
    withFileTypes: true,
  });
  return found.every((entry) => !entry.isFile() || statSync(join(entry.parentPath, entry.name)).mtimeMs <= builtMs);
}

/** Builds beside the present page and then swaps, so that a build that fails leaves the present page alone. */
async function buildPage(root: string): Promise<void> {
  const { build } = await import('vite');
  const built = join(root, 'dist');
  const fresh = join(root, `dist-${process.pid}`);
  try {
    await build({ root, configFile: join(root, 'vite.config.ts'), build: { outDir: fresh } });
    rmSync(built, { recursive: true, force: true });
    renameSync(fresh, built);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

async function main(page: Page, force: boolean): Promise<void> {
  const root = join(repository, page.folder);
  if (!existsSync(join(root, 'index.html'))) return console.log(`${page.name}: no index.html, nothing to build`);
  if (!force && isFresh(page)) return console.log(`${page.name}: fresh`);
  const startedMs = performance.now();
  await buildPage(root);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`${page.name}: built ${relative(repository, join(root, 'dist'))} in ${seconds} s`);
}

const { values } = parseArguments({ options: { force: { type: 'boolean', default: false } } });
for (const page of pages) {
  try {
    await main(page, values.force);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.error(process.stderr.isTTY ? message : stripVTControlCharacters(message));
    console.error(`${page.name}: the build failed; mend the above, then run \`npm run build:dashboard\``);
    process.exitCode = 1;
  }
}
