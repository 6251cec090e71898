import { defineConfig } from 'vitest/config';

/**
 * Patience is for machines that are shared and slow; nothing is measured by these times. In CI a test that failed is tried
 * again, since one that waits for another process may be overtaken there; vitest says which were.
 */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    retry: process.env['CI'] === 'true' ? 2 : 0,
    expect: { poll: { timeout: 20_000 } },
  },
});
