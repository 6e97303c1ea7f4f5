import type { FunctionCode } from '../../code/tree.ts'
import { tableRolesOf } from '../../semantics/function-roles.ts'
import type { EditList } from '../edit-list.ts'
import { aboveComment, indentAt, lineEndOf, lineStart, ownLine } from '../places.ts'
import type { Sources } from '../sources.ts'
import type { Access } from './accesses.ts'
import type { Fetch } from './fetches.ts'
import { abi3tMacro, type InstanceStruct } from './instance-structs.ts'
import type { NameUses } from './name-uses.ts'

/** The names that go with a struct. */
export const namesOf = ({ name }: Pick<InstanceStruct, 'name'>) =>
  ({
    data: `${name}_Data`,
    get: `${name}_DATA`,
    visit: `${name}_DATA_DURING_GC`,
    size: `${name}_SIZE`,
    relative: `${name}_RELATIVE`,
    token: `${name}_token`,
  }) as const

/** Writes what a struct becomes, and where its size and the offsets of its members are told. */
export function emitStruct(sources: Sources, struct: InstanceStruct, uses: NameUses, edits: EditList): void {
  const { file, declaration, head, name, tag, typedef } = struct
  const names = namesOf(struct)
  const text = sources.text(file)
  const end = lineEndOf(text)
  const put = (offset: number, lines: readonly string[]): void =>
    edits.insert(file, offset, lines.map((line) => `${line}${end}`).join(''))
  const [before, behind] = [
    ownLine(text, head.start),
    /^[ \t;]*(?:\/\*[^\n]*\*\/|\/\/[^\n]*)?\r?\n/.exec(text.slice(head.end, head.end + 200)),
  ]
  if (before !== null && behind) {
    put(before, [`#ifndef ${abi3tMacro}`])
    put(head.end + behind[0].length, ['#endif'])
  } else {
    const semicolon = /^\s*;/.exec(text.slice(head.end, head.end + 20))?.[0].length ?? 0
    edits.insert(file, head.start, `${end}#ifndef ${abi3tMacro}${end}    `)
    edits.insert(file, head.end + semicolon, `${end}#endif${end}   `)
  }
  const isEarly =
    typedef !== null || uses.tags.some((each) => each.file === file && each.span.start < declaration.span.end)
  const choice = [
    `#ifdef ${abi3tMacro}`,
    `typedef PyObject ${name};`,
    '#else',
    `typedef struct ${tag} ${name};`,
    '#endif',
  ]
  if (typedef)
    edits.replace(
      file,
      typedef.span,
      `${end}${choice.join(end)}${end}`.replace(/^\r?\n/, ownLine(text, typedef.span.start) === null ? end : ''),
    )
  else if (isEarly) put(aboveComment(text, declaration.span.start), [...choice, ''])
  if (!typedef) {
    const at = sources
      .code(file)
      .references(name)
      .find((each) => each >= declaration.struct!.span.end)!
    edits.replace(file, { start: at, end: at + name.length }, names.data)
  }
  const isShared = /\.(?:h|hh|hpp|hxx|inc)$/.test(file)
  const lineBehind = text.indexOf('\n', declaration.span.end) + 1 || text.length
  put(lineBehind, ['', ...block(struct, isEarly, isShared)])
  for (const { file: where, span } of uses.sizes) edits.replace(where, span, names.size)
  for (const { file: where, span } of uses.tags) edits.replace(where, span, name)
  for (const { file: where, member } of uses.members) {
    for (const offset of [name, tag].flatMap((each) => sources.code(where).referencesIn(each, member.offset!.span))) {
      const written = sources.text(where).slice(Math.max(0, offset - 20), offset)
      const start = offset - (/struct\s+$/.exec(written)?.[0].length ?? 0)
      const length = sources.text(where).slice(offset).match(/^\w+/)![0].length
      edits.replace(where, { start, end: offset + length }, names.data)
    }
    const flags = sources.written(where, member.flags!.span)
    edits.replace(where, member.flags!.span, /^0$/.test(flags) ? names.relative : `${flags} | ${names.relative}`)
  }
  emitToken(sources, struct, isShared, edits)
}

/** What stands behind a struct. */
function block(struct: InstanceStruct, hasTypedef: boolean, isShared: boolean): readonly string[] {
  const { name, tag, typedef } = struct
  const { data, get, visit, size, relative, token } = namesOf(struct)
  const getter = (function_: string, suffix: string, release: readonly string[]): string[] => [
    '',
    `static inline ${data} *`,
    `${function_}(PyObject *object)`,
    '{',
    '    PyTypeObject *type = NULL;',
    `    ${data} *data;`,
    `    if (object == NULL || PyType_GetBaseByToken${suffix}(Py_TYPE(object), &${token}, &type) <= 0)`,
    '        return NULL;',
    `    data = (${data} *)PyObject_GetTypeData${suffix}(object, type);`,
    ...release,
    '    return data;',
    '}',
  ]
  return [
    ...(typedef ? [`typedef struct ${tag} ${data};`, ''] : []),
    `/* For abi3t, \`${name}\` is the object, which is opaque, and \`${data}\` what it holds; else they are one. */`,
    `#ifdef ${abi3tMacro}`,
    ...(hasTypedef ? [] : [`typedef PyObject ${name};`]),
    `${isShared ? 'extern' : 'static'} char ${token};`,
    ...getter(`${name}_get_data`, '', ['    Py_DECREF((PyObject *)type);']),
    ...getter(`${name}_get_data_during_gc`, '_DuringGC', []),
    '',
    `#define ${get}(object) ${name}_get_data((PyObject *)(object))`,
    `#define ${visit}(object) ${name}_get_data_during_gc((PyObject *)(object))`,
    `#define ${size} (-(int)sizeof(${data}))`,
    `#define ${relative} Py_RELATIVE_OFFSET`,
    '#else',
    ...(hasTypedef ? [] : [`typedef ${data} ${name};`]),
    `#define ${get}(object) ((${data} *)(object))`,
    `#define ${visit}(object) ((${data} *)(object))`,
    `#define ${size} ((int)sizeof(${data}))`,
    `#define ${relative} 0`,
    '#endif',
  ]
}

/** Types say by their token that the struct is theirs. */
function emitToken(sources: Sources, { types, ...struct }: InstanceStruct, isShared: boolean, edits: EditList): void {
  const { token } = namesOf(struct)
  types.forEach((type, index) => {
    const table = type.table!
    const { file } = sources.model.files[type.file]!
    const text = sources.text(file)
    const end = lineEndOf(text)
    const open = text.indexOf('{', table.span.end)
    if (isShared && index === 0) {
      const at = lineStart(text, table.span.start)
      edits.insert(file, at, [`#ifdef ${abi3tMacro}`, `char ${token};`, '#endif', ''].join(end))
    }
    const entry = [`#ifdef ${abi3tMacro}`, `    {Py_tp_token, (void *)&${token}},`, '#endif'].join(end)
    const isLast = /^[ \t]*\r?\n/.test(text.slice(open + 1, open + 1 + longestGap))
    edits.insert(file, open + 1, `${end}${entry}${isLast ? '' : `${end}   `}`)
  })
}

/** Characters between a brace and the end of its line that are looked at. */
const longestGap = 200

/** Writes what asks objects for their fields. */
export function emitAccesses(
  sources: Sources,
  accesses: readonly Access[],
  fetches: readonly Fetch[],
  edits: EditList,
): void {
  const fetched = new Map<FunctionCode, Set<string>>()
  for (const { code, name } of fetches) fetched.set(code, (fetched.get(code) ?? new Set()).add(name))
  // The outer ones of those that begin at one place come first.
  const sorted = [...accesses].sort((a, b) => b.member.span.end - a.member.span.end)
  for (const { file, code, struct, member } of sorted) {
    const { object } = member
    if (object.kind === 'name' && fetched.get(code)?.has(object.name)) continue
    const get = getterFor(sources, file, code, struct)
    edits.insert(file, object.span.start, object.kind === 'group' ? get : `${get}(`)
    if (object.kind !== 'group') edits.insert(file, object.span.end, ')')
  }
  for (const { file, code, access, name, object, renamed, behind, isParameter } of fetches) {
    for (const span of renamed) edits.replace(file, span, object)
    const text = sources.text(file)
    const { data } = namesOf(access.struct)
    const indent = isParameter ? '    ' : indentAt(text, behind)
    const line = `${data} *${name} = ${getterFor(sources, file, code, access.struct)}(${object});`
    const isLast = /^[ \t]*\r?\n/.test(text.slice(behind, behind + 200))
    edits.insert(file, behind, `${lineEndOf(text)}${indent}${line}${isLast ? '' : `${lineEndOf(text)}${indent}`}`)
  }
}

/** The collector visits objects while nothing may be changed. */
function getterFor(sources: Sources, file: string, code: FunctionCode, struct: InstanceStruct): string {
  const isVisit = tableRolesOf(sources.model, sources.body({ file, code })).some(({ name }) => name === 'tp_traverse')
  const { get, visit } = namesOf(struct)
  return isVisit ? visit : get
}
