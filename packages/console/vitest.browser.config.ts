import { defineConfig } from 'vitest/config';

const common = {
  include: ['test/e2e/**/*.browser-test.ts'],
  testTimeout: 120_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 15_000 } },
};

// What needs Chromium: every flow on SQLite, and once more on PostgreSQL. Without them it fails: a run that skips
// everything would look like success.
export default defineConfig({
  root: import.meta.dirname,
  test: {
    maxWorkers: 2,
    // The SDK warns of the names of tools that the tests choose on purpose.
    onConsoleLog: (log) => !/Tool name|Tool registration|Consider updating|See SEP/.test(log),
    projects: [
      { test: { ...common, name: 'sqlite' } },
      {
        test: {
          ...common,
          name: 'postgresql',
          globalSetup: 'test/e2e/postgresql-for-run.ts',
          // How it looks does not depend on the database.
          exclude: ['test/e2e/appearance.browser-test.ts'],
        },
      },
    ],
  },
});
