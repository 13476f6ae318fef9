import { configDefaults, defineConfig } from 'vitest/config';

// The tests of `npm test` once more, on PostgreSQL, and what needs a PostgreSQL of its own, curl, or takes long. Without
// those programs it fails: a run that skips everything would look like success.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.postgresql-test.ts', 'test/**/*.services-test.ts'],
    exclude: [...configDefaults.exclude, 'test/**/*sqlite*.test.ts'],
    globalSetup: 'test/postgresql-for-run.ts',
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
