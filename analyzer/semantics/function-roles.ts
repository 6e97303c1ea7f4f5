import { assignedTo, inCasts, nameAt } from '../code/placement.ts'
import type { Entry, FunctionCode, Value } from '../code/tree.ts'
import { bare, calleeName, fieldValues, itemsOf, nameOf, slotName } from '../code/values.ts'
import { variablesOfTypes } from '../code/variables.ts'
import { slotStructs } from '../knowledge/slots.ts'
import { initFunctions } from '../project/init-functions.ts'
import type { ProjectModel } from '../project/model.ts'
import { addTo } from '../source/multimap.ts'
import type { FileId } from '../source/text.ts'
import { callsOf, compiledAt } from './calls.ts'
import { type Body, functionsOf } from './functions.ts'
import { specsOf } from './heap-types.ts'
import { methodDefs } from './method-tables.ts'
import { fields as moduleFields } from './module-defs.ts'

/** What a function of the project is to CPython, by the table that it stands in. */
export interface FunctionRole {
  /**
   * `init`: CPython looks it up by its name when it imports the module. `exec`, `create`: slots of a module.
   * `module`: a function of a module's own, `m_traverse`. `function`: of a table that is not
   * known to be a module's or a type's. `slot`: of a type. `callback`: it is handed to a function or
   * put somewhere, and who calls it is not known.
   */
  readonly kind:
    | 'init'
    | 'exec'
    | 'create'
    | 'module'
    | 'module function'
    | 'function'
    | 'method'
    | 'getter'
    | 'setter'
    | 'slot'
    | 'callback'
  /** The slot or the field: `tp_dealloc`, `m_free`; of a callback the function that gets it; else empty. */
  readonly name: string
}

const readers = new WeakMap<ProjectModel, RoleReader>()

function readerOf(model: ProjectModel): RoleReader {
  const known = readers.get(model) ?? new RoleReader(model)
  readers.set(model, known)
  return known
}

/** What CPython, or a library, calls a function as; empty for what only code of the project calls by its name. */
export const rolesOf = (model: ProjectModel, { code }: Body): readonly FunctionRole[] =>
  readerOf(model).all().get(code) ?? []

/** The same without what functions do with it, callbacks and slots that are assigned: no function is read for that. */
export const tableRolesOf = (model: ProjectModel, { code }: Body): readonly FunctionRole[] =>
  readerOf(model).ofTables().get(code) ?? []

const attributeFields = ['name', 'get', 'set', 'doc', 'closure']

class RoleReader {
  private readonly roles = new Map<FunctionCode, FunctionRole[]>()
  private tables: ReadonlyMap<FunctionCode, readonly FunctionRole[]> | null = null
  private isWhole = false

  constructor(private readonly model: ProjectModel) {}

  all(): ReadonlyMap<FunctionCode, readonly FunctionRole[]> {
    if (this.isWhole) return this.roles
    this.ofTables()
    for (const file of this.model.files.keys())
      for (const { name } of this.model.project.code(file).functionNames) this.givenAway(file, name)
    this.isWhole = true
    return this.roles
  }

  ofTables(): ReadonlyMap<FunctionCode, readonly FunctionRole[]> {
    if (this.tables) return this.tables
    const [moduleTables, typeTables] = [this.moduleTables(), this.typeTables()]
    for (const { file, table, functions } of methodDefs(this.model)) {
      const key = `${file} ${table}`
      const kind = moduleTables.has(key) ? 'module function' : typeTables.has(key) ? 'method' : 'function'
      for (const { code } of functions) this.give(code, { kind, name: '' })
    }
    for (const { bodies } of initFunctions(this.model.project))
      for (const each of bodies) this.give(each, { kind: 'init', name: '' })
    for (const file of this.model.files.keys()) this.file(file)
    this.tables = new Map([...this.roles].map(([code, roles]) => [code, [...roles]]))
    return this.tables
  }

  private give(code: FunctionCode, role: FunctionRole): void {
    const own = this.roles.get(code) ?? []
    if (!own.some(({ kind, name }) => kind === role.kind && name === role.name)) addTo(this.roles, code, role)
  }

  /** The tables of functions of modules, by their files and names. */
  private moduleTables(): ReadonlySet<string> {
    const found = new Set<string>()
    const add = (file: FileId, value: Value | undefined): void => {
      const name = value && slotName(value)
      if (name) found.add(`${file} ${name}`)
    }
    for (const file of this.model.files.keys()) {
      for (const { entries } of this.variables(file, ['PyModuleDef']))
        for (const value of fieldValues(moduleFields, entries).get('m_methods') ?? []) add(file, value)
      for (const [slot, value] of this.slots(file)) if (slot === 'Py_mod_methods') add(file, value)
    }
    for (const [callee, at] of Object.entries({ PyModule_AddFunctions: 1, Py_InitModule: 1, Py_InitModule3: 1 }))
      for (const { file, call } of callsOf(this.model, callee)) add(file, call.operands[at])
    return found
  }

  /** The tables of methods of types, in the same way. */
  private typeTables(): ReadonlySet<string> {
    const found = new Set<string>()
    for (const file of this.model.files.keys()) {
      for (const { entries } of this.variables(file, ['PyTypeObject']))
        for (const value of fieldValues(slotStructs.PyTypeObject!, entries).get('tp_methods') ?? [])
          found.add(`${file} ${slotName(value)}`)
      for (const { entries } of specsOf(this.model, file).slotTables)
        for (const { slot, value } of entries) if (slot === 'Py_tp_methods') found.add(`${file} ${value}`)
      const code = this.model.project.code(file)
      // `Spam_Type.tp_methods = spam_methods;`
      for (const [, name] of code.text.matchAll(/\btp_methods\s*=\s*(\w+)/g)) found.add(`${file} ${name}`)
    }
    return found
  }

  private *variables(file: FileId, types: readonly string[]): Iterable<{ type: string; entries: readonly Entry[] }> {
    const code = this.model.project.code(file)
    if (!types.some((type) => code.text.includes(type))) return
    for (const { type, initialiser, nameSpan } of variablesOfTypes(code, types))
      if (initialiser?.kind === 'braces' && compiledAt(this.model, file, nameSpan.start) !== 'no')
        yield { type, entries: initialiser.entries ?? [] }
  }

  /** The slots of modules, with their values. */
  private *slots(file: FileId): Iterable<readonly [slot: string, value: Value]> {
    for (const { entries } of this.variables(file, ['PyModuleDef_Slot', 'PySlot']))
      for (const { value } of itemsOf(entries)) {
        if (value.kind !== 'braces') continue
        const fields = fieldValues(['slot', 'value'], value.entries ?? [])
        const [slot] = fields.get('slot') ?? []
        for (const each of fields.get('value') ?? []) if (slot) yield [nameOf(slot) ?? '', each]
      }
  }

  private value(file: FileId, value: Value, role: FunctionRole): void {
    const name = slotName(value)
    for (const { code } of name === null ? [] : functionsOf(this.model).named(file, name)) this.give(code, role)
  }

  private file(file: FileId): void {
    for (const { type, entries } of this.variables(file, Object.keys(slotStructs))) {
      const fields = slotStructs[type.replace(/^struct |(?:\[\])+$/g, '')] ?? []
      for (const [name, values] of fieldValues(fields, entries))
        for (const each of values) this.value(file, each, { kind: 'slot', name })
    }
    for (const { entries } of specsOf(this.model, file).slotTables)
      for (const { slot, value } of entries)
        for (const { code } of value === null ? [] : functionsOf(this.model).named(file, value))
          this.give(code, { kind: 'slot', name: slot.replace(/^Py_/, '') })
    for (const { entries } of this.variables(file, ['PyGetSetDef'])) this.attributes(file, entries)
    for (const { entries } of this.variables(file, ['PyModuleDef']))
      for (const [name, values] of fieldValues(moduleFields, entries))
        if (/^m_(?:traverse|clear|free)$/.test(name))
          for (const each of values) this.value(file, each, { kind: 'module', name })
    for (const [slot, value] of this.slots(file)) {
      if (slot === 'Py_mod_exec') this.value(file, value, { kind: 'exec', name: '' })
      if (slot === 'Py_mod_create') this.value(file, value, { kind: 'create', name: '' })
      const state = /^Py_mod_state_(traverse|clear|free)$/.exec(slot)?.[1]
      if (state) this.value(file, value, { kind: 'module', name: `m_${state}` })
    }
  }

  private attributes(file: FileId, entries: readonly Entry[]): void {
    for (const { value } of itemsOf(entries)) {
      if (value.kind !== 'braces') continue
      const fields = fieldValues(attributeFields, value.entries ?? [])
      for (const each of fields.get('get') ?? []) this.value(file, each, { kind: 'getter', name: '' })
      for (const each of fields.get('set') ?? []) this.value(file, each, { kind: 'setter', name: '' })
    }
  }

  /** What functions do with a function but to call it: they assign it to a slot, or hand it on. */
  private givenAway(file: FileId, name: string): void {
    const code = this.model.project.code(file)
    const bodies = code.functionsNamed(name)
    for (const { span, behind, isField } of code.occurrences(name)) {
      if (isField || behind === '(' || bodies.some(({ nameSpan }) => nameSpan.start === span.start)) continue
      const around = code.functionAt(span.start)
      const value = around && nameAt(around, span.start)
      if (!around || !value || compiledAt(this.model, file, span.start) === 'no') continue
      const target = assignedTo(around, value)
      const field = target?.kind === 'member' ? target.name : ''
      const isSlot = /^(?:tp|nb|sq|mp|am|bf)_/.test(field)
      const { parent } = inCasts(around, value)
      const by = parent?.kind === 'call' && bare(parent.callee) !== bare(value) ? (calleeName(parent) ?? '') : ''
      // What a macro makes of its name is not known.
      if (by !== '' && functionsOf(this.model).macrosNamed(file, by).length > 0) continue
      for (const each of bodies)
        this.give(each, isSlot ? { kind: 'slot', name: field } : { kind: 'callback', name: by })
    }
  }
}
