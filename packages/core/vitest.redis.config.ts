import { defineConfig } from 'vitest/config';

// What needs a `redis-server` on the PATH. Without one it fails: a run that skips everything would look like success.
export default defineConfig({
  test: {
    include: ['test/**/*.redis-test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // The processes of one test are enough for a small machine.
    fileParallelism: false,
  },
});
