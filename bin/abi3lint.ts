import { existsSync } from 'node:fs'
import { Argument, Command, CommanderError, Option } from 'commander'
import { similar } from '../analyzer/knowledge/similar.ts'
import { type ModuleStyle, type RewriteName, rewriteNames } from '../analyzer/workspace/rewrite-names.ts'
import { version } from '../analyzer/workspace/version.ts'
import type { AuditFormat } from '../reports/audit.ts'
import { printable, printableLines } from '../reports/printable.ts'
import { lacksAddresses, startWithFewAddresses } from './addresses.ts'
import { baselineName } from './baseline-file.ts'
import { type CacheFlags, cacheFlags, cacheFrom } from './cache.ts'
import type { BaselineAction } from './commands/baseline.ts'
import type { NewFlags } from './commands/new.ts'
import { type Shell, shells } from './completions/scripts.ts'
import { addConfigCommands } from './config-commands.ts'
import { ConfigError, Exit, UsageError } from './exit.ts'
import { collectOutputs, formatsHelp, jobSummaryFor, outputsFrom } from './output-flags.ts'
import { append, type ProjectFlags, projectFlags, projectFrom } from './project-flags.ts'
import { addReportCommand } from './report-flags.ts'
import { addServerCommand } from './server-command.ts'
import { shardFrom } from './shard-flags.ts'
import { withOwnReason, workFrom } from './suppression-flags.ts'
import {
  collect,
  headersFrom,
  headersOption,
  levelToPort,
  targetFrom,
  targetOption,
  targetsFrom,
  targetsOfFiles,
  withHeaders,
} from './target-flags.ts'
import { type ColorChoice, openTerminal, survivePipes, type Terminal } from './terminal.ts'
import { verifyFrom } from './verify-flags.ts'

/** What commander says of a mistake, which repeats arguments: one line, and one for what was perhaps meant. */
function complaint(text: string): string {
  const [, first, meant] = /^([\s\S]*?)(\n\(Did you mean [^\n]*\))?\n?$/.exec(text)!
  return `${printable(first!)}\n${meant === undefined ? '' : `${printable(meant.slice(1))}\n`}`
}

const program = new Command('abi3lint')
  .description('says what keeps a CPython extension module from the Limited API and the stable ABI')
  .version(version)
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(complaint(text)) })
  .showHelpAfterError('(see abi3lint --help)')
  .addOption(new Option('--color <when>', 'colour the output').choices(['auto', 'always', 'never']).default('auto'))

interface TargetsFlags extends ProjectFlags, CacheFlags {
  readonly headers?: string
  readonly outputFormat: 'full' | 'json'
}

interface ModuleFlags extends Omit<TargetsFlags, keyof CacheFlags> {
  readonly target?: string
}

interface CapiFlags extends ProjectFlags {
  readonly lock: string
  readonly target?: string
}

interface PortFlags extends RewriteFlags {
  readonly commits: boolean
  readonly verify: boolean
  readonly test?: string
  readonly python: readonly string[]
}

type RewriteFlags = ProjectFlags & Pick<CheckFlags, 'target' | 'headers' | 'diff' | 'allowDirty'>

interface CheckFlags extends ProjectFlags, CacheFlags {
  readonly target: readonly string[]
  readonly headers?: string
  readonly select: readonly string[]
  readonly ignore: readonly string[]
  readonly defaultSelect: readonly string[]
  readonly shard?: string
  readonly outputFormat: readonly string[]
  readonly group: boolean
  readonly exitZero: boolean
  readonly explainTarget: boolean
  readonly addSuppressions?: string | true
  readonly ignoreSuppressions: boolean
  readonly exitNonZeroOnFix: boolean
  readonly fix: boolean
  readonly unsafeFixes: boolean
  readonly diff: boolean
  readonly allowDirty: boolean
  /** False with `--no-baseline`. */
  readonly baseline?: string | false
  readonly baselineStrict: boolean
  readonly diffBase?: string
  readonly staged: boolean
}

interface BaselineFlags extends ProjectFlags, Pick<CheckFlags, 'target' | 'headers' | 'select' | 'ignore'> {
  readonly baseline?: string
  readonly acceptNew: boolean
  readonly outputFormat: 'full' | 'json'
}

cacheFlags(
  projectFlags(
    program
      .command('check', { isDefault: true })
      .description('check C and C++ files, and directories of them (default: the current directory)')
      .argument('[paths...]')
      .addOption(targetOption())
      .addOption(headersOption())
      .option('--select <rules>', 'run only these rules, or profiles of them: errors, advice, all', collect, [])
      .option('--ignore <rules>', 'do not run these rules or profiles', collect, [])
      .option('--default-select <rules>', 'as --select, where neither that nor the configuration says', collect, [])
      .option(
        '-f, --output-format <format[=path]>',
        'the report (default: full), see below; several by repeating, all but one with a path',
        collectOutputs,
        [],
      )
      .option('--explain-target', 'say what is checked for and who says so, and check nothing', false)
      .option('--add-suppressions [=reason]', 'write comments that suppress what is found: a start on old code')
      .option('--ignore-suppressions', 'tell what comments suppress, too', false)
      .option('--no-group', 'full: show each finding whole, though it repeats others of its file')
      .option('--exit-zero', 'exit with 0 even if there are findings', false)
      .option('--exit-non-zero-on-fix', 'exit with 1 if --fix changed a file, even if nothing is left', false)
      .option('--fix', 'make the safe fixes, then check what is left', false)
      .option('--unsafe-fixes', 'make the unsafe fixes, too', false)
      .option('--diff', 'show what the fixes would change and change nothing', false)
      .option('--allow-dirty', 'change files that have changes which git could not bring back', false)
      .option('--baseline <file>', `findings that are known (default: the nearest ${baselineName})`)
      .option('--no-baseline', 'tell of known findings, too')
      .option('--baseline-strict', 'exit with 1 where findings that are known are there no more', false)
      .option('--diff-base <commit>', 'tell of what was not found where this and the current commit parted')
      .option('--staged', "check the files as they are in git's index", false)
      .option('--shard <i/n>', 'tell of one of n parts, for `report merge`, which gives the verdict: --shard 2/4')
      .addHelpText('after', formatsHelp),
  ),
).action(async (paths: string[], flags: CheckFlags) => {
  if (program.args[0] !== 'check') refuseMisspelt(paths[0])
  if (flags.exitNonZeroOnFix && !flags.fix) throw new UsageError('--exit-non-zero-on-fix is for --fix')
  const project = await projectFrom(paths, flags)
  const targets = targetsFrom(flags, project.configuration)
  const headers = headersFrom(flags, project.configuration)
  const terminal = openTerminal(program.opts<{ color: ColorChoice }>().color, flags.quiet)
  const outputs = outputsFrom(flags.outputFormat)
  if (flags.explainTarget) {
    const { explainTarget } = await import('./commands/explain-target.ts')
    process.exitCode = await explainTarget({ ...project, flags: flags.target, targets, headers }, terminal)
    return
  }
  const { check } = await import('./commands/check.ts')
  process.exitCode = await check(
    {
      ...project,
      targets,
      targetsOf: targetsOfFiles(flags, project.configuration),
      headers,
      quiet: flags.quiet,
      work: workFrom(flags),
      ignoreSuppressions: flags.ignoreSuppressions,
      outputs,
      isGrouped: flags.group,
      jobSummary: jobSummaryFor(flags.outputFormat),
      exitZero: flags.exitZero,
      exitNonZeroOnFix: flags.exitNonZeroOnFix,
      diff: flags.diff,
      allowDirty: flags.allowDirty,
      cache: cacheFrom(flags),
      baseline: {
        file: flags.baseline || null,
        isOff: flags.baseline === false,
        isStrict: flags.baselineStrict,
      },
      diffBase: flags.diffBase ?? null,
      shard: shardFrom(flags, outputs),
    },
    terminal,
  )
})

projectFlags(
  program
    .command('baseline')
    .description(
      'create: write down what is found now, so that checks tell of what is new alone; update: take out what is ' +
        'gone, and tell of what is new; prune: take out what is gone; status: what is left (default: the current ' +
        'directory)',
    )
    .addArgument(new Argument('<action>', 'what to do').choices(['create', 'update', 'prune', 'status']))
    .argument('[paths...]')
    .addOption(targetOption())
    .addOption(headersOption())
    .option('--select <rules>', 'only what these rules find, or profiles of them: errors, advice, all', collect, [])
    .option('--ignore <rules>', 'not what these rules or profiles find', collect, [])
    .option('--baseline <file>', `the file (default: the nearest ${baselineName})`)
    .option('--accept-new', 'update: what is new is known from now on', false)
    .addOption(
      new Option('-f, --output-format <format>', 'status: how to show it').choices(['full', 'json']).default('full'),
    ),
).action(async (action: BaselineAction, paths: string[], flags: BaselineFlags) => {
  const { baseline } = await import('./commands/baseline.ts')
  const project = await projectFrom(paths, flags)
  process.exitCode = await baseline(
    {
      ...project,
      action,
      targets: targetsFrom(flags, project.configuration),
      targetsOf: targetsOfFiles(flags, project.configuration),
      headers: headersFrom(flags, project.configuration),
      select: flags.select,
      ignore: flags.ignore,
      file: flags.baseline ?? null,
      acceptsNew: flags.acceptNew,
      format: flags.outputFormat,
    },
    openTerminal(program.opts<{ color: ColorChoice }>().color, flags.quiet),
  )
})

projectFlags(
  program
    .command('rewrite')
    .description(
      'rewrite static types to heap types, with `PyType_FromSpec`, in all files at once: abi3lint rewrite types; ' +
        'or modules, to be made in several phases and keep a state of their own: abi3lint rewrite module; ' +
        'or put tables with a version beside those that capsules hand out: abi3lint rewrite capsule; ' +
        'or structs of instances, and how modules are exported, for abi3t: abi3lint rewrite abi3t',
    )
    .addArgument(new Argument('<what>', 'what to rewrite').choices(rewriteNames))
    .argument('[paths...]')
    .addOption(targetOption())
    .addOption(headersOption())
    .addOption(
      new Option('--style <style>', 'module: who finds the state')
        .choices(['functions', 'macros'])
        .default('functions'),
    )
    .option('--only', 'abi3t: export hooks in place of PyInit_ functions, for 3.15 and later', false)
    .option('--diff', 'show what would change and change nothing', false)
    .option('--allow-dirty', 'change files that have changes which git could not bring back', false),
).action(async (what: RewriteName, paths: string[], flags: RewriteFlags & { style: ModuleStyle; only: boolean }) => {
  const { check } = await import('./commands/check.ts')
  const project = await projectFrom(paths, flags)
  const aimed = what === 'abi3t' && flags.target.length === 0 ? { ...flags, target: ['abi3t'] } : flags
  process.exitCode = await check(
    {
      ...project,
      targets: targetsFrom(aimed, project.configuration),
      targetsOf: targetsOfFiles(aimed, project.configuration),
      headers: headersFrom(aimed, project.configuration),
      quiet: flags.quiet,
      work: { kind: 'rewrite', what, style: flags.style, exportHooksOnly: flags.only },
      ignoreSuppressions: false,
      outputs: [{ format: 'full', path: null }],
      isGrouped: false,
      jobSummary: null,
      exitZero: false,
      exitNonZeroOnFix: false,
      diff: flags.diff,
      allowDirty: flags.allowDirty,
      cache: { directory: null, isOff: true },
      baseline: { file: null, isOff: true, isStrict: false },
      diffBase: null,
      shard: null,
    },
    openTerminal(program.opts<{ color: ColorChoice }>().color, flags.quiet),
  )
})

projectFlags(
  program
    .command('port')
    .description('do all that leads to one binary for the stable ABI: fixes, heap types, build files; say what is left')
    .argument('[paths...]')
    .option('-t, --target <version>', '3.2 ... 3.15 (default: what the project says)', collect, [])
    .option('--headers <version>', 'the CPython whose headers are assumed (default: all known from the level on)')
    .option('--commits', 'commit each step', false)
    .option('--verify', 'build before and after with pip, and take back the steps with which that differs', false)
    .option('--test <command>', 'run this before and after, too; {python} in it stands for the interpreter')
    .option('--python <command>', 'the Python that builds, and more to test with by repeating', append, [])
    .option('--diff', 'show what would change and change nothing', false)
    .option('--allow-dirty', 'change files that have changes which git could not bring back', false),
).action(async (paths: string[], flags: PortFlags) => {
  const project = await projectFrom(paths, flags)
  const headers = headersFrom(flags, project.configuration)
  const level = levelToPort(flags, project.configuration)
  const { port } = await import('./commands/port.ts')
  process.exitCode = await port(
    {
      ...project,
      targets: withHeaders(level, headers),
      headers,
      quiet: flags.quiet,
      commits: flags.commits,
      verify: verifyFrom(flags),
      diff: flags.diff,
      allowDirty: flags.allowDirty,
    },
    openTerminal(program.opts<{ color: ColorChoice }>().color, flags.quiet),
  )
})

cacheFlags(
  projectFlags(
    program
      .command('targets')
      .description(
        'what keeps C and C++ files from each level of the Limited API, and from abi3t (default: the current ' +
          'directory)',
      )
      .argument('[paths...]')
      .option('--headers <version>', 'the CPython whose headers are assumed (default: the newest known)')
      .addOption(
        new Option('-f, --output-format <format>', 'how to show it').choices(['full', 'json']).default('full'),
      ),
  ),
).action(async (paths: string[], flags: TargetsFlags) => {
  const { targets } = await import('./commands/targets.ts')
  const project = await projectFrom(paths, flags)
  process.exitCode = await targets(
    {
      ...project,
      headers: headersFrom(flags, project.configuration),
      format: flags.outputFormat,
      cache: cacheFrom(flags),
    },
    openTerminal(program.opts<{ color: ColorChoice }>().color, flags.quiet),
  )
})

projectFlags(
  program
    .command('module')
    .description(
      'how extension modules are initialised, and what they keep for the whole process (default: the current ' +
        'directory)',
    )
    .argument('[paths...]')
    .option('-t, --target <version>', '3.2 ... 3.15 or abi3t (default: what the project says)')
    .option('--headers <version>', 'the CPython whose headers are assumed (default: the newest known)')
    .addOption(new Option('-f, --output-format <format>', 'how to show it').choices(['full', 'json']).default('full')),
).action(async (paths: string[], flags: ModuleFlags) => {
  const { module } = await import('./commands/module.ts')
  const project = await projectFrom(paths, flags)
  const [target = null] = targetsFrom({ ...flags, target: flags.target ? [flags.target] : [] }, project.configuration)
  process.exitCode = await module(
    { ...project, target, format: flags.outputFormat },
    openTerminal(program.opts<{ color: ColorChoice }>().color, flags.quiet),
  )
})

projectFlags(
  program
    .command('capi')
    .description(
      'lock: write down the tables that capsules hand out to other modules; check: whether they only grew since ' +
        '(default: the current directory)',
    )
    .addArgument(new Argument('<action>', 'what to do').choices(['lock', 'check']))
    .argument('[paths...]')
    .option('--lock <file>', 'the file with what was published', 'capi.lock.json')
    .option('-t, --target <version>', '3.2 ... 3.15 or abi3t (default: what the project says)'),
).action(async (action: 'lock' | 'check', paths: string[], flags: CapiFlags) => {
  const { capi } = await import('./commands/capi.ts')
  const project = await projectFrom(paths, flags)
  const [target = null] = targetsFrom({ target: flags.target ? [flags.target] : [] }, project.configuration)
  process.exitCode = await capi(
    { ...project, action, lock: flags.lock, target },
    openTerminal(program.opts<{ color: ColorChoice }>().color, flags.quiet),
  )
})

addServerCommand(program)

program
  .command('explain')
  .description('what is known of a rule, a C API name or a field: abi3lint explain PyTypeObject.tp_free')
  .argument('<name>')
  .action(async (name: string) => {
    const { explanationOf, pageOn } = await import('./commands/explain.ts')
    const terminal = plainTerminal()
    terminal.write(pageOn(terminal.look, await explanationOf(name)))
  })

program
  .command('audit')
  .description('check built extension modules and wheels: .so, .pyd, .dylib, .whl, and directories of them')
  .argument('<paths...>')
  .option('-t, --target <version>', '3.2 ... 3.15 or abi3t (default: the tag of the wheel, else the name of the file)')
  .addOption(
    new Option('-f, --output-format <format>', 'the report').choices(['full', 'concise', 'json']).default('full'),
  )
  .action(async (paths: string[], flags: { readonly target?: string; readonly outputFormat: AuditFormat }) => {
    const target = flags.target === undefined ? null : targetFrom(flags.target)
    const { audit } = await import('./commands/audit.ts')
    process.exitCode = await audit({ paths, target, format: flags.outputFormat }, plainTerminal())
  })

program
  .command('shims')
  .description(
    'list the Pep* shims for what the Limited API lacks, or write a C header with some: abi3lint shims PyRun_String',
  )
  .argument('[names...]')
  .option('-o, --output <file>', 'write the header there (default: stdout)')
  .option('-t, --target <version>', '3.2 ... 3.15 or abi3t: the lowest level that the header is for', '3.9')
  .action(async (names: string[], flags: { readonly output?: string; readonly target: string }) => {
    const { level } = targetFrom(flags.target)
    const { shims } = await import('./commands/shims.ts')
    process.exitCode = await shims({ names, level, output: flags.output ?? null }, plainTerminal())
  })

program
  .command('new')
  .description(
    'write C headers that belong to you: the table of functions that a module offers to others (abi3lint new ' +
      'native-interface pkg.spam), or macros for functions that get the state of their module (abi3lint new pep-state)',
  )
  .addArgument(new Argument('<what>', 'what to write').choices(['native-interface', 'pep-state']))
  .argument('[name]', 'native-interface: the module that offers it, as Python imports it')
  .option('-o, --output <directory>', 'write them there', '.')
  .option('--objects', 'native-interface: let single objects have tables, too', false)
  .action(async (what: string, module: string | undefined, flags: NewFlags) => {
    const { writeNew } = await import('./commands/new.ts')
    process.exitCode = await writeNew(what, module, flags, plainTerminal())
  })

program
  .command('clean')
  .description('delete what earlier runs have kept to be faster (default: .abi3lint_cache in the repository)')
  .addOption(new Option('--cache-dir <directory>', 'where they kept it').env('ABI3LINT_CACHE_DIR'))
  .action(async ({ cacheDir }: Pick<CacheFlags, 'cacheDir'>) => {
    const { clean } = await import('./commands/clean.ts')
    process.exitCode = clean({ directory: cacheDir || null, isOff: false }, plainTerminal())
  })

addReportCommand(program, (isQuiet) => openTerminal(program.opts<{ color: ColorChoice }>().color, isQuiet))

addConfigCommands(program, () => plainTerminal())

program
  .command('rules')
  .description('list the rules')
  .action(async () => {
    const { rulesList } = await import('../rules/profiles.ts')
    process.stdout.write(rulesList())
  })

program
  .command('completions')
  .description(
    'print what makes a shell complete commands, options, rules and names: eval "$(abi3lint completions bash)"',
  )
  .addArgument(new Argument('<shell>', 'which shell').choices(shells))
  .argument('[words...]', 'of a command line, whose last word is completed: for the scripts')
  .action(async (shell: Shell, words: string[]) => {
    const { completions } = await import('./commands/completions.ts')
    process.stdout.write(await completions(program, shell, words))
  })

/** The terminal, for commands that have no `--quiet`. */
const plainTerminal = (): Terminal => openTerminal(program.opts<{ color: ColorChoice }>().color, false)

/** Without a command the first word is a path. @throws UsageError where it is none, and like a command */
function refuseMisspelt(word: string | undefined): void {
  if (word === undefined || !/^[a-z]+$/.test(word) || existsSync(word)) return
  const [near] = similar(
    word,
    program.commands.map((command) => command.name()),
  )
  if (near !== undefined) throw new UsageError(`${word} is neither a command nor a path; did you mean ${near}?`)
}

/** Does what the command line says, and sets the exit code. */
export async function run(): Promise<void> {
  survivePipes((stream, error) => {
    if (stream !== 'stderr') process.stderr.write(`error: ${stream} cannot be written: ${error.message}\n`)
    process.exitCode = Exit.unusable
  })
  try {
    await program.parseAsync(withOwnReason(process.argv))
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? Exit.clean : Exit.unusable
    } else if (error instanceof ConfigError) {
      for (const line of error.lines) process.stderr.write(`error: ${printable(line)}\n`)
      process.exitCode = Exit.unusable
    } else if (error instanceof UsageError) {
      process.stderr.write(`error: ${printable(error.message)}\n`)
      process.exitCode = Exit.unusable
    } else if (lacksAddresses(error)) {
      process.exitCode = startWithFewAddresses()
    } else {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
      process.stderr.write(`${printableLines(`internal error: ${text}`)}\n`)
      process.exitCode = Exit.internal
    }
  }
}
