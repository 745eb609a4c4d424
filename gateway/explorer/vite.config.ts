import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** GraphiQL with its editor and workers as files of ours: the page works where no outside host is reachable. */
export default defineConfig({
  root: import.meta.dirname,
  base: '/explorer/',
  plugins: [react()],
  worker: { format: 'es' },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    chunkSizeWarningLimit: 8_000,
    rolldownOptions: {
      // GraphiQL's files carry a directive for React's compiler, which bundling rightly drops.
      onLog: (level, log, handle) => {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log);
      },
    },
  },
  logLevel: 'warn',
});
