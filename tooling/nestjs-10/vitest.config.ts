import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

// The package and its tests, where every import of NestJS is the one that is installed here.
export default defineConfig({
  root: path('../../packages/nestjs'),
  resolve: {
    alias: [
      { find: /^@mcp-m2m\/nestjs$/, replacement: path('../../packages/nestjs/src/index.ts') },
      { find: /^@nestjs\/([a-z-]+)$/, replacement: path('node_modules/@nestjs/$1/index.js') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts', path('test/*.test.ts')],
    // What they show is built for newer lines of NestJS.
    exclude: ['test/mcp-nest.test.ts', 'test/readme-example.test.ts'],
  },
});
