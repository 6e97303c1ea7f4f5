import { configDefaults, defineConfig } from 'vitest/config'

/** Files of tests that want modules of their own: two replace a module, one forces garbage to be collected. */
const alone = ['bin/write/late-{changes,commits}.test.ts', 'analyzer/syntax/parse.test.ts']

/** Inputs that are long, deep or many: `npm run test:large`, which takes as long as half of the other tests. */
const large = ['bin/large-inputs.test.ts', 'analyzer/workspace/bounds.test.ts']

export default defineConfig({
  test: {
    globalSetup: 'bin/build-if-old.ts',
    testTimeout: 180_000,
    // By default half of the processors stay idle.
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'small',
          include: ['{bin,analyzer,rules,reports,fixtures}/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...alone, ...large],
          // Files share what they import: to load it for each of them takes as long as the tests.
          isolate: false,
        },
      },
      { extends: true, test: { name: 'alone', include: alone } },
      { extends: true, test: { name: 'large', include: large, isolate: false } },
    ],
  },
})
