import { shellWords } from '../compile-commands.ts'

/** What `.bazelrc` says of every build. */
export interface BazelOptions {
  /** Options of the compiler. */
  readonly copts: readonly string[]
  /** `--define name=value` */
  readonly defines: ReadonlyMap<string, string>
  /** Flags of rules by their labels: `--//spam:limited=true`, `--@nanobind_bazel//:py-limited-api=cp312`. */
  readonly flags: ReadonlyMap<string, string>
}

export const noOptions: BazelOptions = { copts: [], defines: new Map(), flags: new Map() }

/**
 * Reads a `.bazelrc` for Linux: what its lines for all builds say, and the configurations that they choose. What it
 * imports is not read. Source: bazel.build/run/bazelrc
 */
export function readOptions(text: string): BazelOptions {
  const lines = new Map<string, string[]>()
  for (const line of text.replaceAll(/\\\r?\n/g, ' ').split(/\r?\n/)) {
    const [command, ...words] = shellWords(line, true)
    const [, configuration = ''] = /^(?:build|common|always)(?::(\S+))?$/.exec(command ?? '') ?? [null, null]
    if (configuration === null) continue
    lines.set(configuration, [...(lines.get(configuration) ?? []), ...words])
  }
  const options = { copts: [] as string[], defines: new Map<string, string>(), flags: new Map<string, string>() }
  const chosen = new Set([
    '',
    ...((lines.get('') ?? []).includes('--enable_platform_specific_config') ? ['linux'] : []),
  ])
  // Those that are found on the way are read, too.
  for (const configuration of chosen)
    for (const [name, value] of optionsOf(lines.get(configuration) ?? [])) {
      if (/^(?:copt|conlyopt|cxxopt)$/.test(name)) options.copts.push(value)
      else if (name === 'config') chosen.add(value)
      else if (name === 'define') options.defines.set(value.replace(/=.*/, ''), value.replace(/^[^=]*=?/, ''))
      else if (name.includes('//'))
        options.flags.set(name.replace(/^no(?=[@/])/, ''), /^no[@/]/.test(name) ? 'false' : value)
    }
  return options
}

/** Options with values that stand in the same word, or in the next one, as that of a few may. */
function optionsOf(words: readonly string[]): (readonly [name: string, value: string])[] {
  return words.flatMap((word, at) => {
    const [, name, value] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? []
    if (name === undefined) return []
    const takesNext = /^(?:copt|conlyopt|cxxopt|define|config)$/.test(name)
    return [[name, value ?? (takesNext ? (words[at + 1] ?? '') : 'true')] as const]
  })
}
