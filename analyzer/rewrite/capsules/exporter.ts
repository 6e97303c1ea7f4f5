import type { FunctionCode, ItemEntry } from '../../code/tree.ts'
import { bare, isNull, plainText } from '../../code/values.ts'
import { initFunctions } from '../../project/init-functions.ts'
import type { CapsuleTable } from '../../semantics/capsule-tables.ts'
import { rolesOf } from '../../semantics/function-roles.ts'
import type { Body } from '../../semantics/functions.ts'
import { type ModuleDef, moduleDefs, type StateFunction } from '../../semantics/module-defs.ts'
import { moduleInit } from '../../semantics/module-init.ts'
import { moduleSlotTables } from '../../semantics/module-slots.ts'
import { moduleStates } from '../../semantics/module-states.ts'
import type { Offset, Span } from '../../source/text.ts'
import { type Definition, definitionOf } from '../modules/emit-definition.ts'
import type { Obstacles } from '../modules/obstacles.ts'
import { aboveComment } from '../places.ts'
import type { Sources } from '../sources.ts'
import type { Sharing } from './shared-variables.ts'

/** The module that exports a table, as far as it has to change to export another one. */
export interface Exporter {
  readonly file: string
  readonly def: ModuleDef
  readonly definition: Definition
  /** The slot of its `Py_mod_exec` function, the last one. */
  readonly execSlot: ItemEntry
  /** The state that it has; null for none. */
  readonly state: ExistingState | null
  /** The functions that see to its state, as far as there are any. */
  readonly functions: Readonly<Record<StateFunction, FunctionCode | null>>
  /** What goes before the definition and the slots goes here. */
  readonly place: Offset
  /** Flags of the new table. */
  readonly flags: readonly string[]
  /** Whether the module says that interpreters with GILs of their own may import it. */
  readonly hasOwnGil: boolean
  /** Why it is for the main interpreter alone, where that is not what the module itself says; null for nothing. */
  readonly sharing: Sharing | null
}

export interface ExistingState {
  /** The type, as `sizeof` names it. */
  readonly type: string
  /** The braces of its struct. */
  readonly struct: Span
  /** Where the declaration of the struct begins. */
  readonly start: Offset
  readonly fields: readonly string[]
}

/** Finds the module that makes a capsule; what keeps it from a table in its state is an obstacle. */
export function exporterOf(
  sources: Sources,
  file: string,
  { capsule }: CapsuleTable,
  obstacles: Obstacles,
): Exporter | null {
  const { model } = sources
  const refuse = (offset: Offset, text: string): null => {
    obstacles.add(file, offset, text)
    return null
  }
  const at = capsule.call.span.start
  const onePhase =
    'its module is made in one phase, and the new table is kept in a state: `abi3lint rewrite module` gives it one'
  for (const { module, file: definedIn, kind } of initFunctions(model.project)) {
    if (definedIn !== capsule.file) continue
    if (kind === 'PyModExport') return refuse(at, 'its module is made by `PyModExport`, with one `Py_mod_exec` slot')
    const { init, macro, offset } = moduleInit(model, { name: module, definedIn, files: [] })
    if (macro)
      return refuse(offset, '`PepState_MODULE` defines its module, and where that would make the table is not known')
    if (init === 'single-phase') return refuse(offset, onePhase)
  }
  const [def, ...others] = moduleDefs(model).filter((each) => each.file === capsule.file)
  if (!def) return refuse(at, 'the capsule is made in another file than the `PyModuleDef` of the module')
  if (others.length > 0) return refuse(at, 'its file defines several modules')
  if (def.hasSlots !== 'yes') return refuse(def.span.start, onePhase)
  const variable = sources.code(file).variables.find(({ nameSpan }) => nameSpan.start === def.span.start)
  const definition = variable ? definitionOf(sources, file, variable, false) : null
  if (variable === undefined || definition === null)
    return refuse(def.span.start, 'how its `PyModuleDef` is written is not understood')
  const slots = slotsOf(sources, file, definition)
  if (slots === null) return refuse(def.span.start, 'its table of slots is not understood')
  const state = stateOf(sources, file, def, obstacles)
  if (state === undefined) return null
  const functions = {
    m_traverse: functionOf(sources, file, def, 'm_traverse', obstacles),
    m_clear: functionOf(sources, file, def, 'm_clear', obstacles),
    m_free: functionOf(sources, file, def, 'm_free', obstacles),
  }
  refuseEarlyClearing(sources, file, functions, obstacles)
  return {
    ...{ file, def, definition, state, functions },
    execSlot: slots.exec,
    place: Math.min(
      aboveComment(sources.text(file), variable.declaration.span.start),
      aboveComment(sources.text(file), slots.start),
    ),
    flags: slots.flags,
    hasOwnGil: slots.hasOwnGil,
    sharing: null,
  }
}

interface FoundSlots {
  readonly start: Offset
  readonly exec: ItemEntry
  readonly flags: readonly string[]
  readonly hasOwnGil: boolean
}

function slotsOf(sources: Sources, file: string, { items }: Definition): FoundSlots | null {
  const code = sources.code(file)
  const names = new Set(items.map(({ value }) => plainText(value)))
  const tables = moduleSlotTables(sources.model).filter(
    (each) => sources.model.files[each.file]!.file === file && names.has(each.variable),
  )
  const [table, ...others] = tables
  if (!table || others.length > 0 || table.type !== 'PyModuleDef_Slot') return null
  const variable = code.variables.find(({ nameSpan }) => nameSpan.start === table.span.start)
  const entries = variable?.initialiser?.kind === 'braces' ? variable.initialiser.entries : null
  const execs = (entries ?? []).flatMap((each) => (each.kind === 'item' && isExec(each) ? [each] : []))
  const exec = execs.at(-1)
  if (!variable || exec === undefined) return null
  const values = new Set(table.slots.map(({ name, value }) => `${name} ${value ?? ''}`))
  const isMainOnly = values.has('Py_mod_multiple_interpreters Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED')
  const hasOwnGil = values.has('Py_mod_multiple_interpreters Py_MOD_PER_INTERPRETER_GIL_SUPPORTED')
  const isFreeThreaded = values.has('Py_mod_gil Py_MOD_GIL_NOT_USED')
  return {
    ...{ start: variable.declaration.span.start, exec, hasOwnGil },
    flags: ['NEEDS_GIL', ...(isMainOnly ? [] : ['SUBINTERPRETERS']), ...(isFreeThreaded ? ['FREE_THREADING'] : [])],
  }
}

function isExec({ value }: ItemEntry): boolean {
  const inner = bare(value)
  const first = inner.kind === 'braces' ? inner.entries?.[0] : undefined
  return first?.kind === 'item' && plainText(first.value) === 'Py_mod_exec'
}

/** @returns null for a module without a state; undefined, with an obstacle, for one that is not understood */
function stateOf(
  sources: Sources,
  file: string,
  def: ModuleDef,
  obstacles: Obstacles,
): ExistingState | null | undefined {
  const { model } = sources
  const [size, ...others] = def.sizes
  if (others.length === 0 && (!size || isNull(size))) return null
  const found = moduleStates(model).find((each) => each.def === def)
  const inner = size && bare(size)
  const type = inner?.kind === 'unary' ? plainText(inner.operand) : ''
  const code = sources.code(file)
  const own = code.declarations.filter(
    ({ struct, types }) =>
      struct !== null && (struct.tag === type || struct.tag === `struct ${type}` || types.includes(type)),
  )
  const [declaration, ...more] = own
  const fields = declaration?.struct ? code.fieldsIn(declaration.struct.span, true) : null
  if (!found || !declaration?.struct || more.length > 0 || fields === null) {
    const where = found ? `the struct \`${type}\` of its state is not declared, or not alone, in ${file}` : null
    obstacles.add(file, def.span.start, where ?? 'the size of its state is no `sizeof` of a struct of the project')
    return undefined
  }
  const last = fields.at(-1)
  if (last && /^\s*\[[\s0]*\]/.test(sources.text(file).slice(last.nameSpan.end, declaration.struct.span.end))) {
    obstacles.add(file, last.nameSpan.start, `its state ends with an array without a length, \`${last.name}\``)
    return undefined
  }
  return {
    ...{ type, struct: declaration.struct.span, start: declaration.span.start },
    fields: fields.map(({ name }) => name),
  }
}

/** Functions that clear the state take the new table away: only CPython, or an import that fails, may call them. */
function refuseEarlyClearing(
  sources: Sources,
  file: string,
  { m_clear, m_free }: Exporter['functions'],
  obstacles: Obstacles,
): void {
  const own = [m_clear, m_free].flatMap((each) => each ?? [])
  const code = sources.code(file)
  for (const { name } of own)
    for (const start of code.references(name)) {
      const around = code.functionAt(start)
      if (around === null || own.includes(around)) continue
      const isExec = rolesOf(sources.model, sources.body({ file, code: around })).some(({ kind }) => kind === 'exec')
      if (!isExec) obstacles.add(file, start, `\`${around.name}\` calls \`${name}\`, which takes the new table away`)
    }
}

function functionOf(
  sources: Sources,
  file: string,
  def: ModuleDef,
  field: StateFunction,
  obstacles: Obstacles,
): FunctionCode | null {
  const values = def.functions[field].filter((each) => !isNull(each))
  if (values.length === 0) return null
  const name = def.functions[field].length === 1 ? plainText(values[0]!) : ''
  const bodies: readonly Body[] = sources
    .code(file)
    .functionsNamed(name)
    .map((code) => ({ file: def.file, code }))
  const [only, ...others] = bodies
  if (only && others.length === 0 && only.code.hasParameters && only.code.body.length > 0) return only.code
  if (only && others.length === 0 && only.code.body.length === 0) {
    obstacles.add(file, only.code.span.start, `\`${name}\` has no statement, and so no place for one`)
    return null
  }
  obstacles.add(file, values[0]!.span.start, `\`${field}\` is no function that stands once in ${file}`)
  return null
}
