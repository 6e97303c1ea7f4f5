import { assignedTo, callStarting, callsIn, inCasts, inParentheses, nameAt } from '../../code/placement.ts'
import { textParts } from '../../code/strings.ts'
import type { CallValue, DeclaredVariable, FunctionCode, NameValue, Value } from '../../code/tree.ts'
import { bare, calleeName, isNull, nameOf } from '../../code/values.ts'
import { declaresName, variablesNamed } from '../../code/variables.ts'
import type { CapsuleTable } from '../../semantics/capsule-tables.ts'
import { isOperandOfTest } from '../../semantics/null-tests.ts'
import { onOneLine } from '../../source/comments.ts'
import type { Offset, Span } from '../../source/text.ts'
import type { Obstacles } from '../modules/obstacles.ts'
import type { PlaceIn, Sources } from '../sources.ts'
import { expanded, macroText, numberOf, plainType } from './types.ts'

/** A variable at file level that keeps the pointer of a capsule, with all that the project does with it. */
export interface TableUser {
  readonly name: string
  readonly declarations: readonly { readonly file: string; readonly variable: DeclaredVariable; readonly type: Span }[]
  /** Where it gets the pointer: the call with its casts. */
  readonly imports: readonly { readonly file: string; readonly span: Span }[]
  /** Where an entry is taken out of it. */
  readonly uses: readonly EntryUse[]
}

/** An entry that is taken out of a table. */
export interface EntryUse {
  readonly file: string
  /** With the cast before it: `(int (*)(int)) PySpam_API[0]`. */
  readonly span: Span
  /** Its number, or the name of its field. */
  readonly entry: number | string
  /** The type that it is cast to, to compare it with others; null of a field. */
  readonly type: string | null
}

const takers = ['PyCapsule_Import', 'PyCapsule_GetPointer']

/** A call that takes the pointer of a capsule. */
export interface Taking extends PlaceIn {
  readonly around: FunctionCode
  readonly call: CallValue
  /** The operand that names the capsule. */
  readonly name: Value
}

/**
 * Finds who uses a capsule, in all branches, whether something compiles them or not: headers for other projects, too.
 * @param file where the capsule is made
 */
export function usersOf(
  sources: Sources,
  file: string,
  table: CapsuleTable,
  capsule: string,
  obstacles: Obstacles,
): readonly TableUser[] {
  const byVariable = new Map<string, { readonly name: string; readonly takings: Taking[] }>()
  for (const { file: where, offset } of unknownTakings(sources, table, capsule))
    obstacles.add(where, offset, 'which capsule is taken there is not known')
  for (const taking of takingsOf(sources, capsule)) {
    const target = assignedTo(taking.around, taking.call)
    const name = target && (target.kind === 'variable' ? target.name : nameOf(target))
    const near = name === null ? [] : declarationsOf(sources, name, scopeOf(sources, name, [taking.file]))
    const declared = near.filter((each) => !isTable(table, file, each.file, each.variable))
    if (name === null || declaresName(taking.around, name) || declared.length === 0) {
      obstacles.add(taking.file, taking.offset, 'the pointer is taken there, and kept in no variable at file level')
      continue
    }
    const key = declared.map((each) => `${each.file} ${each.variable.nameSpan.start}`).join()
    const known = byVariable.get(key) ?? { name, takings: [] }
    byVariable.set(key, known)
    known.takings.push(taking)
  }
  return [...byVariable.values()].map(({ name, takings }) => userOf(sources, file, table, name, takings, obstacles))
}

/** The calls that take the pointer of a capsule, in all branches. */
export const takingsOf = (sources: Sources, capsule: string): readonly Taking[] =>
  allTakings(sources).filter(({ file, name }) => textOf(sources, file, name) === capsule)

/**
 * The calls that may take the pointer of a capsule by a name that is no literal: a variable, which would be left over
 * where the call is written anew, or a parameter.
 */
const unknownTakings = (sources: Sources, { shape, name: struct }: CapsuleTable, capsule: string): readonly Taking[] =>
  allTakings(sources).filter(({ file, name, around, call }) => {
    if (isNull(name) || textOf(sources, file, name) !== null) return false
    const text = variableText(sources, file, around, name)
    if (text !== null) return text === capsule
    if (calleeName(call) === 'PyCapsule_Import') return true
    const { parent } = inParentheses(around, call)
    const target = assignedTo(around, call)
    const type = parent?.kind === 'cast' ? parent.type : target?.kind === 'variable' ? target.type : ''
    return shape === 'array' ? type === 'void**' : type.replace(/^struct /, '') === `${struct}*`
  })

/** What a constant variable holds: `static const char name[] = "spam._C_API";`; null for any other value. */
function variableText(sources: Sources, file: string, around: FunctionCode, value: Value): string | null {
  const name = nameOf(value)
  if (name === null) return null
  const own = variablesNamed(around, name)
  const found = own.length > 0 ? own : sources.code(file).variables.filter((each) => each.name === name)
  const [only, ...others] = found
  if (!only?.initialiser || others.length > 0 || !/^(?:const )?char(?:\*|\[\])$/.test(only.type)) return null
  const head = sources.text(file).slice(0, only.nameSpan.start)
  const isConstant = /\bconst\b[^;{}()]*$/.test(head.slice(-longestHead))
  return isConstant ? textOf(sources, file, only.initialiser) : null
}

/** The calls that take the pointer of any capsule. */
const allTakings = (sources: Sources): readonly Taking[] =>
  takers.flatMap((taker) =>
    sources.references(taker).flatMap(({ file, offset }): Taking[] => {
      const around = sources.code(file).codeAt(offset)
      const call = around && callsIn(around).find(({ callee }) => callee.span.start === offset)
      const name = call?.operands[taker === 'PyCapsule_Import' ? 0 : 1]
      return around && call && name ? [{ file, offset, around, call, name }] : []
    }),
  )

/** The text that literals and macros for them stand for; null for anything else. */
export const textOf = (sources: Sources, file: string, value: Value): string | null =>
  textIn(sources, sources.written(file, bare(value).span), 0)

function textIn(sources: Sources, written: string, depth: number): string | null {
  const parts = depth > deepest ? null : textParts(written.replace(/^\((.*)\)$/s, '$1'))
  const texts = parts?.map(({ kind, text }) => {
    const body = kind === 'name' ? macroText(sources, text) : null
    return kind === 'text' ? text : body === null ? null : textIn(sources, body, depth + 1)
  })
  return texts && texts.length > 1 && !texts.includes(null) ? texts.join('') : null
}

/** Macros within macros that are followed. */
const deepest = 8

/** The files in which a name means the variable that it means in some files: `static` ones are those of a file. */
function scopeOf(sources: Sources, name: string, files: readonly string[]): ReadonlySet<string> {
  const near = new Set(files.flatMap((each) => [...sources.settings.related(each)]))
  const all = declarationsOf(sources, name, new Set(sources.texts.keys()))
  if (all.every((each) => !near.has(each.file) || each.variable.storage === 'static')) return near
  const own = new Set(all.flatMap((each) => (each.variable.storage === 'static' ? [each.file] : [])))
  return new Set([...sources.texts.keys()].filter((each) => near.has(each) || !own.has(each)))
}

const declarationsOf = (
  sources: Sources,
  name: string,
  files: ReadonlySet<string>,
): readonly { readonly file: string; readonly variable: DeclaredVariable }[] =>
  [...new Set(sources.references(name).map(({ file }) => file))].flatMap((file) =>
    files.has(file)
      ? sources
          .code(file)
          .variables.filter((each) => each.name === name && !/\[\]$/.test(each.type))
          .map((variable) => ({ file, variable }))
      : [],
  )

function userOf(
  sources: Sources,
  file: string,
  table: CapsuleTable,
  name: string,
  takings: readonly Taking[],
  obstacles: Obstacles,
): TableUser {
  const scope = scopeOf(
    sources,
    name,
    takings.map((each) => each.file),
  )
  const found = declarationsOf(sources, name, scope).filter((each) => !isTable(table, file, each.file, each.variable))
  const declarations = found.flatMap((each) => {
    const type = typeSpan(sources, each, table)
    if (type !== null) return [{ ...each, type }]
    obstacles.add(each.file, each.variable.nameSpan.start, `how \`${name}\` is declared is not understood`)
    return []
  })
  const imports: TableUser['imports'][number][] = []
  const uses: EntryUse[] = []
  for (const place of sources.references(name)) {
    if (!scope.has(place.file)) continue
    if (isOther(sources, place, file, table, name)) continue
    if (found.some((each) => each.file === place.file && each.variable.nameSpan.start === place.offset)) continue
    if (isOtherName(sources, place, name)) continue
    const use = tableUse(sources, place, name, table.shape, takings)
    if (use === null) obstacles.add(place.file, place.offset, `what is done with \`${name}\` there is not understood`)
    else if ('entry' in use) uses.push(use)
    else if ('file' in use) imports.push(use)
  }
  return { name, declarations, imports, uses }
}

/** Whether a variable is the table itself. @param file where the capsule is made */
const isTable = ({ capsule }: CapsuleTable, file: string, where: string, { nameSpan }: DeclaredVariable): boolean =>
  where === file && capsule.origins.some(({ variable }) => variable?.nameSpan.start === nameSpan.start)

/** Whether a name is that of the table itself, or of a variable of a function. */
function isOther(
  sources: Sources,
  { file: where, offset }: PlaceIn,
  file: string,
  { capsule }: CapsuleTable,
  name: string,
): boolean {
  const code = sources.code(where)
  const around = code.isInDirective(offset) ? null : code.functionAt(offset)
  if (around !== null && declaresName(around, name)) return true
  return where === file && capsule.origins.some(({ variable }) => variable?.name === name)
}

/** `#define PySpam_API PY_SPAM_UNIQUE_SYMBOL`: all that the project says of it means the same variable. */
function isOtherName(sources: Sources, { file, offset }: PlaceIn, name: string): boolean {
  const code = sources.code(file)
  return (
    code.definesMacro(offset) &&
    sources
      .macros(name)
      .every((each) => each.file === file && /^[A-Za-z_]\w*$/.test(sources.written(file, each.code.span).trim()))
  )
}

/** Where the type stands in a declaration: `void **`; null where it is not alone, or something else. */
function typeSpan(
  sources: Sources,
  { file, variable }: { readonly file: string; readonly variable: DeclaredVariable },
  { shape, name: struct }: CapsuleTable,
): Span | null {
  const { declaration, nameSpan, initialiser } = variable
  if (declaration.variables.length > 1 || (initialiser !== null && !isNull(initialiser))) return null
  if (sources.code(file).namespacesAt(nameSpan.start).length > 0) return null
  const text = sources.text(file).slice(declaration.span.start, nameSpan.start)
  const pattern = shape === 'array' ? String.raw`void\s*\*\s*\*\s*` : String.raw`(?:struct\s+)?${struct}\s*\*\s*`
  const found = new RegExp(`^(?:(?:static|extern|[A-Z][A-Z0-9_]*)\\s+)*(${pattern})$`).exec(text)
  return found && { start: nameSpan.start - found[1]!.length, end: nameSpan.start }
}

/** What code does with the pointer where its name stands; null where that is not understood. */
function tableUse(
  sources: Sources,
  { file, offset }: PlaceIn,
  name: string,
  shape: CapsuleTable['shape'],
  takings: readonly Taking[],
): EntryUse | TableUser['imports'][number] | { readonly isTest: true } | null {
  const code = sources.code(file)
  const text = sources.text(file)
  const around = code.codeAt(offset)
  if (around === null) return null
  const value = nameAt(around, offset)
  const taken =
    shape === 'array' ? itemAt(sources, file, text, offset, name) : value && fieldAt(sources, file, around, value)
  if (taken !== null) return taken
  if (value === null) return null
  const { whole, parent } = inCasts(around, value)
  if (parent?.kind === 'assign' && parent.target === whole && parent.operator === '=') {
    const taking = takings.find(({ around: user, call }) => user === around && isWithin(call.span, parent.value.span))
    const isGiven = /^(?:return|call|assign|variable)$/.test(inCasts(around, parent).parent?.kind ?? '')
    if (taking && !isGiven && inCasts(around, taking.call).parent === parent) return { file, span: parent.value.span }
    return isNull(parent.value) ? { isTest: true } : null
  }
  return isOperandOfTest(around, value) ? { isTest: true } : null
}

const isWithin = (inner: Span, outer: Span): boolean => outer.start <= inner.start && inner.end <= outer.end

/** `(int (*)(int)) PySpam_API[0]` */
function itemAt(sources: Sources, file: string, text: string, offset: Offset, name: string): EntryUse | null {
  const end = offset + name.length
  const index = /^[\s\\]*\[([^[\]]*)\]/.exec(text.slice(end, end + longestUse))
  if (!index) return null
  const before = text.slice(Math.max(0, offset - longestUse), offset)
  const blanks = /[\s\\]*$/.exec(before)![0].length
  const close = before.length - blanks - 1
  const open = before[close] === ')' ? openOf(before, close) : null
  const number = numberOf(sources, index[1]!)
  if (open === null || number === null) return null
  const span = { start: offset - before.length + open, end: end + index[0].length }
  const isWritten = /^\s*=[^=]/.test(text.slice(span.end, span.end + longestUse))
  const cast = expanded(sources, before.slice(open + 1, close).replace(/\\\r?\n/g, ' '))
  return isWritten ? null : { file, span, entry: number, type: plainType(typedefText(sources, cast) ?? cast) }
}

/** What a name of a type stands for: `int (*boil)(int)` of `typedef int (*boil)(int);`; null for any other type. */
function typedefText(sources: Sources, cast: string): string | null {
  const [, name] = /^\s*([A-Za-z_]\w*)\s*$/.exec(cast) ?? []
  const texts = new Set(
    [...sources.texts].flatMap(([file, text]) =>
      name !== undefined && text.includes(name)
        ? sources
            .code(file)
            .declarations.flatMap(({ types, struct, span }) =>
              types.includes(name) && struct === null ? [onOneLine(sources.written(file, span))] : [],
            )
        : [],
    ),
  )
  const [only, ...others] = texts
  const type = /^typedef (.*\( ?\* ?\w+ ?\).*);$/.exec(only ?? '')?.[1]
  return others.length === 0 ? (type ?? null) : null
}

/** Where the parenthesis opens that closes at an offset; null for none. */
function openOf(text: string, close: Offset): Offset | null {
  let depth = 0
  for (let at = close; at >= 0; at--) {
    if (text[at] === ')') depth++
    else if (text[at] === '(' && --depth === 0) return at
  }
  return null
}

/** `Spam_CAPI->boil`, which is read; null for anything else, and where a macro stands for it that is written to. */
function fieldAt(sources: Sources, file: string, around: FunctionCode, named: NameValue): EntryUse | null {
  const { whole, parent } = inParentheses(around, named)
  if (parent?.kind !== 'member' || !parent.arrow || parent.object !== whole || whole !== named) return null
  if (isChanged(around, parent)) return null
  if (around.kind === 'macro') {
    const isRead = sources.references(around.name).every(({ file: where, offset }) => {
      const code = sources.code(where)
      if (code.definesMacro(offset)) return true
      const user = code.codeAt(offset)
      const value = user && (nameAt(user, offset) ?? callStarting(user, offset))
      return user !== null && value !== null && !isChanged(user, value)
    })
    if (!isRead) return null
  }
  return { file, span: { start: named.span.start, end: parent.span.end }, entry: parent.name, type: null }
}

/** Whether code writes to a value, or takes its address. */
function isChanged(around: FunctionCode, value: Value): boolean {
  const { whole, parent } = inParentheses(around, value)
  return parent?.kind === 'assign'
    ? parent.target === whole
    : parent?.kind === 'unary' && /^(?:&|x?\+\+|x?--)$/.test(parent.operator)
}

/** Characters of what a declaration begins with. */
const longestHead = 100

/** Characters around a name that are looked at. */
const longestUse = 2000
