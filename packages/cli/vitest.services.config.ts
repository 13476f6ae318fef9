import { defineConfig } from 'vitest/config';

// What installs packages, needs PostgreSQL, or starts many processes. Without these it fails: a run that skips everything
// would look like success.
export default defineConfig({
  test: {
    include: ['test/**/*.services-test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // The processes of one test are enough for a small machine.
    fileParallelism: false,
  },
});
