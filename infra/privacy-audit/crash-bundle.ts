/** `node infra/privacy-audit/crash-bundle.ts FILE` writes the crash suite's worker as one file, with a way to die after each step: a process that lives for a fifth of a second should not spend half of one on loading. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';
import { changed } from './changed-source.ts';
import { crashEdits } from './crash-edits.ts';

const require = createRequire(import.meta.url);
const repository = resolve(import.meta.dirname, '..', '..');
/** Native: they load their libraries from where they are installed. */
const native = /^(better-sqlite3|chdb)(\/|$)/;

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('a FILE is needed');
await build({
  root: repository,
  configFile: false,
  logLevel: 'error',
  build: {
    ssr: 'infra/privacy-audit/crash-worker.ts',
    outDir: dirname(file),
    rolldownOptions: { output: { entryFileNames: basename(file), codeSplitting: false } },
  },
  ssr: { noExternal: true },
  plugins: [
    {
      name: 'crash-points',
      enforce: 'pre',
      resolveId: (id) => (native.test(id) ? { id: pathToFileURL(require.resolve(id)).href, external: true } : null),
      load(id) {
        if (!id.startsWith(repository) || !id.endsWith('.ts') || id.includes('node_modules')) return null;
        const edits = crashEdits.filter(({ file }) => join(repository, file) === id);
        const source = edits.reduce(
          (text, { file, after, name }) =>
            changed(text, { file, find: after, replace: `${after}\nglobalThis.vcosCrashPoint('${name}');` }),
          readFileSync(id, 'utf8'),
        );
        return source
          .replaceAll('import.meta.dirname', JSON.stringify(dirname(id)))
          .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href));
      },
    },
  ],
});
