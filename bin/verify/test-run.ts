import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import type { Built } from './build.ts'
import type { Interpreter } from './interpreter.ts'
import { badEnd, type Ending, type Outcome, outcomeOf, showOutcome } from './outcome.ts'
import { environment, runProcess } from './process.ts'
import { type Layout, overlay } from './project-copy.ts'

/** What the command of the tests came to; `passed` where it ended well and printed no summary that is known. */
export type TestOutcome = Outcome | 'passed'

/** What happened where a build was imported and tested. */
export interface Trial {
  /** Why extension modules cannot be imported, by their names. */
  readonly unimportable: ReadonlyMap<string, string>
  /** Null where there is no command. */
  readonly tests: TestOutcome | null
  /** How long the tests took. */
  readonly seconds: number
}

/** A build, and where the sources are that it was made of. */
export interface Subject {
  readonly built: Built
  /** A copy of the project in which nothing was built. */
  readonly sources: string
  readonly layout: Layout
  /** A directory to work in, which is made. */
  readonly to: string
}

/** How long tests may take that took no time before, in seconds; and how many times as long as before others may. */
const patience = { least: 120, factor: 10 }

/**
 * Imports each extension module of a build, and runs the tests: in a copy of the project beside whose sources lies what
 * was built, with the build first on the path.
 * @param test the command, in which `{python}` stands for the interpreter; null for none
 * @param before how long the tests took before, in seconds; null where that is not known
 */
export async function tryOut(
  python: Interpreter,
  { built, sources, layout, to }: Subject,
  test: string | null,
  before: number | null,
): Promise<Trial> {
  await cp(sources, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
  const project = join(to, layout.project)
  await overlay(built.site, project)
  const env = environment({
    PYTHONPATH: [built.site, ...(process.env.PYTHONPATH ? [process.env.PYTHONPATH] : [])].join(
      process.platform === 'win32' ? ';' : ':',
    ),
    PYTHONDONTWRITEBYTECODE: '1',
  })
  const unimportable = new Map<string, string>()
  for (const { name } of built.modules) {
    const ended = await runProcess([python.command, '-c', importing, name, built.site, to], {
      cwd: project,
      env,
      seconds: patience.least,
    })
    if (ended.code !== 0) unimportable.set(name, badEnd(ended) ?? ended.output.trim().split('\n').at(-1)!)
  }
  if (test === null) return { unimportable, tests: null, seconds: 0 }
  const started = Date.now()
  const ended = await runProcess(test.replaceAll('{python}', quoted(python.command)), {
    cwd: project,
    env,
    ...(before === null ? {} : { seconds: Math.max(patience.least, patience.factor * before) }),
  })
  const output = ended.output.replaceAll(`${to}/`, '').replaceAll(`${built.site}/`, '')
  return { unimportable, tests: testOutcome(output, unshelled(ended)), seconds: (Date.now() - started) / 1000 }
}

/** Imports a module, and complains where it is another one than that which was built. */
const importing = `import importlib, os, sys
module = importlib.import_module(sys.argv[1])
place = os.path.realpath(module.__file__)
if not any(place.startswith(os.path.realpath(each) + os.sep) for each in sys.argv[2:]):
    sys.exit('another one is imported: ' + place)`

const quoted = (word: string): string => (/^[\w./+:\\-]+$/.test(word) ? word : `"${word}"`)

/** How the command ended that a shell ran: one that a signal ended has its number and 128 as exit code. */
const unshelled = (ending: Ending): Ending =>
  ending.code !== null && ending.code > 128 && ending.code < 160
    ? { ...ending, code: null, signal: ending.code - 128 }
    : ending

/** What tests came to. @param output what they printed on stdout and stderr */
export function testOutcome(output: string, ending: Ending): TestOutcome {
  const outcome = outcomeOf(output, ending)
  if (!('broken' in outcome)) return outcome
  const isGood = ending.code === 0 && badEnd(ending) === null
  if (isGood) return 'passed'
  const last = output.trim().split('\n').at(-1)
  return last ? { broken: `${outcome.broken}: ${last}` } : outcome
}

/** An outcome in words. */
export const showTests = (outcome: TestOutcome): string => (outcome === 'passed' ? 'passed' : showOutcome(outcome))

/** What happened, in words. */
export function showTrial({ unimportable, tests }: Trial): string {
  const names = [...unimportable.keys()].map((name) => `\`${name}\``).join(', ')
  return [...(names === '' ? [] : [`${names} cannot be imported`]), tests === null ? 'imported' : showTests(tests)]
    .slice(0, tests === null && names !== '' ? 1 : 2)
    .join(', ')
}

/** Why tests can tell nothing of a change, where they come to no end or none passes; null where they can. */
export function whyUnusable({ tests }: Trial): string | null {
  if (tests === null || tests === 'passed') return null
  if ('broken' in tests) return tests.broken
  return tests.passed > 0 ? null : [showTests(tests), ...tests.failures.slice(0, mostNames)].join(', ')
}

/** Whether another run may come to something else: tests failed, and nothing crashed or was missing. */
export const mayBeChance = ({ unimportable, tests }: Trial): boolean =>
  unimportable.size === 0 && tests !== null && tests !== 'passed' && !('broken' in tests)

/** How many tests are named. */
const mostNames = 5

/**
 * What is different after a change, in words; null where nothing is.
 * @param other the Python that ran the tests before, on which other tests may be skipped; null for the same one
 */
export function differenceOf(before: Trial, after: Trial, other: string | null): string | null {
  for (const [name, why] of after.unimportable)
    if (!before.unimportable.has(name)) return `\`import ${name}\` fails: ${why}`
  const [old, now] = [before.tests, after.tests]
  if (old === null || now === null) return null
  if (old === 'passed' || now === 'passed' || 'broken' in old || 'broken' in now)
    return old === 'passed' && now === 'passed' ? null : `tests: ${showTests(now)}`
  const failed = [...new Set(now.failures)].filter((name) => !old.failures.includes(name))
  const isEqual =
    other === null
      ? showTests(old) === showTests(now) && old.failures.join('\n') === now.failures.join('\n')
      : failed.length === 0 && now.failed <= old.failed
  if (isEqual) return null
  const more = failed.length > mostNames ? [`${failed.length - mostNames} more`] : []
  const names = [...failed.slice(0, mostNames), ...more].join(', ')
  const parts = [
    `tests: ${showTests(now)}`,
    `${other === null ? 'before' : `on ${other} before`}: ${showTests(old)}`,
    ...(names === '' ? [] : [`failed now: ${names}`]),
  ]
  return parts.join('; ')
}
