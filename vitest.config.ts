import { defineConfig } from 'vitest/config';

/** Patience is for machines that are shared and slow; nothing is measured by these times. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
  },
});
