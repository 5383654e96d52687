import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// The page is served below /console/ under a strict policy: no inline script, nothing from another host, fonts and images as files.
export default defineConfig({
  base: '/console/',
  plugins: [react()],
  build: {
    outDir: 'dist',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    chunkSizeWarningLimit: 1200,
    rollupOptions: {
      output: {
        manualChunks(id) {
          if (id.includes('node_modules/@xterm/')) return 'terminal';
          if (/node_modules\/(react|react-dom|scheduler)\//.test(id)) return 'react';
          if (id.includes('node_modules/')) return 'cloudscape';
          return undefined;
        },
      },
    },
  },
});
