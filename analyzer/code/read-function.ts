import type { CType } from '../knowledge/ctype.ts'
import type { MacroDefinition } from '../preprocess/directives.ts'
import { directiveOf } from '../preprocess/scanner.ts'
import { exact } from '../source/lists.ts'
import type { Span, TokenIndex } from '../source/text.ts'
import type { Conditionals } from './conditionals.ts'
import { Cursor } from './cursor.ts'
import type { FunctionText, Outline } from './outline.ts'
import { declaratorFrom, readDeclaration, specifiersBefore } from './read-declaration.ts'
import { readInitialiser } from './read-initialiser.ts'
import { StatementReader } from './read-statement.ts'
import { ValueReader } from './read-value.ts'
import type { Nested } from './reading.ts'
import type {
  BracesValue,
  DeclarationStatement,
  Entry,
  FunctionCode,
  Statement,
  Storage,
  Value,
  Variable,
} from './tree.ts'
import { endOfTemplate, typeWords } from './types.ts'
import { statementBounds, wordSet } from './words.ts'

/** What reading a file's code takes besides its tokens. */
export interface CodeContext {
  readonly outline: Outline
  readonly conditionals: Conditionals
  readonly isCxx: boolean
  /** The names of the file's functions. */
  readonly functions: ReadonlySet<string>
  /** Whether what is between the braces of initialisers is read on demand. */
  readonly isDeferred: boolean
  /** Whether a name is known to be a type. */
  isType(name: string): boolean
}

/** Functions of the C API are named so, and no type is: `PyList_Check`. */
const functionOfApi = /^_?Py[A-Za-z]*_[A-Z]/

/** Reads the head of a function that has a body; the body is read when somebody asks for it. */
export function readFunction(context: CodeContext, text: FunctionText): FunctionCode {
  return new ReadFunction(context, text)
}

class ReadFunction implements FunctionCode {
  readonly name: string
  readonly kind = 'function'
  readonly nameSpan: Span
  readonly headStart: number
  readonly span: Span
  readonly storage: Storage
  readonly parameters: readonly Variable[]
  readonly hasParameters: boolean
  readonly result: CType
  private known: readonly Statement[] | null = null

  constructor(
    private readonly context: CodeContext,
    private readonly text: FunctionText,
  ) {
    const { tokens } = context.outline
    const { storage, result, headStart } = headOf(context, text)
    const parameters = parametersOf(context, text)
    this.name = text.name
    this.nameSpan = { start: tokens.start[text.nameToken]!, end: tokens.end[text.nameToken]! }
    this.headStart = headStart
    this.span = { start: tokens.start[text.body]!, end: tokens.end[text.end]! }
    this.storage = storage
    this.parameters = parameters ?? []
    this.hasParameters = parameters !== null
    this.result = result
  }

  get body(): readonly Statement[] {
    const { body, end } = this.text
    this.known ??= readBody(this.context, body + 1, end, -1, this.parameters)
    return this.known
  }
}

/** Reads the body of a macro as statements, or as one value. */
export function readMacro(context: CodeContext, macro: MacroDefinition): FunctionCode {
  const { tokens } = context.outline
  const isEmpty = macro.firstToken >= macro.endToken
  const parameters = (macro.parameters ?? []).map((name): Variable => {
    const nameSpan = { start: macro.offset, end: macro.offset }
    return { kind: 'variable', name, type: '', isReference: false, storage: '', initialiser: null, nameSpan }
  })
  const directive = isEmpty ? -1 : directiveOf(tokens, macro.firstToken)
  return {
    name: macro.name,
    kind: 'macro',
    nameSpan: { start: macro.offset, end: macro.offset + macro.name.length },
    headStart: macro.offset,
    span: { start: macro.bodyStart, end: macro.bodyEnd },
    storage: '',
    parameters,
    hasParameters: true,
    result: '',
    body: isEmpty ? [] : readBody(context, macro.firstToken, macro.endToken, directive, parameters),
  }
}

/** Reads the value that tokens are, `end` exclusive. */
export function readValueAt(context: CodeContext, first: number, end: number): Value {
  const cursor = new Cursor(context.outline, context.conditionals, first, end, -1)
  const { values } = readersOf(context, cursor, new Set())
  return values.whole(() => values.assignment())
}

/** Reads a declaration at file level; null where none stands there. @param end a token where it ends at the latest */
export function readDeclarationAt(context: CodeContext, first: number, end: number): DeclarationStatement | null {
  const cursor = new Cursor(context.outline, context.conditionals, first, end, -1)
  const { values } = readersOf({ ...context, isDeferred: true }, cursor, new Set())
  return readDeclaration(cursor, values, () => false, context.isCxx)
}

function readBody(
  context: CodeContext,
  first: number,
  end: number,
  directive: number,
  parameters: readonly Variable[],
): readonly Statement[] {
  const cursor = new Cursor(context.outline, context.conditionals, first, end, directive)
  return readersOf(context, cursor, new Set(parameters.map(({ name }) => name))).statements.all()
}

/** @param variables the names of variables that are declared where reading begins */
function readersOf(
  context: CodeContext,
  cursor: Cursor,
  variables: Set<string>,
): { readonly values: ValueReader; readonly statements: StatementReader } {
  const nested: Nested = {
    statements: (inner, open, close) => {
      inner.at = open + 1
      return inner.within(close, () => statements.all())
    },
    lambda: (inner) => readLambda(context, inner, statements, variables),
    initialiser: (inner, open) => initialiserAt(context, inner, values, open),
    isVariable: (name) => variables.has(name),
    isType: context.isType,
    isFunction: (name) => context.functions.has(name) || functionOfApi.test(name),
    isCxx: context.isCxx,
  }
  const values = new ValueReader(cursor, nested)
  const statements = new StatementReader(cursor, values, context.isCxx, variables)
  return { values, statements }
}

function initialiserAt(context: CodeContext, cursor: Cursor, values: ValueReader, open: TokenIndex): BracesValue {
  const { tokens, matchingBracket } = context.outline
  const close = matchingBracket[open]!
  const span = { start: tokens.start[open]!, end: tokens.end[close]! }
  if (!context.isDeferred) return { kind: 'braces', entries: readInitialiser(cursor, values, open), span }
  return new DeferredBraces(span, () => {
    const inner = new Cursor(context.outline, context.conditionals, open + 1, close, -1)
    return readInitialiser(inner, readersOf(context, inner, new Set()).values, open)
  })
}

/** An initialiser that is read when somebody asks for what is in it. */
class DeferredBraces implements BracesValue {
  readonly kind = 'braces'
  private known: readonly Entry[] | null | undefined

  constructor(
    readonly span: Span,
    private readonly read: () => readonly Entry[] | null,
  ) {}

  get entries(): readonly Entry[] | null {
    if (this.known === undefined) this.known = this.read()
    return this.known
  }
}

/** `[captures](parameters) -> result { body }` */
function readLambda(
  context: CodeContext,
  cursor: Cursor,
  statements: StatementReader,
  variables: Set<string>,
): FunctionCode | null {
  const first = cursor.peek()
  const captures = cursor.closing(first)
  if (captures < 0) return null
  let at = cursor.after(captures)
  let parameters: readonly Variable[] | null = []
  if (cursor.word(at) === '(') {
    const close = cursor.closing(at)
    if (close < 0) return null
    parameters = parameterList(context, at, close)
    at = cursor.after(close)
  }
  while (at < cursor.limit && /^(?:\w+|->|::|\*|&|<|>|,)$/.test(cursor.word(at))) at = cursor.after(at)
  const close = cursor.word(at) === '{' ? cursor.closing(at) : -1
  if (close < 0) return null
  for (const { name } of parameters ?? []) variables.add(name)
  cursor.at = at + 1
  const body = cursor.within(close, () => statements.all())
  cursor.at = close
  cursor.take()
  const start = cursor.start(first)
  return {
    name: '',
    kind: 'lambda',
    nameSpan: { start, end: start },
    headStart: start,
    span: { start: cursor.start(at), end: cursor.end(close) },
    storage: '',
    parameters: parameters ?? [],
    hasParameters: parameters !== null,
    result: '',
    body,
  }
}

/** Tokens before a function's name that are looked at; a head is not longer. */
const longestHead = 40

/** What stands before a function's name. */
function headOf(
  { outline }: CodeContext,
  { nameToken, open }: FunctionText,
): Pick<FunctionCode, 'storage' | 'result' | 'headStart'> {
  const { tokens, text, matchingBracket } = outline
  let first = nameToken
  if (open < 0) return { storage: '', result: '', headStart: tokens.start[first]! }
  const word = (at: number): string => text.slice(tokens.start[at], tokens.end[at])
  let storage: Storage = ''
  const result: string[] = []
  let before = nameToken - 1
  while (word(before) === '::') before -= 2
  let isBehindDirective = false
  // The token before which the head goes on: a `#pragma` may stand within it.
  let edge = first
  for (let at = before, count = 0; at >= 0 && count < longestHead; at--, count++) {
    if (tokens.isInDirective[at] !== 0) {
      isBehindDirective = true
      const directive = tokens.directives[directiveOf(tokens, at)]
      if (at === edge - 1 && directive && word(directive.firstToken) === 'pragma') edge = at
      continue
    }
    const each = word(at)
    // The name and the parameters that another branch has for them.
    if (each === ')' && isBehindDirective && matchingBracket[at]! > 0) {
      at = matchingBracket[at]! - 1
      continue
    }
    if (statementBounds.has(each) || (each === ':' && word(at + 1) !== ':')) break
    if (at === edge - 1) first = edge = at
    if (each === 'static' || each === 'extern') storage = each
    else if (/^[A-Za-z_*]/.test(each) && !notOfResult.has(each)) result.unshift(each)
  }
  return { storage, result: result.join(' ').replace(/ (?=\*)/g, ''), headStart: tokens.start[first]! }
}

const notOfResult = wordSet(
  'inline const volatile extern __inline __inline__ __forceinline constexpr virtual _Noreturn struct register ' +
    'PyAPI_FUNC static',
)

/** The parameters of a function; null where a macro stands for its head, or something is not understood. */
function parametersOf(context: CodeContext, text: FunctionText): readonly Variable[] | null {
  if (text.open < 0) return null
  const found = parameterList(context, text.open, text.close)
  return found !== null && found.length > 0 && found.every(({ type }) => type === '')
    ? withOldTypes(context, found, text)
    : found
}

/** The parameters between two parentheses; null where one is not understood. */
export function parameterList(context: CodeContext, open: number, close: number): readonly Variable[] | null {
  const cursor = new Cursor(context.outline, context.conditionals, open + 1, close, -1)
  const found: Variable[] = []
  while (cursor.peek() < close) {
    let end = cursor.peek()
    while (end < close && cursor.word(end) !== ',') {
      const template = context.isCxx && cursor.word(end) === '<' ? endOfTemplate(cursor, end) : -1
      end = cursor.after(template < 0 ? cursor.endOf(end) : template)
    }
    const parameter = cursor.within(Math.min(end, close), () => parameterAt(cursor, context.isCxx))
    if (parameter === undefined) return null
    if (parameter !== null) found.push(parameter)
    cursor.at = end + 1
  }
  return exact(found)
}

/** @returns null for `void` and `...`, undefined for what is not understood */
function parameterAt(cursor: Cursor, isCxx: boolean): Variable | null | undefined {
  const first = cursor.peek()
  const word = cursor.word(first)
  if (word === '...') return null
  const words = typeWords(cursor, first)
  if (words === null) return undefined
  const next = cursor.after(words.last)
  if (next >= cursor.limit) {
    if (words.type === 'void') return null
    // A type without a name, or a name whose type stands behind the parentheses.
    return named(cursor, words.last, words.isCertain ? '' : cursor.word(words.last), words.isCertain ? words.type : '')
  }
  // `NPY_UNUSED(PyObject *self)`
  if (cursor.word(next) === '(' && /^[A-Z_]+$|UNUSED/.test(words.type) && cursor.closing(next) >= 0) {
    cursor.at = next + 1
    return cursor.within(cursor.closing(next), () => parameterAt(cursor, isCxx))
  }
  cursor.at = words.last
  cursor.take()
  const { isConst } = specifiersBefore(cursor, first, cursor.peek())
  const declarator = declaratorFrom(cursor, words.type, isCxx, isConst)
  if (declarator === null) return undefined
  if (declarator.nameToken < 0) return named(cursor, words.last, '', declarator.type)
  // `PyObject *Py_UNUSED(self)`
  const inner = declarator.open < 0 ? -1 : cursor.after(declarator.open)
  const isUnused = inner >= 0 && cursor.isIdentifier(inner) && cursor.closing(declarator.open) === cursor.after(inner)
  const token = isUnused ? inner : declarator.nameToken
  return { ...named(cursor, token, cursor.word(token), declarator.type), isReference: declarator.isReference }
}

const named = (cursor: Cursor, token: number, name: string, type: string): Variable => ({
  kind: 'variable',
  name,
  type,
  isReference: false,
  storage: '',
  initialiser: null,
  nameSpan: { start: cursor.start(token), end: cursor.end(token) },
})

/** `f(self, args) PyObject *self; PyObject *args; {` */
function withOldTypes(context: CodeContext, names: readonly Variable[], text: FunctionText): readonly Variable[] {
  const cursor = new Cursor(context.outline, context.conditionals, text.close + 1, text.body, -1)
  const { values } = readersOf(context, cursor, new Set())
  const types = new Map<string, Variable>()
  while (cursor.peek() < text.body) {
    const declared = readDeclaration(cursor, values, () => false, false)
    if (declared === null) break
    for (const each of declared.variables) types.set(each.name, each)
  }
  return names.map((each) => ({ ...each, type: types.get(each.name)?.type ?? (types.size > 0 ? 'int' : '') }))
}
