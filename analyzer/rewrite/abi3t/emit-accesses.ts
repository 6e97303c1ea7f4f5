import type { FunctionCode } from '../../code/tree.ts'
import { tableRolesOf } from '../../semantics/function-roles.ts'
import type { EditList } from '../edit-list.ts'
import { indentAt, lineEndOf } from '../places.ts'
import type { Sources } from '../sources.ts'
import type { Access, BaseAccess } from './accesses.ts'
import { namesOf } from './emit-struct.ts'
import type { Fetch } from './fetches.ts'
import type { InstanceStruct } from './instance-structs.ts'

/** Writes what asks objects for their fields. */
export function emitAccesses(
  sources: Sources,
  accesses: readonly Access[],
  bases: readonly BaseAccess[],
  fetches: readonly Fetch[],
  edits: EditList,
): void {
  const fetched = new Map<FunctionCode, Set<string>>()
  for (const { code, name } of fetches) fetched.set(code, (fetched.get(code) ?? new Set()).add(name))
  // The outer ones of those that begin at one place come first.
  const sorted = [...accesses].sort((a, b) => b.member.span.end - a.member.span.end)
  for (const { file, code, struct, member, object } of sorted) {
    const isBase = object !== member.object
    if (!isBase && object.kind === 'name' && fetched.get(code)?.has(object.name)) continue
    const get = getterFor(sources, file, code, struct)
    edits.insert(file, object.span.start, object.kind === 'group' ? get : `${get}(`)
    // `Base_DATA(self)->count` for `self->base.count`
    if (isBase) {
      edits.replace(file, { start: object.span.end, end: member.object.span.end }, object.kind === 'group' ? '' : ')')
      edits.replace(file, { start: member.dot, end: member.dot + 1 }, '->')
    } else if (object.kind !== 'group') edits.insert(file, object.span.end, ')')
  }
  for (const each of bases) emitBase(each, edits)
  for (const each of fetches) emitFetch(sources, each, edits)
}

/** `(Base *)self` for `&self->base` */
function emitBase({ file, struct, value, object, isCast }: BaseAccess, edits: EditList): void {
  const name = struct.base?.name ?? (struct.head.kind === 'builtin' ? struct.head.name : 'PyObject')
  edits.replace(file, { start: value.span.start, end: object.span.start }, isCast ? '' : `((${name} *)`)
  edits.replace(file, { start: object.span.end, end: value.span.end }, isCast ? '' : ')')
}

function emitFetch(sources: Sources, fetch: Fetch, edits: EditList): void {
  const { file, code, struct, name, object, renamed, behind, isParameter, isAssigned, declared } = fetch
  for (const span of renamed) edits.replace(file, span, object)
  const text = sources.text(file)
  const end = lineEndOf(text)
  // What is none of instances keeps its type, and gets the name that a macro asks for.
  const type = struct ? `${namesOf(struct).data} *` : fetch.type.replace(/\*$/, ' *')
  const put = (offset: number, line: string, indent: string): void => {
    const isLast = /^[ \t]*\r?\n/.test(text.slice(offset, offset + 200))
    edits.insert(file, offset, `${end}${indent}${line}${isLast ? '' : `${end}${indent}`}`)
  }
  const value = struct ? `${getterFor(sources, file, code, struct)}(${object})` : object
  const indent = isParameter ? '    ' : indentAt(text, behind)
  if (isAssigned) {
    put(declared, `${type}${name};`, indentAt(text, declared))
    put(behind, `${name} = ${value};`, indent)
  } else put(behind, `${type}${name} = ${value};`, indent)
}

/** The collector visits objects while nothing may be changed. */
function getterFor(sources: Sources, file: string, code: FunctionCode, struct: InstanceStruct): string {
  const isVisit = tableRolesOf(sources.model, sources.body({ file, code })).some(({ name }) => name === 'tp_traverse')
  const { get, visit } = namesOf(struct)
  return isVisit ? visit : get
}
