import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{bin,analyzer,rules,reports,fixtures}/**/*.test.ts'],
    globalSetup: 'bin/build-if-old.ts',
    testTimeout: 180_000,
  },
})
