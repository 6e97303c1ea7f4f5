import { callsIn } from '../../code/placement.ts'
import type { FunctionCode } from '../../code/tree.ts'
import { calleeName, isNull } from '../../code/values.ts'
import { commentBehind } from '../../source/comments.ts'
import { greatest } from '../../source/lists.ts'
import type { Offset } from '../../source/text.ts'
import type { EditList } from '../edit-list.ts'
import { fieldEdits } from '../modules/emit-definition.ts'
import type { Obstacles } from '../modules/obstacles.ts'
import { indentAt, lineEndOf } from '../places.ts'
import type { Sources } from '../sources.ts'
import type { Exporter } from './exporter.ts'
import type { Part } from './parts.ts'
import type { TableField } from './table-fields.ts'

/** Names of parameters and variables of the functions that a module gets. */
export type OwnName = 'module' | 'visit' | 'arg' | 'api'

/** The names that a rewritten module uses besides its own. */
export interface NewNames {
  readonly stem: string
  /** What the names of the new headers begin with: `Spam`, `SPAM`. */
  readonly type: string
  readonly macro: string
  readonly functions: {
    /** Of functions that see to the state: `spam`. */
    readonly prefix: string
    /** The function that offers the table. */
    readonly exporting: string
    /** The member of the state. */
    readonly member: string
    /** What functions call what they are given and what they have: nothing else that they name is called so. */
    readonly own: Readonly<Record<OwnName, string>>
  }
}

/** Writes how the module offers the new table. */
export function emitExporter(
  sources: Sources,
  exporter: Exporter,
  fields: readonly TableField[],
  parts: readonly Part[],
  names: NewNames,
  { exporting, include }: { readonly exporting: string; readonly include: Offset },
  edits: EditList,
  obstacles: Obstacles,
): void {
  const { file, state, place } = exporter
  const text = sources.text(file)
  const lineEnd = lineEndOf(text)
  const { functions, type } = names
  const stateType = state?.type ?? `${functions.prefix}_state`
  const member = (module: string): string => `&((${stateType} *)PyModule_GetState(${module}))->${functions.member}`
  const write = (offset: Offset, written: string): void => edits.insert(file, offset, written.replaceAll('\n', lineEnd))
  if (state !== null && state.start > place)
    obstacles.add(file, state.start, 'its state is declared behind its definition')
  write(include, `#include "${exporting.slice(exporting.lastIndexOf('/') + 1)}"\n`)
  if (state !== null) addMember(text, state.struct.end - 1, `${type}ApiExport ${functions.member};`, file, edits)
  const struct = `/* What each module object has of its own. */
typedef struct {
    ${type}ApiExport ${functions.member};
} ${stateType};

`
  const tables = [...new Set(parts.map(({ table }) => `\`${table.name}\``))].join(' and ')
  const definition = exportFunction(names, fields, tables, member(functions.own.module), exporter)
  const end = greatest(parts.map(({ entries }) => entries.end))
  const isBefore = end <= place
  write(
    place,
    `${state === null ? struct : ''}${seeTo(exporter, names, member, edits, obstacles)}${
      isBefore ? `${definition}\n` : `static int ${functions.exporting}(PyObject *${functions.own.module});\n\n`
    }`,
  )
  if (!isBefore) write(end, `\n\n${definition.trimEnd()}`)
  emitDefinition(text, exporter, functions, stateType, edits)
  emitSlot(text, exporter, functions.exporting, edits)
}

function exportFunction(
  { type, macro, functions }: NewNames,
  fields: readonly TableField[],
  tables: string,
  member: string,
  { flags, sharing }: Exporter,
): string {
  const isForMain = sharing ? `\n * Other interpreters are refused: ${sharing.text}.` : ''
  const { module, api } = functions.own
  const filled = fields.flatMap(({ field, value, condition }, at) => [
    ...(condition !== null && fields[at - 1]?.condition !== condition ? [condition] : []),
    `    ${api}.${field} = ${value};`,
    ...(condition !== null && fields[at + 1]?.condition !== condition ? ['#endif'] : []),
  ])
  return `/* Offers what is in ${tables} once more, in a table with a version.${isForMain} */
static int
${functions.exporting}(PyObject *${module})
{
    ${type}Api ${api};
    ${type}Api_Init(&${api}, ${flags.map((each) => `${macro}_API_${each}`).join(' | ')});
${filled.join('\n')}
    return ${type}Api_Export(${module}, ${member}, &${api});
}
`
}

/** Puts a member behind those of a struct. @param close its closing brace */
function addMember(text: string, close: Offset, member: string, file: string, edits: EditList): void {
  const inside = text.slice(0, close)
  const last = inside.trimEnd().length
  const behind = inside.slice(last)
  if (!behind.includes('\n')) edits.insert(file, close, `${/\s$/.test(inside) ? '' : ' '}${member} `)
  else {
    const lineStart = inside.lastIndexOf('\n') + 1
    const line = indentAt(text, last - 1) || '    '
    const indent = /^\s*[#}]/.test(text.slice(text.lastIndexOf('\n', last - 1) + 1, last)) ? '    ' : line
    edits.insert(file, lineStart, `${indent}${member}${lineEndOf(text)}`)
  }
}

/** The functions that see to the state: what those that are there do besides, and the text of those that are not. */
function seeTo(
  { file, functions: own }: Exporter,
  { type, functions: { prefix, own: given } }: NewNames,
  member: (module: string) => string,
  edits: EditList,
  obstacles: Obstacles,
): string {
  const clear = (module: string): string => `${type}Api_ClearExport(${member(module)});`
  const { m_traverse, m_clear, m_free } = own
  if (m_traverse !== null) {
    const [module, visit, arg] = m_traverse.parameters.map(({ name }) => name)
    const last = m_traverse.body.at(-1)
    if (module && visit && arg && last?.kind === 'return' && last.value && isNull(last.value))
      edits.replace(file, last.value.span, `${type}Api_TraverseExport(${member(module)}, ${visit}, ${arg})`)
    else obstacles.add(file, m_traverse.span.start, `how \`${m_traverse.name}\` ends is not understood`)
  }
  if (m_clear !== null) begin(file, m_clear, clear, edits, obstacles)
  const isFreed =
    m_free !== null && m_clear !== null && callsIn(m_free).some((each) => calleeName(each) === m_clear.name)
  if (m_free !== null && !isFreed) begin(file, m_free, (module) => clear(`(PyObject *)${module}`), edits, obstacles)
  const traverseText = `static int
${prefix}_traverse(PyObject *${given.module}, visitproc ${given.visit}, void *${given.arg})
{
    return ${type}Api_TraverseExport(${member(given.module)}, ${given.visit}, ${given.arg});
}

`
  const clearText = `static int
${prefix}_clear(PyObject *${given.module})
{
    ${clear(given.module)}
    return 0;
}

`
  const freeText = `static void
${prefix}_free(void *${given.module})
{
    ${clear(`(PyObject *)${given.module}`)}
}

`
  return `${m_traverse ? '' : traverseText}${m_clear ? '' : clearText}${m_free ? '' : freeText}`
}

/** Puts a statement behind the declarations that a function begins with. */
function begin(
  file: string,
  code: FunctionCode,
  line: (module: string) => string,
  edits: EditList,
  obstacles: Obstacles,
): void {
  const [module] = code.parameters
  const first = code.body.find((each) => each.kind !== 'declaration')
  if (module && module.name !== '' && first) edits.insertBefore(file, first, [line(module.name)])
  else obstacles.add(file, code.span.start, `\`${code.name}\` has no place for a statement`)
}

function emitDefinition(
  text: string,
  { file, definition, functions: own, state }: Exporter,
  { prefix }: NewNames['functions'],
  stateType: string,
  edits: EditList,
): void {
  const values = new Map([
    ...(state === null ? [['m_size', `sizeof(${stateType})`] as const] : []),
    ...(['m_traverse', 'm_clear', 'm_free'] as const).flatMap((field) =>
      own[field] === null ? [[field, `${prefix}_${field.slice(2)}`] as const] : [],
    ),
  ])
  if (values.size === 0) return
  for (const edit of fieldEdits(text, definition, values)) edits.add(file, edit)
}

function emitSlot(text: string, { file, execSlot }: Exporter, exporting: string, edits: EditList): void {
  const { start, end } = execSlot.span
  const behind = commentBehind(text, end) ?? ''
  const isOwnLine = /\n[ \t]*$/.test(text.slice(Math.max(0, start - longestIndent), start))
  const slot = `{Py_mod_exec, (void *)${exporting}},`
  const separator = isOwnLine ? `${lineEndOf(text)}${indentAt(text, start)}` : ' '
  edits.insert(file, end + (isOwnLine ? behind.trimEnd().length : 0), `${separator}${slot}`)
}

/** Characters before an entry that are looked at. */
const longestIndent = 200
