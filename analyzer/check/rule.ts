import type { BuildFile } from '../build/build-file.ts'
import type { Fix } from '../fix/fix.ts'
import type { UsePlace } from '../fix/recipe-fix.ts'
import type { Target } from '../knowledge/target.ts'
import type { Minor } from '../knowledge/version.ts'
import type { ProjectModel } from '../project/model.ts'
import type { RewrittenForAbi3t } from '../rewrite/abi3t/project-plan.ts'
import type { RewrittenTable } from '../rewrite/capsules/project-plan.ts'
import type { HeapTypePlan } from '../rewrite/heap-types/project-plan.ts'
import type { RewrittenModule } from '../rewrite/modules/project-plan.ts'
import type { LiveUse } from '../semantics/availability.ts'
import type { CapsuleTable } from '../semantics/capsule-tables.ts'
import type { FileId } from '../source/text.ts'
import type { Effect, Severity } from './diagnostic.ts'
import type { SuppressionContext } from './suppression-use.ts'

/**
 * A rule is a value: it sees facts and the linked project, never a tree, never a file, never another rule, and returns
 * findings. Its texts are the rule's page; its examples are its tests.
 */
export interface Rule {
  /** Named for the pattern, in kebab-case, so that it reads well after "ignore". */
  readonly name: string
  /** One line without full stop. */
  readonly summary: string
  /** Why it matters and what to do, as Markdown with C in backquotes. */
  readonly explanation: string
  /** Of its findings, where they do not say otherwise. */
  readonly severity: Severity
  readonly effect: Effect
  /** It gives so much advice that it runs only where it is asked for, by its name or by a profile. */
  readonly onRequest?: true
  /**
   * Its findings are of a file, whatever stands where they are shown, such as the first use of a name: a baseline knows
   * them by their symbols alone.
   */
  readonly isOfFile?: true
  /** Made when somebody asks, by `examplesOf`: a check needs none. */
  readonly examples: () => readonly Example[]
  check(context: CheckContext): Iterable<Finding>
  /** Of rules on suppressions, which find nothing else: what they say of them once all other rules ran. */
  readonly ofSuppressions?: (context: SuppressionContext) => Iterable<Finding>
}

/**
 * A piece of source and whether the rule objects. A bad one gives exactly one diagnostic of the rule: the one that it
 * `reports`.
 */
export interface Example {
  readonly kind: 'good' | 'bad'
  /** The target; level and headers as `Target` has them: `3.12`, `abi3t`. */
  readonly target: string
  /** Headers, where not the newest. */
  readonly headers?: string
  /** C without `#include <Python.h>`, which is put in front unless it is in the text; or the text of a build file. */
  readonly code: string
  /** Names of other rules that run with it, of which nothing is told: those that suppressions name. */
  readonly beside?: readonly string[]
  /** The file's name, where it is not a C file: `setup.py`. */
  readonly file?: string
  /** The text of a `setup.py` beside it, where the rule looks at both. */
  readonly setup?: string
  /** Of a bad one, always. `npm run examples -- <rule>` prints it. */
  readonly reports?: Reported
  /**
   * Where a compiler cannot be asked: it accepts a bad one, or the example is not C. `full`: it accepts it, and without
   * the Limited API alone, as of static types.
   */
  readonly compiler?: 'silent' | 'full'
  /** Of a bad one: what fixes make of it, byte for byte. Where they change nothing it is left out. */
  readonly fixed?: string
  /** What the fixes are that lead to `fixed`, where not safe. */
  readonly fixes?: 'unsafe'
}

/** What a rule says of a bad example. */
export interface Reported {
  /** Line and column in `code`, from 1, and the text there up to the end of its line: `1:45 PyTuple_GET_ITEM`. */
  readonly at: string
  readonly message: string
  /** Where it is not the rule's. */
  readonly severity?: Severity
  /** All of them, where there are any. */
  readonly notes?: readonly string[]
}

/** What a rule found. Places are byte offsets, `end` exclusive. */
export interface Finding {
  /** Index into the model's files, or a build file. */
  readonly file: FileId | BuildFile
  readonly start: number
  readonly end: number
  readonly symbol: string
  readonly message: string
  readonly advice?: string
  readonly fix?: Fix | null
  readonly severity?: Severity
  readonly effect?: Effect
  readonly notes?: readonly string[]
  /** The level from which on it is not found, where there is one. */
  readonly since?: Minor
  /**
   * Other sources of the package may show that it is none: it is told where all of them were read alone. Left out, none
   * can.
   */
  readonly hangsOnOthers?: boolean
  /** The macro whose body holds the place, -1 or missing for none. */
  readonly macro?: number
}

export interface CheckContext {
  readonly model: ProjectModel
  readonly target: Target
  /** Uses of C API names that are compiled for the target and not simply available there. */
  readonly uses: readonly LiveUse[]
  /** Files of the build configuration. */
  readonly buildFiles: readonly BuildFile[]
  /** What to write instead of a C API name at the target; empty where nothing is known. */
  advice(name: string): string
  /** Whether anybody asks for fixes; if not, what it takes to find them can be spared. */
  readonly wantsFixes: boolean
  /**
   * How the static types of the project become heap types; null where nobody asks for fixes. The same for all
   * targets.
   */
  heapTypes(): HeapTypePlan | null
  /**
   * What becomes of a module that is made in one phase; null where nobody asks for fixes or other rules are asked for,
   * too, or it is not known. The same for all targets.
   * @param file that defines its `PyInit_` function
   */
  rewrittenModule(name: string, file: FileId): RewrittenModule | null
  /** What becomes of a table that a capsule hands out; null as above. The same for all targets. */
  rewrittenTable(table: CapsuleTable): RewrittenTable | null
  /** What becomes of the structs of instances and of the modules for abi3t; null as above. */
  rewrittenForAbi3t(): RewrittenForAbi3t | null
  /**
   * The fix for a use of a C API name, good for all targets; null where there is none. A field as
   * `PyTypeObject.tp_free`.
   */
  fix(name: string, place: UsePlace): Fix | null
}
