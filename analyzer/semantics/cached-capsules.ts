import type { BuildFile } from '../build/build-file.ts'
import { nameOf } from '../code/values.ts'
import { isParameter, variablesNamed } from '../code/variables.ts'
import type { CType } from '../knowledge/ctype.ts'
import { visibleFrom } from '../project/includes.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId } from '../source/text.ts'
import { compiledAt } from './calls.ts'
import { type CapsuleMade, type CapsuleUsed, capsulesOf } from './capsules.ts'
import { type GlobalVariable, globalVariablesNamed } from './global-variables.ts'
import { modulesOf } from './modules.ts'
import { heldBy } from './object-holders.ts'

/** A variable that keeps the pointer of a capsule for the whole process. */
export interface CachedPointer {
  readonly variable: GlobalVariable
  /** The call that gives it, the first one. */
  readonly used: CapsuleUsed
  /** The capsules of the project that are meant. */
  readonly made: readonly CapsuleMade[]
}

/** The variables with static storage duration that get the pointer of a capsule, each once. */
export function cachedPointers(model: ProjectModel): readonly CachedPointer[] {
  const found = new Map<GlobalVariable, CachedPointer>()
  const { made, used, madeNamed } = capsulesOf(model)
  const order = new Map(made.map((each, index) => [each, index]))
  for (const each of used) {
    const variable = variableOf(model, each)
    if (!variable || variable.isThreadLocal || found.has(variable)) continue
    const meant = each.names.flatMap((name) => (name === '' ? [] : (madeNamed.get(name) ?? [])))
    const sorted = [...new Set(meant)].sort((a, b) => order.get(a)! - order.get(b)!)
    found.set(variable, { variable, used: each, made: sorted })
  }
  return [...found.values()]
}

function variableOf(model: ProjectModel, { file, around, target }: CapsuleUsed): GlobalVariable | null {
  if (target === null) return null
  const name = target.kind === 'variable' ? target.name : nameOf(target)
  if (name === null || isParameter(around, name)) return null
  const inFile = globalVariablesNamed(model, [file], name)
  if (target.kind === 'variable' || variablesNamed(around, name).length > 0)
    return inFile.find((each) => each.around === around) ?? null
  // In a method of a class it may be a field.
  if (model.project.code(file).isMember(around.nameSpan.start)) return null
  const own = inFile.find((each) => each.around === null)
  if (own) return own
  const visible = visibleFrom(model.project.graph, file)
  const others = globalVariablesNamed(model, model.files.keys(), name).filter(
    (each) => each.around === null && (!each.isStatic || visible.has(each.file)),
  )
  return others.length === 1 ? others[0]! : null
}

/** Whether what a capsule points to is there as long as the process, and the same for all interpreters. */
export function isForever(model: ProjectModel, { origins, destructor }: CapsuleMade): boolean {
  const areStatic = origins.length > 0 && origins.every(({ kind }) => kind === 'static' || kind === 'function')
  const holds = origins.some(({ file, variable }) => variable !== null && heldBy(model, file, variable.type) !== 'data')
  return areStatic && destructor === 'none' && !holds
}

/** The names of the modules that a file is compiled into and that promise to work with a GIL for each interpreter. */
export const ownGilModules = (
  model: ProjectModel,
  buildFiles: readonly BuildFile[],
  file: number,
): readonly string[] =>
  promising(model).size === 0
    ? []
    : modulesOf(model.project, buildFiles)
        .filter(({ files }) => files.includes(file) && files.some((each) => promising(model).has(each)))
        .map(({ name }) => name)

const promisingKnown = new WeakMap<ProjectModel, ReadonlySet<FileId>>()

/** The files in which code promises that, of a module's slots or what makes them. */
function promising(model: ProjectModel): ReadonlySet<FileId> {
  const promise = 'Py_MOD_PER_INTERPRETER_GIL_SUPPORTED'
  let found = promisingKnown.get(model)
  if (!found) {
    const promises = (file: FileId): boolean =>
      model.project
        .code(file)
        .occurrences(promise)
        .some(({ span, isInDirective }) => !isInDirective && compiledAt(model, file, span.start) === 'yes')
    found = new Set([...model.project.filesWith(promise)].filter(promises))
    promisingKnown.set(model, found)
  }
  return found
}

/** The type of the variable that gets the pointer of a capsule; null where that is a field, or not known. */
export function targetType(model: ProjectModel, used: CapsuleUsed): CType | null {
  const { target, around } = used
  if (target?.kind === 'variable') return target.type
  const name = target && nameOf(target)
  const [own, ...others] = typeof name === 'string' ? variablesNamed(around, name) : []
  if (own) return others.length === 0 ? own.type : null
  return variableOf(model, used)?.type ?? null
}
