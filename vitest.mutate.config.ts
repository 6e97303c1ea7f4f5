import { defineConfig } from 'vitest/config'

/**
 * The tests that mutants are tried on. Those in `bin` start the built program, which no mutant is in; others read the
 * sources as text, or feed random or generated input to everything for seconds and ask only that nothing is thrown or
 * found.
 */
export default defineConfig({
  test: {
    include: ['{analyzer,rules,reports,fixtures}/**/*.test.ts'],
    exclude: [
      'analyzer/{style,rooms}.test.ts',
      'analyzer/project/faults.test.ts',
      'analyzer/syntax/parse.test.ts',
      'fixtures/{bench,new-rule}/**',
      'rules/shims/shims.test.ts',
    ],
    // Files of tests share what they import: for each mutant only the tests are run anew.
    isolate: false,
    setupFiles: ['fixtures/fewer-runs.ts'],
    testTimeout: 30_000,
  },
})
