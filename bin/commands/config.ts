import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { currentDirectory } from '../../analyzer/store/places.ts'
import { systemPath } from '../../analyzer/store/system-path.ts'
import { printable } from '../../reports/printable.ts'
import { type Configuration, readConfiguration } from '../config/configuration.ts'
import { keys } from '../config/keys.ts'
import { findConfiguration } from '../config/project-configuration.ts'
import { shownName } from '../config/shown-name.ts'
import { ConfigError, Exit, UsageError } from '../exit.ts'
import { overridesByFile, refuseUnknownRules } from '../rule-selection.ts'
import type { Terminal } from '../terminal.ts'

/** What `abi3lint config` can do. */
export const configActions = ['show', 'check', 'schema'] as const

/**
 * `abi3lint config`: shows what counts, says whether configurations are right, prints a JSON Schema of them.
 * @param named the file that `--config` names
 * @returns the exit code: 2 where a configuration is wrong, else 0
 */
export async function config(
  action: (typeof configActions)[number],
  files: readonly string[],
  named: string | null,
  terminal: Terminal,
): Promise<number> {
  if (action === 'check') return checkAll(files, named, terminal)
  if (action === 'show') {
    if (files.length > 1) throw new UsageError('config show takes one file')
    terminal.write(await shown(files[0] ?? null, named))
    return Exit.clean
  }
  if (files.length > 0) throw new UsageError('config schema takes no file')
  const { configSchema } = await import('../config/schema.ts')
  const { rules } = await import('../../rules/index.ts')
  const { profiles } = await import('../../rules/profiles.ts')
  terminal.write(configSchema(rules, profiles))
  return Exit.clean
}

/** Says of each configuration whether it is right. */
async function checkAll(files: readonly string[], named: string | null, terminal: Terminal): Promise<number> {
  const current = currentDirectory()
  let code: number = Exit.clean
  const given = files.map((file) => resolve(current, file))
  const read =
    given.length > 0
      ? given.map((path) => () => readConfiguration(path, dirname(path), current))
      : [async () => (await findConfiguration(['.'], named)).configuration]
  for (const [index, configurationOf] of read.entries()) {
    try {
      const configuration = await configurationOf()
      const name = configuration?.name ?? (given.length > 0 ? shownName(given[index]!, current) : 'here')
      if (configuration !== null) await refuseUnknownRules(configuration)
      terminal.write(`${printable(name)}: ${configuration === null ? 'no configuration' : 'no mistakes'}\n`)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      for (const line of error.lines) terminal.complain(`error: ${printable(line)}\n`)
      code = Exit.unusable
    }
  }
  return code
}

/** What counts, as TOML with comments that say where it comes from. */
async function shown(file: string | null, named: string | null): Promise<string> {
  if (file !== null && !existsSync(systemPath(file)))
    throw new UsageError(`${file}: there is no such file or directory`)
  const { configuration, problems } = await findConfiguration([file ?? '.'], named)
  const notes = problems.map(({ file: name, message }) => `# ${printable(`${name} ${message}`)}\n`)
  if (configuration === null) return `${notes.join('')}# There is no configuration.\n${unsaid(new Set())}`
  await refuseUnknownRules(configuration)
  const settings = settingsOf(configuration, file)
  const width = Math.min(
    60,
    settings.reduce((widest, { text }) => Math.max(widest, text.length), 0),
  )
  const names = configuration.files.toReversed().map(printable)
  const head = `# ${names[0]}${names.length > 1 ? `, which extends ${names.slice(1).join(', ')}` : ''}\n`
  const lines = settings.map(({ text, at }) => `${printable(text).padEnd(width)}  # ${printable(at)}\n`)
  return [...notes, head, ...lines, unsaid(new Set(settings.map(({ key }) => key)))].join('')
}

/** What holds by default for the keys that nothing is said of. */
function unsaid(known: ReadonlySet<string>): string {
  const others = keys.filter(({ name }) => !known.has(name) && name !== 'extends' && name !== 'overrides')
  return others.map(({ name, absent }) => `# ${name}: ${absent}\n`).join('')
}

interface Setting {
  readonly key: string
  readonly text: string
  readonly at: string
}

/** What is said, each with its place; of a file with what overrides say of it. */
function settingsOf(configuration: Configuration, file: string | null): readonly Setting[] {
  const overrides = file === null ? [] : overridesByFile(configuration)(file)
  const target = overrides.findLast(({ targets }) => targets !== null)?.targets ?? configuration.targets
  const rules = new Map([...configuration.rules, ...overrides.flatMap((each) => [...each.rules])])
  const { headers, select, ignore, exclude, includeDirectories, definitions, compileCommands } = configuration
  const current = currentDirectory()
  const one = (key: string, said: { readonly value: unknown; readonly at: string } | null): readonly Setting[] =>
    said === null ? [] : [{ key, text: `${key} = ${tomlOf(said.value)}`, at: said.at }]
  const many = (key: string, said: readonly { readonly value: string; readonly at: string }[] | null) =>
    said === null || said.length === 0 ? [] : one(key, { value: said.map(({ value }) => value), at: said[0]!.at })
  const macros = (isDefined: boolean) =>
    [...definitions].flatMap(([name, { value, at }]) =>
      (value !== null) === isDefined ? [{ value: value === null ? name : `${name}=${value}`, at }] : [],
    )
  const others = file !== null ? [] : configuration.overrides
  return [
    ...one('target', target),
    ...one('headers', headers),
    ...many('select', select),
    ...many('ignore', ignore),
    ...[...rules].map(([name, { value, at }]) => ({ key: 'rules', text: `rules.${name} = "${value}"`, at })),
    ...one('exclude', exclude),
    ...many(
      'include-directories',
      includeDirectories.map(({ value, at }) => ({ value: shownName(value, current) || '.', at })),
    ),
    ...many('define', macros(true)),
    ...many('undefine', macros(false)),
    ...one(
      'compile-commands',
      compileCommands && { value: shownName(compileCommands.value, current), at: compileCommands.at },
    ),
    ...others.flatMap(({ at, patterns, targets, rules: own }) => {
      const parts = [
        `files = ${tomlOf(patterns)}`,
        ...(targets === null ? [] : [`target = ${tomlOf(targets.value)}`]),
        ...[...own].map(([name, { value }]) => `rules.${name} = "${value}"`),
      ]
      return [{ key: 'overrides', text: `[[overrides]]: ${parts.join(', ')}`, at }]
    }),
  ]
}

/** A value as TOML has it: strings and lists of them are written as in JSON. */
const tomlOf = (value: unknown): string =>
  Array.isArray(value) ? `[${value.map((each) => JSON.stringify(each)).join(', ')}]` : JSON.stringify(value)
