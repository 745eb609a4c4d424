import { openSqliteEngines } from '../sqlite/open-engines.ts';
import { testDirectory } from '../sqlite/testing.ts';
import { graphStoreConformance } from './conformance.ts';

graphStoreConformance('SQLite', async () => {
  const directory = await testDirectory();
  return {
    open: () => Promise.resolve(openSqliteEngines({ directory: directory.path })),
    dispose: () => directory.remove(),
  };
});
