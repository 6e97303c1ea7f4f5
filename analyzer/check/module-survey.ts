import type { BuildFile } from '../build/build-file.ts'
import type { PackageBuild } from '../build/built-modules.ts'
import { packageBuilds } from '../build/package-build.ts'
import { showTarget } from '../knowledge/target.ts'
import { newest } from '../knowledge/version.ts'
import type { ProjectModel } from '../project/model.ts'
import { type FunctionRole, rolesOf } from '../semantics/function-roles.ts'
import type { Body } from '../semantics/functions.ts'
import { type GlobalUse, usesOf } from '../semantics/global-uses.ts'
import { type GlobalVariable, globalVariables } from '../semantics/global-variables.ts'
import { heapTypes, shownType } from '../semantics/heap-types.ts'
import { type ModuleInit, moduleInit } from '../semantics/module-init.ts'
import { type Module, modulesOf } from '../semantics/modules.ts'
import { type Held, isDefinition } from '../semantics/object-holders.ts'
import { addTo } from '../source/multimap.ts'
import { type FileId, Lines, type Offset, type Span } from '../source/text.ts'
import { type PublishedTable, publishedTables } from './capi-lock.ts'
import { type SurveyedCapsule, surveyCapsules } from './capsule-survey.ts'

export { type BuiltLevel, type BuiltModule, makerAdvice, type PackageBuild, type Read } from '../build/built-modules.ts'

/** A place in a file: its name, line and column, both from 1, the column in characters. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** A function that uses a variable, at the first place where it does. */
export interface GlobalUser extends Place {
  /** Empty for an initialiser, and for what else stands outside of functions. */
  readonly function: string
  /** What CPython calls it as: `method`, `slot tp_dealloc`; `helper` for a function that only the project calls. */
  readonly roles: readonly string[]
}

/** A variable that there is once in a process, and that holds objects or is changed. */
export interface SurveyedGlobal extends Place {
  readonly name: string
  /** The function that declares it; null at file level. */
  readonly function: string | null
  /** As it is written, without qualifiers: `PyObject*`; empty where a macro declares it that was not read. */
  readonly type: string
  readonly holds: Held
  readonly isThreadLocal: boolean
  readonly readers: readonly GlobalUser[]
  /** Those that give it another value, or hand its address to somebody who may. */
  readonly writers: readonly GlobalUser[]
}

/** A type of a module. */
export interface SurveyedType extends Place {
  readonly name: string
  /** `static`: a type object of the process. `heap`: made by a call, of a `PyType_Spec`. */
  readonly kind: 'static' | 'heap'
}

export interface SurveyedModule extends Place {
  readonly name: string
  readonly init: ModuleInit['init']
  /** The variable of its `PyModuleDef`, and its `m_size` as it is written; null where there is none, or several. */
  readonly definition: string | null
  readonly size: string | null
  /** The macro of the project's `pep_state.h` that defines it, and what it says that it supports; null for others. */
  readonly macro: { readonly name: string; readonly support: string } | null
  readonly files: readonly string[]
  readonly types: readonly SurveyedType[]
  readonly globals: readonly SurveyedGlobal[]
  /** The capsules that its files make and those that they ask for, in the order of files and texts. */
  readonly capsules: readonly SurveyedCapsule[]
  /** What stands between the module and two interpreters that do not disturb each other, a sentence each. */
  readonly obstacles: readonly string[]
}

/** What modules keep for a process. */
export interface ModuleSurvey {
  readonly target: string
  readonly modules: readonly SurveyedModule[]
  /** Variables in files that no module was found for. */
  readonly others: readonly SurveyedGlobal[]
  /** Capsules in such files. */
  readonly otherCapsules: readonly SurveyedCapsule[]
  /** The tables that capsules of the project hand out to other modules, by the names of the capsules. */
  readonly tables: readonly PublishedTable[]
  /** What the build files of its packages make, read and not run. */
  readonly builds: readonly PackageBuild[]
}

/**
 * Tells of each module how it is initialised and what it keeps for the whole process.
 * @param isAsked whether to speak of what a file holds
 * @param find the files that fit a pattern; null where that is not known
 */
export function surveyModules(
  model: ProjectModel,
  buildFiles: readonly BuildFile[],
  isAsked: (file: string) => boolean,
  find: (pattern: string) => readonly string[] | null,
): ModuleSurvey {
  const survey = new Survey(model)
  const globals = survey.globals()
  const asked = (file: FileId): boolean => isAsked(model.files[file]!.file)
  const modules = modulesOf(model.project, buildFiles).filter(({ definedIn }) => asked(definedIn))
  const known = new Set(modules.flatMap(({ files }) => files))
  const capsules = surveyCapsules(model)
  return {
    target: showTarget(model.target),
    modules: modules.map((module) => ({
      ...survey.module(module, globals),
      capsules: module.files.flatMap((file) => capsules.get(file) ?? []),
    })),
    others: [...globals].flatMap(([file, all]) => (known.has(file) || !asked(file) ? [] : all)),
    tables: publishedTables(model),
    builds: packageBuilds(buildFiles, { python: newest, find }),
    otherCapsules: [...capsules].flatMap(([file, all]) => (known.has(file) || !asked(file) ? [] : all)),
  }
}

class Survey {
  private readonly lines = new Map<FileId, Lines>()

  constructor(private readonly model: ProjectModel) {}

  private place(file: FileId, offset: Offset): Place {
    let lines = this.lines.get(file)
    if (!lines) {
      lines = new Lines(this.model.project.code(file).text)
      this.lines.set(file, lines)
    }
    return { file: this.model.files[file]!.file, ...lines.position(offset) }
  }

  private written(file: FileId, { start, end }: Span): string {
    return this.model.project.code(file).text.slice(start, end).replace(/\s+/g, ' ')
  }

  /** What is to be told of, by file. */
  globals(): ReadonlyMap<FileId, readonly SurveyedGlobal[]> {
    const found = new Map<FileId, SurveyedGlobal[]>()
    for (const variable of globalVariables(this.model)) {
      if (!this.isTold(variable)) continue
      const uses = usesOf(this.model, variable)
      const writes = uses.filter(({ how }) => how !== 'read')
      if (variable.holds === 'data' && writes.length === 0) continue
      const { file, name, around, type, holds, isThreadLocal, span } = variable
      addTo(found, file, {
        name,
        function: around?.name ?? null,
        type,
        holds,
        isThreadLocal,
        ...this.place(file, span.start),
        readers: this.users(uses.filter(({ how }) => how === 'read')),
        writers: this.users(writes),
      })
    }
    return found
  }

  private isTold({ holds, isConstant, type }: GlobalVariable): boolean {
    return holds !== 'data' || (!isConstant && !isDefinition(type))
  }

  private users(uses: readonly GlobalUse[]): GlobalUser[] {
    const found = new Map<GlobalUse['around'], GlobalUser>()
    for (const { file, offset, around } of uses) {
      if (found.has(around)) continue
      const roles = around === null ? [] : this.roles({ file, code: around })
      found.set(around, { function: around?.name ?? '', roles, ...this.place(file, offset) })
    }
    return [...found.values()]
  }

  private roles(body: Body): readonly string[] {
    if (body.code.kind === 'macro') return ['macro']
    const roles = rolesOf(this.model, body).map(shownRole)
    return roles.length === 0 ? ['helper'] : roles
  }

  module(module: Module, all: ReadonlyMap<FileId, readonly SurveyedGlobal[]>): Omit<SurveyedModule, 'capsules'> {
    const globals = module.files.flatMap((file) => all.get(file) ?? [])
    const { init, def, macro, offset } = moduleInit(this.model, module)
    const types = [
      ...globals
        .filter(({ holds }) => holds === 'type')
        .map(({ name, file, line, column }): SurveyedType => ({ name, kind: 'static', file, line, column })),
      ...heapTypes(this.model)
        .filter(({ file }) => module.files.includes(file))
        .map(
          (type): SurveyedType => ({
            name: shownType(type),
            kind: 'heap',
            ...this.place(type.file, type.spec.span.start),
          }),
        ),
    ]
    const written = def?.sizes.length === 1 ? this.written(def.file, def.sizes[0]!.span) : null
    const size = macro ? `sizeof(${macro.state})` : written
    return {
      name: module.name,
      ...this.place(module.definedIn, offset),
      init,
      definition: def?.variable ?? null,
      size,
      macro: macro && { name: 'PepState_MODULE', support: macro.support },
      files: module.files.map((file) => this.model.files[file]!.file),
      types,
      globals: globals.filter(({ holds }) => holds !== 'type'),
      obstacles: [...obstaclesOf(init, size, types, globals), ...this.refusals(init, module, macro)],
    }
  }

  /** Why interpreters with a GIL of their own do not import a module that is initialised in phases. */
  private refusals(init: SurveyedModule['init'], { files }: Module, macro: ModuleInit['macro']): readonly string[] {
    if (init !== 'multi-phase' && init !== 'export') return []
    if (macro) return refusalsOf(macro.support, this.model.target.level)
    const isNamed = (name: string): boolean =>
      files.some((file) => this.model.project.code(file).references(name).length > 0)
    if (isNamed('Py_MOD_PER_INTERPRETER_GIL_SUPPORTED')) return []
    if (isNamed('Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED')) return ['it says that it is for one interpreter']
    return ['it does not say that it is for interpreters with a GIL of their own, which refuse it']
  }
}

/** The first level at which `PepState_MODULE` tells CPython what it supports. */
const firstTold = 12

/** The same of a module that `PepState_MODULE` defines. */
function refusalsOf(support: string, level: number): readonly string[] {
  if (/\bPEP_STATE_MAIN_INTERPRETER\b/.test(support)) return ['it says that it is for one interpreter']
  if (/\bPEP_STATE_SHARED_GIL\b/.test(support)) return ['it says that interpreters are to share the GIL']
  if (!/\bPEP_STATE_OWN_GIL\b/.test(support)) return ['what it says of interpreters is not understood']
  return level < firstTold ? ['below level 3.12 it cannot say that interpreters may have a GIL of their own'] : []
}

const shownRole = ({ kind, name }: FunctionRole): string => {
  if (kind === 'slot' || kind === 'module') return kind === 'slot' ? `slot ${name}` : name
  return kind === 'callback' && name !== '' ? `callback for ${name}` : kind
}

function obstaclesOf(
  init: SurveyedModule['init'],
  size: string | null,
  types: readonly SurveyedType[],
  globals: readonly SurveyedGlobal[],
): string[] {
  const found: string[] = []
  if (init === 'single-phase') found.push('single-phase init, which interpreters with a GIL of their own refuse')
  if (init === 'unknown') found.push('how it is initialised is not understood')
  if (init === 'multi-phase' && size !== null && /^-/.test(size)) found.push('`m_size` is negative')
  const statics = types.filter(({ kind }) => kind === 'static').length
  if (statics > 0) found.push(`${statics === 1 ? '1 static type' : `${statics} static types`}`)
  const objects = globals.filter(
    ({ holds, isThreadLocal }) => (holds === 'object' || holds === 'references') && !isThreadLocal,
  )
  if (objects.length > 0)
    found.push(
      `${objects.length === 1 ? '1 global variable holds' : `${objects.length} global variables hold`} objects`,
    )
  const data = globals.filter(({ holds, isThreadLocal }) => holds === 'data' && !isThreadLocal).length
  if (data > 0) found.push(`${data === 1 ? '1 global variable is' : `${data} global variables are`} changed`)
  return found
}
