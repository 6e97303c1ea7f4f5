import type { HeapType } from '../../semantics/type-definition.ts'
import type { Offset } from '../../source/text.ts'
import type { EditList } from '../edit-list.ts'
import { aboveComment, indentAt, lineEndOf, lineStart, ownLine } from '../places.ts'
import type { Sources } from '../sources.ts'
import type { HeadMacro } from './heads.ts'
import { abi3tMacro, type InstanceStruct } from './instance-structs.ts'
import { itemSizesOf } from './items.ts'
import type { NameUses } from './name-uses.ts'

/** The names that go with a struct. */
export const namesOf = ({ name }: Pick<InstanceStruct, 'name'>) =>
  ({
    data: `${name}_Data`,
    get: `${name}_DATA`,
    visit: `${name}_DATA_DURING_GC`,
    size: `${name}_SIZE`,
    relative: `${name}_RELATIVE`,
    items: `${name}_ITEMS`,
    token: `${name}_token`,
  }) as const

/** Writes what a struct becomes, and where its size and the offsets of its members are told. */
export function emitStruct(
  sources: Sources,
  struct: InstanceStruct,
  uses: NameUses,
  owners: Owners,
  edits: EditList,
): void {
  const { name } = struct
  const names = namesOf(struct)
  if (isEmpty(struct)) emitEmpty(sources, struct, edits)
  else {
    emitHead(sources, struct, edits)
    emitNames(sources, struct, uses, edits)
    emitToken(sources, struct, owners, edits)
  }
  for (const { file, span } of itemSizesOf(sources, struct))
    edits.replace(file, span, `${names.items}(${sources.written(file, span)})`)
  for (const { file, span, type } of uses.sizes) edits.replace(file, span, owners.has(type) ? names.size : '0')
  for (const { file, span } of uses.tags) edits.replace(file, span, name)
  for (const { file, span } of uses.offsets) edits.replace(file, span, names.data)
  for (const { file, member } of uses.members) {
    const flags = sources.written(file, member.flags!.span)
    edits.replace(file, member.flags!.span, /^0$/.test(flags) ? names.relative : `${flags} | ${names.relative}`)
  }
}

/** The types that have the data of a struct themselves: not by a base that has it. */
export type Owners = ReadonlySet<HeapType>

/** Whether a struct has nothing but the head of an object, or what its base has. */
export const isEmpty = ({ fields }: InstanceStruct): boolean => fields.size === 0

const isShared = (file: string): boolean => /\.(?:h|hh|hpp|hxx|inc)$/.test(file)

/** A struct that adds nothing is not there for abi3t. */
function emitEmpty(sources: Sources, struct: InstanceStruct, edits: EditList): void {
  const { file, declaration, typedefs, name, tag, isUntyped } = struct
  const text = sources.text(file)
  const end = lineEndOf(text)
  const { size, items } = namesOf(struct)
  const hasItems = itemSizesOf(sources, struct).length > 0
  const isNamed = typedefs.length > 0
  const isNew = isUntyped && name !== tag
  emitTypedefs(sources, struct, edits)
  const before = [
    `#ifdef ${abi3tMacro}`,
    ...(isNamed ? [] : [`typedef PyObject ${name};`]),
    `#define ${size} 0`,
    ...(hasItems ? [`#define ${items}(size) 0`] : []),
    '#else',
    '',
  ]
  edits.insert(file, lineStart(text, declaration.span.start), before.join(end))
  const behind = text.indexOf('\n', declaration.span.end) + 1 || text.length
  const after = [
    ...(isNew ? [`typedef struct ${tag} ${name};`] : []),
    `#define ${size} ((int)sizeof(${name}))`,
    ...(hasItems ? [`#define ${items}(size) (size)`] : []),
    '#endif',
    '',
  ]
  edits.insert(file, behind, after.join(end))
}

/** What is not there for abi3t gets its condition. */
function emitHead(sources: Sources, { file, head: { kind, span }, headMacro }: InstanceStruct, edits: EditList): void {
  const text = sources.text(file)
  const end = lineEndOf(text)
  if (kind === 'fields' && headMacro) {
    const indent = ownLine(text, span.start) === null ? '' : indentAt(text, span.start)
    const lines = ['', `#ifndef ${abi3tMacro}`, '    PyObject_HEAD', '#endif', `${indent}${fieldsOf(headMacro)}`]
    edits.replace(file, span, lines.join(end))
    return
  }
  const before = ownLine(text, span.start)
  const behind = /^[ \t;]*(?:\/\*[^\n]*\*\/|\/\/[^\n]*)?\r?\n/.exec(text.slice(span.end, span.end + 200))
  if (before !== null && behind) {
    edits.insert(file, before, `#ifndef ${abi3tMacro}${end}`)
    edits.insert(file, span.end + behind[0].length, `#endif${end}`)
  } else {
    const semicolon = /^\s*;/.exec(text.slice(span.end, span.end + 20))?.[0].length ?? 0
    edits.insert(file, span.start, `${end}#ifndef ${abi3tMacro}${end}    `)
    edits.insert(file, span.end + semicolon, `${end}#endif${end}   `)
  }
}

/** The macro that has the fields of one that begins with `PyObject_HEAD`. */
const fieldsOf = ({ code: { name } }: HeadMacro): string => `${name}_FIELDS`

/** Divides a macro into the head and the fields: `#define SPAM_HEAD PyObject_HEAD SPAM_HEAD_FIELDS`. */
export function emitHeadMacro(sources: Sources, macro: HeadMacro, edits: EditList): void {
  const { file, code, head } = macro
  const text = sources.text(file)
  const end = lineEndOf(text)
  const behind = /^[ \t]*(?:\\\r?\n[ \t]*)?/.exec(text.slice(head.end, head.end + 200))![0].length
  const lines = [` PyObject_HEAD ${fieldsOf(macro)}`, `#define ${fieldsOf(macro)} \\`, '    ']
  edits.replace(file, { start: code.nameSpan.end, end: head.end + behind }, lines.join(end))
}

/** `typedef struct spam Spam;` */
function emitTypedefs(sources: Sources, { typedefs, name, tag }: InstanceStruct, edits: EditList): void {
  for (const { file, declaration } of typedefs) {
    const text = sources.text(file)
    const end = lineEndOf(text)
    const isOwnLine = ownLine(text, declaration.span.start) !== null
    edits.replace(file, declaration.span, `${isOwnLine ? '' : end}${choiceOf(name, tag).join(end)}`)
    if (!/^[ \t]*\r?\n/.test(text.slice(declaration.span.end, declaration.span.end + longestGap)))
      edits.insert(file, declaration.span.end, end)
  }
}

const choiceOf = (name: string, tag: string): readonly string[] => [
  `#ifdef ${abi3tMacro}`,
  `typedef PyObject ${name};`,
  '#else',
  `typedef struct ${tag} ${name};`,
  '#endif',
]

/** Gives the struct and the object their names. */
function emitNames(sources: Sources, struct: InstanceStruct, uses: NameUses, edits: EditList): void {
  const { file, declaration, name, tag, typedefs, isUntyped } = struct
  const { data } = namesOf(struct)
  const text = sources.text(file)
  const end = lineEndOf(text)
  const put = (offset: number, lines: readonly string[]): void =>
    edits.insert(file, offset, lines.map((line) => `${line}${end}`).join(''))
  const isInside = (offset: Offset): boolean =>
    declaration.struct!.span.start < offset && offset < declaration.struct!.span.end
  const isEarly =
    typedefs.length > 0 ||
    uses.tags.some((each) => each.file === file && each.span.start < declaration.span.end) ||
    (isUntyped && sources.code(file).references(name).some(isInside))
  emitTypedefs(sources, struct, edits)
  if (typedefs.length === 0) {
    // In C++ the tag is the name, so it is that of the data from now on.
    const isRenamed = isUntyped && name === tag
    const first = isRenamed ? data : tag
    if (isEarly)
      put(aboveComment(text, declaration.span.start), [
        ...(isRenamed ? [`struct ${first};`] : []),
        ...choiceOf(name, first),
        '',
      ])
    const braces = declaration.struct!.span
    const at = sources
      .code(file)
      .references(name)
      .find((each) => (isUntyped ? each >= declaration.span.start : each >= braces.end))
    if (!isUntyped || isRenamed) edits.replace(file, { start: at!, end: at! + name.length }, data)
  }
  const hasItems = itemSizesOf(sources, struct).length > 0
  const lines = block(struct, isEarly, isShared(file), hasItems)
  put(text.indexOf('\n', declaration.span.end) + 1 || text.length, ['', ...lines])
}

/** What stands behind a struct. */
function block(struct: InstanceStruct, hasTypedef: boolean, isShared: boolean, hasItems: boolean): readonly string[] {
  const { name, tag, typedefs, isUntyped } = struct
  const { data, get, visit, size, relative, items, token } = namesOf(struct)
  const isByTag = typedefs.length > 0 || (isUntyped && name !== tag)
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
    ...(isByTag ? [`typedef struct ${tag} ${data};`, ''] : []),
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
    ...(hasItems ? [`#define ${items}(size) 0`] : []),
    '#else',
    ...(hasTypedef ? [] : [`typedef ${data} ${name};`]),
    `#define ${get}(object) ((${data} *)(object))`,
    `#define ${visit}(object) ((${data} *)(object))`,
    `#define ${size} ((int)sizeof(${data}))`,
    `#define ${relative} 0`,
    ...(hasItems ? [`#define ${items}(size) (size)`] : []),
    '#endif',
  ]
}

/** Types say by their token that the struct is theirs. */
function emitToken(sources: Sources, struct: InstanceStruct, owners: Owners, edits: EditList): void {
  const { token } = namesOf(struct)
  const types = struct.types.filter((each) => owners.has(each))
  types.forEach((type, index) => {
    const table = type.table!
    const { file } = sources.model.files[type.file]!
    const text = sources.text(file)
    const end = lineEndOf(text)
    const open = text.indexOf('{', table.span.end)
    if (isShared(struct.file) && index === 0) {
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
