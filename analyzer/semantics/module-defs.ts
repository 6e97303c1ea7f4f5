import { bodyValue } from '../code/statements.ts'
import type { Value } from '../code/tree.ts'
import { bare, fieldValues, nameOf, plainText, slotName } from '../code/values.ts'
import { variablesOfTypes } from '../code/variables.ts'
import type { Verdict } from '../preprocess/condition.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Span } from '../source/text.ts'
import { compiledAt } from './calls.ts'
import { functionsOf, isHeader } from './functions.ts'
import { isNullFor } from './null-values.ts'

/** A variable of type `PyModuleDef` with its initialiser, as the target sees it. */
export interface ModuleDef {
  readonly file: FileId
  readonly variable: string
  /** Of its name. */
  readonly span: Span
  readonly isStatic: boolean
  /** Whether it has slots, so that its module is initialised in several phases. */
  readonly hasSlots: Verdict
  /** What may be its `m_size`, several where conditions choose. */
  readonly sizes: readonly Value[]
  /** What may be its functions that see to the end of its state, several where conditions choose. */
  readonly functions: Readonly<Record<StateFunction, readonly Value[]>>
  /** The names of those functions. */
  readonly stateFunctions: readonly string[]
}

/** A field of a `PyModuleDef` for a function that gets the module when its state is visited or given back. */
export type StateFunction = 'm_traverse' | 'm_clear' | 'm_free'

/** Those of a `PyModuleDef`, in the order of their declaration (Include/moduleobject.h). */
export const fields = ['m_base', 'm_name', 'm_doc', 'm_size', 'm_methods', 'm_slots', 'm_traverse', 'm_clear', 'm_free']

const known = new WeakMap<ProjectModel, readonly ModuleDef[]>()

/** The definitions of modules in a project that may be compiled for the target. */
export function moduleDefs(model: ProjectModel): readonly ModuleDef[] {
  let found = known.get(model)
  if (!found) {
    found = [...model.files.keys()].flatMap((file) => defsIn(model, file))
    known.set(model, found)
  }
  return found
}

function defsIn(model: ProjectModel, file: FileId): ModuleDef[] {
  const code = model.project.code(file)
  if (!code.text.includes('PyModuleDef')) return []
  return [...variablesOfTypes(code, ['PyModuleDef'])].flatMap(({ initialiser, name, nameSpan, storage }) => {
    if (initialiser?.kind !== 'braces' || !initialiser.entries) return []
    if (compiledAt(model, file, nameSpan.start) === 'no') return []
    const values = fieldValues(fields, initialiser.entries)
    const compiled = (field: string): readonly Value[] =>
      (values.get(field) ?? []).filter(({ span }) => compiledAt(model, file, span.start) !== 'no')
    const given = compiled('m_slots')
    const slots = given.filter((each) => !isNullFor(model, each))
    const isSure =
      given.length === slots.length && slots.some(({ span }) => compiledAt(model, file, span.start) === 'yes')
    const functions = {
      m_traverse: compiled('m_traverse'),
      m_clear: compiled('m_clear'),
      m_free: compiled('m_free'),
    }
    return [
      {
        file,
        variable: name,
        span: nameSpan,
        isStatic: storage === 'static',
        hasSlots: slots.length === 0 ? 'no' : isSure ? 'yes' : 'unknown',
        sizes: compiled('m_size'),
        functions,
        stateFunctions: Object.values(functions).flatMap((values) => values.flatMap((each) => slotName(each) ?? [])),
      },
    ]
  })
}

/** The definition that a name means in a file; null for none, or where several may be meant. */
export function moduleDefNamed(model: ProjectModel, file: FileId, name: string): ModuleDef | null {
  const all = moduleDefs(model).filter(({ variable }) => variable === name)
  const own = all.filter((each) => each.file === file)
  const meant = own.length > 0 ? own : all.filter(({ isStatic, file: where }) => !isStatic || isHeader(model, where))
  return meant.length === 1 ? meant[0]! : null
}

/** Whether a value is a negative number, through macros without parameters. */
export function isNegative(model: ProjectModel, file: FileId, value: Value, depth = 0): boolean {
  const inner = bare(value)
  // `(Py_ssize_t)-1` reads as a difference where the type is not known.
  if (inner.kind === 'binary' && inner.operator === '-' && /^(?:Py_)?ssize_t$/.test(plainText(inner.left)))
    return /^[1-9]\d*$/.test(plainText(inner.right))
  if (inner.kind === 'unary' && inner.operator === '-') return /^[1-9]\d*$/.test(plainText(inner.operand))
  const name = nameOf(inner)
  if (name === null || depth > deepest) return false
  const macros = functionsOf(model).macrosNamed(file, name)
  return (
    macros.length > 0 &&
    macros.every(({ file: where, code }) => {
      const body = code.parameters.length === 0 ? bodyValue(code) : null
      return body !== null && isNegative(model, where, body, depth + 1)
    })
  )
}

/** Macros within macros that are followed. */
const deepest = 8
