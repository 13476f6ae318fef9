import { defineConfig } from 'vitest/config';

// Installs the packages from their tarballs and counts, in commands and seconds: by hand, as it depends on the registry.
export default defineConfig({
  test: { include: ['test/**/*.measurement.ts'], testTimeout: 300_000, hookTimeout: 300_000 },
});
