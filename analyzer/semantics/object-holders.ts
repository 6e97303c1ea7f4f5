import type { CType } from '../knowledge/ctype.ts'
import type { ProjectModel } from '../project/model.ts'
import { onOneLine } from '../source/comments.ts'
import type { FileId } from '../source/text.ts'

/**
 * What a variable holds of objects. `type`: it is a type object; `object`: it is another object; `references`: it
 * refers to objects, itself or in its items and fields, or by what it points to; `data` is anything else.
 */
export type Held = 'type' | 'object' | 'references' | 'data'

/** Structs within structs that are looked into. */
const deepest = 6

/** What CPython reads as a definition, and puts its own objects into at most. */
const definitions = new Set([
  'PyModuleDef',
  'PyModuleDef_Base',
  'PyMethodDef',
  'PyMemberDef',
  'PyGetSetDef',
  'PyModuleDef_Slot',
  'PyType_Slot',
  'PyType_Spec',
  'PySlot',
  'PyStructSequence_Field',
  'PyStructSequence_Desc',
  '_PyArg_Parser',
])

/** Whether a type, or that of the items of an array, only describes something to CPython. */
export const isDefinition = (type: CType): boolean =>
  definitions.has(type.replace(/^struct /, '').replace(/[*[\]()]+$/, ''))

/** @param type of the variable, as it is written */
export function heldBy(model: ProjectModel, file: FileId, type: CType, depth = 0): Held {
  const plain = model.apiType(file, type)
  // A pointer to a function.
  if (plain.includes('(')) return 'data'
  if (plain.endsWith('[]')) return heldBy(model, file, plain.slice(0, -2), depth)
  const base = plain.replace(/[*[\]]+$/, '')
  const isPointer = base !== plain
  const held = isPointer && isOfApi(model, base) && !isObject(model, base) ? 'data' : inStruct(model, file, base, depth)
  return isPointer && held !== 'data' ? 'references' : held
}

const isOfApi = (model: ProjectModel, name: CType): boolean => model.api.struct(name) !== null

const isType = (name: CType): boolean => /^(?:PyTypeObject|struct _typeobject|PyHeapTypeObject)$/.test(name)

/** Whether a struct of the C API is that of an object. */
function isObject(model: ProjectModel, name: CType): boolean {
  if (/^(?:Py(?:Var)?Object|struct _object)$/.test(name) || isType(name)) return true
  const [first] = model.api.struct(name)?.fields.values() ?? []
  return first !== undefined && /^(?:Py(?:Var)?Object|struct _object)$/.test(first)
}

function inStruct(model: ProjectModel, file: FileId, struct: CType, depth: number): Held {
  if (isDefinition(struct)) return 'data'
  if (isType(struct)) return 'type'
  if (isObject(model, struct)) return 'object'
  if (depth > deepest) return 'data'
  const known = model.api.struct(struct)
  const types = known ? [...known.fields.values()] : model.fieldTypes(file, struct)
  const [first] = types
  if (first !== undefined && isBase(model, file, first, depth)) return heldBy(model, file, first, depth + 1)
  return types.some((each) => heldBy(model, file, each, depth + 1) !== 'data') ? 'references' : 'data'
}

/** Whether the first field of a struct makes an object of it. */
function isBase(model: ProjectModel, file: FileId, first: CType, depth: number): boolean {
  if (/[*\])]$/.test(first)) return false
  const held = heldBy(model, file, first, depth + 1)
  return held === 'object' || held === 'type'
}

/**
 * Whether what a declaration says of its type names one that holds objects: the body of a struct without a name, the
 * arguments of a template. What functions take does not count.
 * @param text of the declaration before the name that it declares
 */
export function namesHolder(model: ProjectModel, file: FileId, text: string): boolean {
  const plain = onOneLine(text)
  let depth = 0
  for (const { 0: token, index } of plain.matchAll(/[A-Za-z_]\w*|[()]/g)) {
    if (token === '(') depth++
    else if (token === ')') depth--
    // `PyObject *(*make)(void)`: a pointer to a function that gives one.
    else if (depth === 0 && !/^[\s*]*\(/.test(plain.slice(index + token.length, index + token.length + longestSign)))
      if (isHolder(model, file, plain.slice(0, index), token)) return true
  }
  return false
}

/** Characters between the name of a type and what is declared. */
const longestSign = 40

function isHolder(model: ProjectModel, file: FileId, before: string, name: string): boolean {
  const [tag = ''] = /\b(?:struct|union)(?=\s*$)/.exec(before) ?? []
  return heldBy(model, file, tag === '' ? name : `${tag} ${name}`) !== 'data'
}
