import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    testTimeout: 30_000,
    // The program and the servers it is tested with are large: they are loaded once for all files of a worker.
    isolate: false,
    // Much of the time is spent waiting for processes.
    maxWorkers: 3,
  },
});
