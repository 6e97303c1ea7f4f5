import type { FileCode } from '../../code/file-code.ts'
import { branchesAround, inCasts, mayBeSkipped, nameAt, statementOf } from '../../code/placement.ts'
import type { DeclaredVariable, FunctionCode, Value, Variable } from '../../code/tree.ts'
import { bare, calleeName, isNull, nameOf } from '../../code/values.ts'
import { variablesNamed } from '../../code/variables.ts'
import type { CapsuleTable } from '../../semantics/capsule-tables.ts'
import type { Origin } from '../../semantics/pointer-origins.ts'
import { onOneLine } from '../../source/comments.ts'
import type { Offset } from '../../source/text.ts'
import type { Obstacles } from '../modules/obstacles.ts'
import type { Sources } from '../sources.ts'
import { fillingDoubt } from './filling.ts'
import { type Declarator, numberOf, plainType } from './types.ts'

/** What a table holds in one place. */
export interface TableEntry {
  /** Its place in an array, from 0; of a struct the number of the field. */
  readonly index: number
  /** What it is called: the function, the variable or the field. */
  readonly name: string
  /** How it is declared; null where that is not known here. */
  readonly declarator: Declarator | null
  /** The C of its value. */
  readonly value: string
  /** The `#if` that it stands under; null for none. */
  readonly condition: string | null
  readonly file: string
  readonly offset: Offset
}

/** The entries of a table, and what the code has to stand behind that names them. */
export interface Entries {
  readonly all: readonly TableEntry[]
  /** The end of the last function or variable that names one. */
  readonly end: Offset
}

/** The entries of an array of pointers: those that its initialiser has, and those that are assigned to it. */
export function arrayEntries(
  sources: Sources,
  file: string,
  { capsule }: CapsuleTable,
  { code: made }: Origin,
  variable: Variable,
  obstacles: Obstacles,
): Entries {
  const { name, initialiser } = variable
  const code = sources.code(file)
  if (code.namespaceAround(variable.nameSpan.start) !== null)
    obstacles.add(file, variable.nameSpan.start, `\`${name}\` stands in a namespace`)
  const around = made.kind === 'function' && variablesNamed(made, name).length > 0 ? made : null
  if (around === null && isSeenElsewhere(sources, file, variable))
    obstacles.add(file, variable.nameSpan.start, `other files see \`${name}\`, and may fill it`)
  const all: TableEntry[] = []
  let end = around?.span.end ?? variable.initialiser?.span.end ?? variable.nameSpan.end
  const add = (index: number, value: Value, offset: Offset, condition: string | null): void => {
    if (isNull(value)) return
    const entry = entryOf(sources, file, index, value, offset, condition, obstacles)
    if (entry !== null) all.push(entry)
  }
  if (initialiser?.kind === 'braces')
    (initialiser.entries ?? []).forEach((each, index) => {
      if (each.kind !== 'item' || each.holdsDirectives)
        obstacles.add(file, each.span.start, 'which number an entry has depends on conditions, or is not understood')
      else if (each.designator !== null || sources.written(file, each.span).startsWith('['))
        obstacles.add(file, each.span.start, 'the initialiser names its entries (`[0] = ...`), which is not read')
      else add(index, each.value, each.span.start, null)
    })
  for (const start of code.references(name)) {
    if (start === variable.nameSpan.start) continue
    const user = code.functionAt(start)
    if (around !== null ? user !== around : user !== null && variablesNamed(user, name).length > 0) continue
    if (user === null && isInPrototype(code, start)) continue
    const assigned = user && assignedItem(user, start)
    if (!user || assigned === undefined) {
      obstacles.add(file, start, `what is done with \`${name}\` there is not understood`)
      continue
    }
    if (assigned === null) continue
    const doubt = fillingDoubt(sources, { file, code: capsule.around }, user, start)
    if (doubt !== null) obstacles.add(file, start, doubt)
    const index = numberOf(sources, sources.written(file, assigned.index.span))
    const condition = conditionOf(sources, file, user, assigned.index, obstacles)
    if (index === null) obstacles.add(file, start, 'the number of an entry is not known')
    else if (condition !== undefined) add(index, assigned.value, start, condition)
    end = Math.max(end, user.span.end)
  }
  return { all, end }
}

/** `extern void keep(void **table);` */
function isInPrototype(code: FileCode, start: Offset): boolean {
  const [statement] = code.codeAt(start)?.body ?? []
  return statement?.kind === 'declaration' && statement.variables.length === 0
}

/** Whether other files see an array, and may fill it. */
const isSeenElsewhere = (sources: Sources, file: string, { name, storage }: Variable): boolean =>
  storage !== 'static' &&
  sources
    .references(name)
    .some((each) => each.file !== file && sources.code(each.file).variables.some((one) => isArrayNamed(one, name)))

const isArrayNamed = (variable: Variable, name: string): boolean =>
  variable.name === name && variable.storage !== 'static' && /\[\]$/.test(variable.type)

/**
 * What is put into an item of an array that a name stands for.
 * @returns null where it is handed to a capsule or measured, undefined for any other use
 */
function assignedItem(
  user: FunctionCode,
  start: Offset,
): { readonly index: Value; readonly value: Value } | null | undefined {
  const named = nameAt(user, start)
  const { whole, parent } = named ? inCasts(user, named) : { whole: null, parent: undefined }
  if (parent?.kind === 'call' && calleeName(parent) === 'PyCapsule_New' && parent.operands[0] === whole) return null
  if (parent?.kind === 'unary' && parent.operator === 'sizeof') return null
  if (parent?.kind !== 'index') return undefined
  const assign = inCasts(user, parent).parent
  const isIt = assign?.kind === 'assign' && assign.operator === '=' && bare(assign.target) === parent
  return isIt ? { index: parent.index, value: assign.value } : undefined
}

/**
 * The condition of the preprocessor that an assignment stands under.
 * @returns null for none, undefined where it is not understood or the program decides
 */
export function conditionOf(
  sources: Sources,
  file: string,
  user: FunctionCode,
  value: Value,
  obstacles: Obstacles,
): string | null | undefined {
  const { start } = value.span
  const statement = statementOf(user, value)
  const refuse = (why: string): undefined => {
    obstacles.add(file, start, why)
    return undefined
  }
  if (statement === null) return refuse('the number of an entry is not known')
  if (branchesAround(user, statement).length > 0 || mayBeSkipped(user, value))
    return refuse('whether an entry is set is decided when the module is imported')
  const outside = new Set(sources.regionsAround({ file, offset: user.span.start }))
  const [region, ...others] = sources.regionsAround({ file, offset: start }).filter((each) => !outside.has(each))
  if (region === undefined) return null
  const line = sources.code(file).directiveBefore(region.start)
  if (others.length > 0 || line === null || !/^#\s*if/.test(line))
    return refuse('an entry stands under several conditions')
  return onOneLine(line)
}

/** What an entry of an array is; null where that is not understood. */
function entryOf(
  sources: Sources,
  file: string,
  index: number,
  value: Value,
  offset: Offset,
  condition: string | null,
  obstacles: Obstacles,
): TableEntry | null {
  const inner = bare(value)
  const isAddress = inner.kind === 'unary' && inner.operator === '&'
  const name = isAddress ? nameOf(inner.operand) : nameOf(inner)
  const shared = { index, condition, file, offset }
  if (name !== null) {
    const functions = sources.functions(name, file)
    const isOwn = isAddress && sources.code(file).variables.some((each) => each.name === name)
    if (!isOwn && (functions.length > 0 || declaresFunction(sources, name)))
      return { ...shared, name, value: name, declarator: functionDeclarator(sources, file, name) }
    const type = isAddress ? variableType(sources, file, name) : null
    if (type !== null) return { ...shared, name, value: `&${name}`, declarator: { before: `${type} *`, behind: '' } }
  }
  const what = onOneLine(sources.written(file, inner.span))
  const isKnown = name === null || isAddress || variableType(sources, file, name) !== null
  obstacles.add(
    file,
    value.span.start,
    isKnown
      ? `entry ${index}, \`${what}\`, is no function and not the address of a variable: an object belongs to one ` +
          'interpreter, and old users keep one table for all'
      : `what \`${what}\` is, entry ${index}, is declared nowhere that is read`,
  )
  return null
}

const declaresFunction = ({ model }: Sources, name: string): boolean =>
  model.project.declarations.value(name).some(({ fact }) => fact.kind === 'function') ||
  model.api.fact(name)?.entity === 'function'

/** The type of a variable at file level that is no array, with `const`; null for none. */
function variableType(sources: Sources, file: string, name: string): string | null {
  const files = sources.model.project.declarations
    .value(name)
    .flatMap(({ file: where, fact }) => (fact.kind === 'variable' ? [sources.model.files[where]!.file] : []))
  const inFile = (where: string): readonly (string | null)[] =>
    sources.code(where).variables.flatMap((each) => (each.name === name ? [writtenType(sources, where, each)] : []))
  const own = inFile(file)
  const types = new Set(own.length > 0 ? own : [...new Set(files)].flatMap(inFile))
  const found = types.size > 0 ? types : new Set([apiType(sources, name)])
  const [type] = found
  return found.size === 1 && typeof type === 'string' && /^[\w ]+\**$/.test(type) ? spaced(type) : null
}

/** The type of a variable as its declaration has it; null where more than words of C stand in that. */
function writtenType(sources: Sources, file: string, variable: DeclaredVariable): string | null {
  const { type, nameSpan, declaration } = variable
  const written = onOneLine(sources.written(file, { start: declaration.span.start, end: nameSpan.start }))
  if (!/\b(?:const|volatile)\b/.test(written)) return type
  const plain = plainType(written.replace(/\b(?:static|extern)\b/g, ' ').replace(/\s+/g, ' '))
  const isIt = plainType(plain.replace(/\b(?:const|volatile)\b/g, '').replace(/\s+/g, ' ')) === plainType(type)
  return declaration.variables.length === 1 && isIt ? plain : null
}

const apiType = ({ model }: Sources, name: string): string =>
  model.project.declarations.value(name).find(({ fact }) => fact.kind === 'variable')?.fact.type ??
  model.api.nameType(name) ??
  ''

/** How a pointer to a function of the project is declared; null where its head is not understood. */
function functionDeclarator(sources: Sources, file: string, name: string): Declarator | null {
  const [only, ...others] = sources.functions(name, file)
  if (!only || others.length > 0) return null
  const { hasParameters, headStart, nameSpan, span } = only.code
  const result = resultOf(onOneLine(sources.written(only.file, { start: headStart, end: nameSpan.start })), only.code)
  const written = onOneLine(sources.written(only.file, { start: nameSpan.end, end: span.start }))
  const head = written.replace(/\bPy_UNUSED ?\( ?(\w+) ?\)/g, '$1')
  // C++ may say what parameters begin with, which no pointer does.
  if (result === null || !hasParameters || !isBalanced(head) || head.includes('=')) return null
  if (sources.code(only.file).holdsDirectives({ start: headStart, end: span.start })) return null
  return { before: `${spaced(result)}${result.endsWith('*') ? '' : ' '}(*`, behind: `)${voidOf(head)}` }
}

/** What a function gives, as its head says, with `const`; null where there is more in it than what is known. */
function resultOf(written: string, { result }: FunctionCode): string | null {
  const words = /\b(?:static|extern|inline|__inline|__inline__)\b|"C"/g
  const known = plainType(result).split(/\W+/)
  // `SPAM_NO_EXPORT int`: macros that are no part of the type, as the reader has it.
  const plain = written
    .replace(words, ' ')
    .replace(/\b[A-Z][A-Z0-9_]+\b/g, (word) => (known.includes(word) ? word : ' '))
    .replace(/\s+/g, ' ')
    .trim()
  const isIt = plainType(plain.replace(/\b(?:const|volatile)\b/g, '')) === plainType(result)
  return isIt && result !== '' ? plain.replace(/\s*\*\s*/g, '*') : null
}

/** `char*` as people write it. */
const spaced = (type: string): string => type.replace(/(?<=\w)\*/, ' *')

const voidOf = (parameters: string): string => (/^\(\s*\)$/.test(parameters) ? '(void)' : parameters)

/** Whether a text is one pair of parentheses, with what is in it. */
function isBalanced(text: string): boolean {
  let depth = 0
  for (const [at, sign] of [...text].entries()) {
    if (sign === '(') depth++
    else if (sign === ')' && --depth === 0) return at === text.length - 1
  }
  return false
}
