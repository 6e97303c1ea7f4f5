/** How `npm run mutate` changes the program; it says which files (fixtures/mutate.ts). */
export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  // Each mutant runs the tests that reach it, of the test files that import the mutated ones.
  vitest: { configFile: 'vitest.mutate.config.ts', related: true },
  coverageAnalysis: 'perTest',
  // A machine that does other work as well shall not take a slow test for one that a mutant keeps from ending.
  timeoutMS: 15_000,
  // TypeScript 7 cannot be imported by the step that would rewrite the paths in tsconfig.json.
  tsconfigFile: 'none',
  ignorePatterns: ['.cache', 'dist', '*.tgz'],
  tempDirName: '.cache/mutate',
  reporters: ['clear-text', 'progress-append-only', 'html', 'json'],
  clearTextReporter: { logTests: false, reportTests: false, allowEmojis: false },
  htmlReporter: { fileName: '.cache/mutants.html' },
  jsonReporter: { fileName: '.cache/mutants.json' },
}
