import type { Value } from '../code/tree.ts'
import { bare, isNull, plainText, slotName } from '../code/values.ts'
import { visibleFrom } from '../project/includes.ts'
import type { ProjectModel } from '../project/model.ts'
import { addAll } from '../source/lists.ts'
import type { FileId } from '../source/text.ts'
import { type Body, functionsOf } from './functions.ts'
import { type ModuleDef, moduleDefs, type StateFunction } from './module-defs.ts'
import { heldBy } from './object-holders.ts'

/** A definition of a module with the struct that is the module's state. */
export interface ModuleState {
  readonly def: ModuleDef
  /** The struct, as `ProjectModel.apiType` has it. */
  readonly struct: string
  /** The same as C names it where `struct` has no name: what `m_size` is the size of. */
  readonly type: string
  /** The names of its fields that are pointers to objects, or arrays of such, those of structs within it included. */
  readonly members: readonly string[]
  /** The files whose code knows the struct. */
  readonly files: readonly FileId[]
  /** Its functions; null for one that is not among the files that were read. */
  readonly functions: Readonly<Record<StateFunction, readonly Body[] | null>>
}

/** Structs within structs that are looked into. */
const deepest = 3

const known = new WeakMap<ProjectModel, readonly ModuleState[]>()

/** The modules of a project whose state is a struct of its own: `m_size` is `sizeof(State)`. */
export function moduleStates(model: ProjectModel): readonly ModuleState[] {
  let found = known.get(model)
  if (!found) {
    found = moduleDefs(model).flatMap((def) => stateOf(model, def) ?? [])
    known.set(model, found)
  }
  return found
}

function stateOf(model: ProjectModel, def: ModuleDef): ModuleState | null {
  const types = def.sizes.map(sizedType)
  const [type] = types
  if (type === undefined || type === null || types.length > 1) return null
  const struct = model.apiType(def.file, type)
  const declared = model.structOf(def.file, struct)
  if (declared === null || declared.bases.length > 0) return null
  const members = objectMembers(model, declared.file, struct, 0)
  if (new Set(members).size !== members.length) return null
  const functions = {
    m_traverse: bodiesOf(model, def, 'm_traverse'),
    m_clear: bodiesOf(model, def, 'm_clear'),
    m_free: bodiesOf(model, def, 'm_free'),
  }
  const files = [...model.files.keys()].filter(
    (file) => file === declared.file || visibleFrom(model.project.graph, file).has(declared.file),
  )
  return { def, struct, type: struct.includes('@') ? type : struct, members, files, functions }
}

/** The type in `sizeof(State)`; null for anything else. */
function sizedType(value: Value): string | null {
  const inner = bare(value)
  return inner.kind === 'unary' && inner.operator === 'sizeof' ? plainText(inner.operand) : null
}

function objectMembers(model: ProjectModel, file: FileId, struct: string, depth: number): readonly string[] {
  const declared = model.structOf(file, struct)
  if (declared === null || depth > deepest) return []
  return [...declared.fields].flatMap(([name, type]) => {
    const plain = model.apiType(declared.file, type)
    if (/^[^*[\]()]+\*(?:\[\])*$/.test(plain)) {
      const base = plain.replace(/\*(?:\[\])*$/, '')
      return /^(?:object|type)$/.test(heldBy(model, declared.file, base)) ? [name] : []
    }
    return /[*()[\]]/.test(plain) ? [] : objectMembers(model, declared.file, plain, depth + 1)
  })
}

function bodiesOf(model: ProjectModel, { file, functions }: ModuleDef, field: StateFunction): readonly Body[] | null {
  const found: Body[] = []
  for (const value of functions[field]) {
    if (isNull(value)) continue
    const name = slotName(value)
    const bodies = name === null ? [] : functionsOf(model).named(file, name)
    if (bodies.length === 0) return null
    addAll(found, bodies)
  }
  return found
}
