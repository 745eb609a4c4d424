import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The page is served by the gateway at `/`, with everything it needs: no outside host. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2023', assetsInlineLimit: 0 },
  server: { proxy: { '/graphql': { target: 'http://localhost:4000', ws: true } } },
  logLevel: 'warn',
});
