import type { AskedShard, Diagnostic, Problem, Severity } from '../check/diagnostic.ts'
import type { Rule } from '../check/rule.ts'
import type { Cookbook } from '../fix/recipe-fix.ts'
import type { Target } from '../knowledge/target.ts'
import type { Minor } from '../knowledge/version.ts'
import type { Progress } from './store.ts'

/** What is known of a project besides its files. Everything may be left out. */
export interface Settings {
  /** Where compilers look for headers (`-I`): directories relative to the root, with `/`, `.` for the root itself. */
  readonly includeDirectories?: readonly string[]
  /** Macros that the build defines (`-D`), with the text of the value, and null for "not defined" (`-U`). */
  readonly definitions?: ReadonlyMap<string, string | null>
  /**
   * A compilation database (`compile_commands.json`), absolute or relative to the root, with `/`. Null, and left out,
   * for the one at the root, in `build` or in `builddir`, if there is one.
   */
  readonly compileCommands?: string | null
  /**
   * What the files were found by: names of files and directories, relative to the root, with `/`, `.` for the root. A
   * file that is named itself and is no C source is an error, else a warning; what sources below these directories
   * include counts as asked for whatever its name (`list.def`). Left out, the files themselves.
   */
  readonly paths?: readonly string[]
  /** What went wrong before, while the files were looked for; it is among the workspace's problems. */
  readonly problems?: readonly Problem[]
  /**
   * Names of all sources of the package that a file belongs to, whatever was asked for: they tell where a header goes
   * that all of them can use. Left out, the files themselves.
   */
  readonly sourcesAround?: (file: string) => readonly string[]
  /**
   * Names of all sources that may use what a file defines, whatever was asked for: those of its package and of packages
   * below that. Fixes in the file must be right for them, too. Left out, the files themselves.
   */
  readonly sourcesBelow?: (file: string) => readonly string[]
  /**
   * Names of sources that are compiled with a file though nobody finds them: those that git has and that a `.gitignore`
   * names. They are asked for where types are rewritten. Left out, none.
   */
  readonly hiddenSources?: (file: string) => readonly string[]
  /**
   * Names of build files that are read though nobody asks for them, as far as they are there: those of the packages
   * that the files belong to. Left out, those that the root may have.
   */
  readonly buildFiles?: readonly string[]
  /** Whether a file is not to be checked, though files that are checked may include it. Left out, none. */
  readonly isExcluded?: (file: string) => boolean
  /** Is told while facts are collected; the last call says that all are done. */
  readonly progress?: Progress
}

/** What to check for. */
export interface CheckOptions {
  /** What the extension modules are built for; left out or empty, what the project says. */
  readonly targets?: readonly Target[]
  /**
   * The CPython whose headers are assumed where the project says the target: 13 for 3.13; null, and left out, for all
   * that are known and not older than the level. Targets that are given have their own.
   */
  readonly headers?: Minor | null
  /**
   * The targets of translation units that have targets of their own, by the names of their first files; null, and left
   * out, for those that have none.
   */
  readonly targetsOf?: ((file: string) => readonly Target[] | null) | undefined
  /** The rules to run; left out, all. */
  readonly rules?: readonly Rule[]
  /**
   * How severe the findings of a rule are in a file: `off` for none, null, and left out, for what the rule says.
   */
  readonly severityOf?: ((rule: string, file: string) => Severity | 'off' | null) | undefined
  /** True to tell what comments suppress, too, and nothing of these. */
  readonly ignoreSuppressions?: boolean
  /** Whether to find out the `details` of diagnostics, too. */
  readonly details?: boolean
  /**
   * The part of the run to tell of; null, and left out, for all. Everything is read and looked at for each part, since
   * what a file means hangs on others. Problems are told with each.
   */
  readonly shard?: AskedShard | null
}

/** Which fixes to make. */
export interface FixOptions extends CheckOptions {
  /** Make those too that may change what the code does. */
  readonly unsafe?: boolean
  /**
   * The findings, of those in the sources as they are, whose fixes are made, or that are suppressed; left out, all.
   * What is found in the sources with these changes is left as it is, then.
   */
  readonly only?: ((found: Diagnostic) => boolean) | undefined
  /**
   * Says why a file may not be changed, as the rest of a sentence that begins with its name, and null where it may.
   * Files that a program made, and those that were not asked for, are not changed anyway.
   */
  readonly locked?: (file: string) => string | null
  /** The recipes to use, best first by the name that they are for; left out, all. */
  readonly recipes?: Cookbook['recipes']
  /**
   * How the functions of modules that are rewritten come by their state: they look for it, which is what is done where
   * this is left out, or macros of `pep_state.h` make functions that do.
   */
  readonly moduleStyle?: Cookbook['moduleStyle']
  /**
   * True for modules that are rewritten for abi3t to have no `PyInit_` function any more: CPython knows export hooks
   * from 3.15 on.
   */
  readonly exportHooksOnly?: Cookbook['exportHooksOnly']
  /** False to leave the shims to the caller: they are neither defined nor included. */
  readonly shimHeader?: boolean
}

/** The options of a survey of all targets. */
export type TargetsOptions = Pick<CheckOptions, 'headers' | 'rules'>
