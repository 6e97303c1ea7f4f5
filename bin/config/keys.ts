import { didYouMean } from '../did-you-mean.ts'
import * as kinds from './kinds.ts'
import type { TomlPath } from './toml-places.ts'

/**
 * The keys of a configuration. What checks a configuration, the JSON Schema for editors and `docs/configuration.md` are
 * all made from these lists.
 */
export interface Key {
  readonly name: string
  readonly kind: kinds.Kind
  /** What it does, in one or more sentences, as Markdown. */
  readonly summary: string
  /** A line or more of TOML. */
  readonly example: string
  /** What holds where it is left out. */
  readonly absent: string
  /** The flag that says the same; null for none. */
  readonly flag: string | null
  readonly required?: true
}

const rules: Key = {
  name: 'rules',
  kind: kinds.severities,
  summary:
    'How severe the findings of a rule are. `"off"` leaves it out; any other makes it run though it runs only on ' +
    'request, and is the severity of all its findings, those in doubt, too.',
  example: '[rules]\nprivate-name = "error"\nsingle-phase-init = "off"',
  absent: 'the rule and the finding say it',
  flag: null,
}

const target: Key = {
  name: 'target',
  kind: kinds.targets,
  summary: 'What the extension modules are built for: levels of the Limited API, `"abi3t"`.',
  example: 'target = ["3.9", "abi3t"]',
  absent: 'what the build and the sources say; `--explain-target` says what that is',
  flag: '--target',
}

/** Keys of a table of `overrides`, in the order of the page. */
export const overrideKeys: readonly Key[] = [
  {
    name: 'files',
    kind: kinds.patterns,
    summary:
      'The files that it is for: patterns as in a `.gitignore`, of names below the directory of the configuration.',
    example: 'files = ["src/_speedups/**"]',
    absent: '',
    flag: null,
    required: true,
  },
  { ...rules, example: '[overrides.rules]\nunavailable-macro = "warning"', absent: 'as everywhere' },
  {
    ...target,
    summary:
      'What the translation units that begin with these files are built for, with the headers that they include. A ' +
      'header alone has no target of its own.',
    example: 'target = "3.12"',
    absent: 'as everywhere',
  },
]

/** The keys of a configuration, in the order of the page. */
export const keys: readonly Key[] = [
  {
    name: 'extends',
    kind: kinds.pathOrPaths,
    summary:
      'Other configurations that this one goes on from, relative to the file: what is said here counts, of several ' +
      'what the last one says. `rules` are joined rule by rule, `overrides` come one after the other. Of a ' +
      '`pyproject.toml` its `[tool.abi3lint]` is taken.',
    example: 'extends = "../abi3lint.toml"',
    absent: 'nothing',
    flag: null,
  },
  target,
  {
    name: 'headers',
    kind: kinds.version,
    summary: 'The CPython whose headers the modules are compiled with.',
    example: 'headers = "3.13"',
    absent: 'all known from the level on, each on its own',
    flag: '--headers',
  },
  {
    name: 'select',
    kind: kinds.ruleNames,
    summary: 'The rules that run, by their names or by profiles: `errors`, `advice`, `all`.',
    example: 'select = ["errors", "single-phase-init"]',
    absent: 'all rules but those that run on request',
    flag: '--select',
  },
  {
    name: 'ignore',
    kind: kinds.ruleNames,
    summary: 'Rules and profiles that do not run.',
    example: 'ignore = ["advice"]',
    absent: 'none',
    flag: '--ignore',
  },
  rules,
  {
    name: 'exclude',
    kind: kinds.patterns,
    summary:
      'Files and directories that are not checked, be they named on the command line: patterns as in a `.gitignore`, ' +
      'of names below the directory of the configuration. What is checked may include them. `--no-exclude` checks ' +
      'them, too.',
    example: 'exclude = ["vendor/", "src/*_generated.c"]',
    absent: 'what git ignores',
    flag: null,
  },
  {
    name: 'include-directories',
    kind: kinds.paths,
    summary: 'Where compilers look for headers, relative to the file; after those of the command line.',
    example: 'include-directories = ["include", "vendor/spam/include"]',
    absent: 'those that the build names',
    flag: '-I',
  },
  {
    name: 'define',
    kind: kinds.macros,
    summary: 'Macros that the build defines.',
    example: 'define = ["HAVE_SPAM", "SPAM_VERSION=3"]',
    absent: 'those of the compilation database and of build files',
    flag: '-D',
  },
  {
    name: 'undefine',
    kind: kinds.macroNames,
    summary: 'Macros that the build does not define.',
    example: 'undefine = ["SPAM_DEBUG"]',
    absent: 'none',
    flag: '-U',
  },
  {
    name: 'compile-commands',
    kind: kinds.path,
    summary: 'A compilation database, relative to the file.',
    example: 'compile-commands = "out/compile_commands.json"',
    absent: '`compile_commands.json` in the current directory, in `build` or in `builddir`',
    flag: '--compile-commands',
  },
  {
    name: 'overrides',
    kind: kinds.tables(
      () => schemaOf(overrideKeys),
      (table) => faultsIn(table, overrideKeys),
    ),
    summary: 'What is different for some files. Of several that have a file the last one counts.',
    example: '[[overrides]]\nfiles = ["src/_speedups/**"]\ntarget = "3.12"',
    absent: 'nothing',
    flag: null,
  },
]

/** What is wrong with a table that may have some keys. */
export function faultsIn(table: object, known: readonly Key[]): readonly kinds.Fault[] {
  const names = known.map(({ name }) => name)
  const found = Object.entries(table).flatMap(([name, value]): readonly kinds.Fault[] => {
    const key = known.find((each) => each.name === name)
    if (key !== undefined)
      return key.kind
        .faults(value)
        .map(({ path, message }) => ({ path: [name, ...path], message: told(name, path, message) }))
    // TOML of others writes words with `_`, and flags are spelled with `--`.
    const kebab = name.replace(/^-+/, '').replaceAll('_', '-').toLowerCase()
    const meant = names.includes(kebab)
      ? `; did you mean ${kebab}?`
      : didYouMean(kebab, names) || `; known here are ${names.join(', ')}`
    return [{ path: [name], message: `unknown key \`${name}\`${meant.replace(/mean (.*)\?$/, quotedNames)}` }]
  })
  const missing = known.filter(({ name, required }) => required && !Object.hasOwn(table, name))
  return [...found, ...missing.map(({ name }) => ({ path: [], message: `the key \`${name}\` is missing here` }))]
}

const quotedNames = (_: string, names: string): string =>
  `mean ${names
    .split(', ')
    .map((each) => `\`${each}\``)
    .join(', ')}?`

/** A message that names the key, and the key within it where there is one. */
function told(name: string, path: TomlPath, message: string): string {
  const inner = path.filter((each) => typeof each === 'string')
  const isAboutKey = message.startsWith('unknown key') || message.startsWith('the key')
  return isAboutKey || message.startsWith('`') ? message : `\`${[name, ...inner].join('.')}\` ${message}`
}

/** JSON Schema of a table that may have some keys. */
export function schemaOf(known: readonly Key[]): object {
  return {
    type: 'object',
    additionalProperties: false,
    required: known.flatMap(({ name, required }) => (required ? [name] : [])),
    properties: Object.fromEntries(
      known.map(({ name, kind, summary }) => [name, { description: summary.replaceAll('`', ''), ...kind.schema }]),
    ),
  }
}
