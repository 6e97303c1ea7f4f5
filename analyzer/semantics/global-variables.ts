import type { FileCode } from '../code/file-code.ts'
import { callStarting } from '../code/placement.ts'
import type { DeclaredVariable, FunctionCode } from '../code/tree.ts'
import { plainText } from '../code/values.ts'
import { variablesIn } from '../code/variables.ts'
import type { CType } from '../knowledge/ctype.ts'
import type { ProjectModel } from '../project/model.ts'
import { addTo } from '../source/multimap.ts'
import type { FileId, Offset, Span } from '../source/text.ts'
import { compiledAt } from './calls.ts'
import { type Held, heldBy, namesHolder } from './object-holders.ts'

/** A variable that there is once in a process: at file level, or `static` in a function. */
export interface GlobalVariable {
  readonly file: FileId
  readonly name: string
  /** Of its name; where a macro makes that, of the macro's. */
  readonly span: Span
  /** The function that declares it; null at file level. */
  readonly around: FunctionCode | null
  /** Empty where a macro declares it that is not read. */
  readonly type: CType
  readonly isStatic: boolean
  /** Whether it keeps the value that it begins with: `static const int n`, `char *const name`. */
  readonly isConstant: boolean
  /** Whether each thread has its own. */
  readonly isThreadLocal: boolean
  readonly holds: Held
}

const known = new WeakMap<ProjectModel, Map<FileId, readonly GlobalVariable[]>>()

/**
 * The variables with static storage duration that the target may compile, of some files or of all; `extern` declares
 * none.
 */
export const globalVariables = (
  model: ProjectModel,
  files: Iterable<FileId> = model.files.keys(),
): readonly GlobalVariable[] => [...files].flatMap((file) => globalsOf(model, file))

/** Those of some files that have a name; a file that does not hold it is not read. */
export const globalVariablesNamed = (
  model: ProjectModel,
  files: Iterable<FileId>,
  name: string,
): readonly GlobalVariable[] =>
  [...files].flatMap((file) =>
    known.get(model)?.has(file) || model.project.code(file).text.includes(name)
      ? (namedOf(model, file).get(name) ?? [])
      : [],
  )

const namedKnown = new WeakMap<readonly GlobalVariable[], ReadonlyMap<string, readonly GlobalVariable[]>>()

/** Those of a file by their names. */
function namedOf(model: ProjectModel, file: FileId): ReadonlyMap<string, readonly GlobalVariable[]> {
  const all = globalsOf(model, file)
  let found = namedKnown.get(all)
  if (!found) {
    const byName = new Map<string, GlobalVariable[]>()
    for (const each of all) addTo(byName, each.name, each)
    found = byName
    namedKnown.set(all, found)
  }
  return found
}

/** Those of a file, found once. */
function globalsOf(model: ProjectModel, file: FileId): readonly GlobalVariable[] {
  const ofFiles = known.get(model) ?? new Map<FileId, readonly GlobalVariable[]>()
  known.set(model, ofFiles)
  let found = ofFiles.get(file)
  if (!found) {
    found = variablesOf(model, file)
    ofFiles.set(file, found)
  }
  return found
}

function variablesOf(model: ProjectModel, file: FileId): readonly GlobalVariable[] {
  const code = model.project.code(file)
  const functions = new Set(code.occurrences('static').flatMap(({ span }) => code.functionAt(span.start) ?? []))
  const own = [
    ...defining(code.variables).map((each) => written(model, file, each, null)),
    ...[...functions].flatMap((around) =>
      defining(variablesIn(around).filter(({ storage }) => storage === 'static')).map((each) =>
        written(model, file, each, around),
      ),
    ),
  ].flatMap((each) => each ?? [])
  const names = new Set(own.map(({ name }) => name))
  const made = [...ofMacros(model, file, code), ...ofIdentifiers(code, file), ...ofUnreadMacros(model, file, code)]
  return [...own, ...made.filter(({ name }) => !names.has(name))]
    .filter(({ span }) => compiledAt(model, file, span.start) !== 'no')
    .sort((a, b) => a.span.start - b.span.start)
}

/** Of the declarations of each name one, that with a value if there is one: others only announce it. */
function defining(variables: readonly DeclaredVariable[]): readonly DeclaredVariable[] {
  const found = new Map<string, DeclaredVariable>()
  for (const each of variables)
    if (!found.has(each.name) || (each.initialiser !== null && found.get(each.name)!.initialiser === null))
      found.set(each.name, each)
  return [...found.values()]
}

/** A variable that is declared as such; null for a promise of one, and for what a macro before a function makes. */
function written(
  model: ProjectModel,
  file: FileId,
  variable: DeclaredVariable,
  around: FunctionCode | null,
): GlobalVariable | null {
  const { name, nameSpan, storage, initialiser } = variable
  if (storage === 'extern' && initialiser === null) return null
  const { text } = model.project.code(file)
  // `static PyObject *FASTCALL decode(int n);`; a header may define macros of such names for others.
  const isHead = /^[ \t\r\n]*[A-Za-z_]/.test(text.slice(nameSpan.end, nameSpan.end + farthestWord))
  if (isHead && model.project.declarations.macro(name).length > 0) return null
  const words = text.slice(variable.declaration.span.start, nameSpan.start)
  return {
    file,
    name,
    span: nameSpan,
    around,
    type: variable.type,
    isStatic: storage === 'static',
    isConstant: /\b(?:const|constexpr)\b[^*]*$/.test(words),
    isThreadLocal: threadLocal.test(words),
    holds: heldAs(model, file, variable.type, words),
  }
}

/** Characters behind a name in which the next word begins. */
const farthestWord = 200

/**
 * What a variable holds of objects, be its type a struct without a name, a template, or a name for one.
 * @param words before its name in its declaration
 */
function heldAs(model: ProjectModel, file: FileId, type: CType, words: string): Held {
  const held = heldBy(model, file, type)
  if (held !== 'data' || type.includes('(')) return held
  const base = type.replace(/[*[\]]+$/, '')
  const text = /^(?:struct|union|class)$/.test(base) || words.includes('<') ? words : templatesNamed(model).get(base)
  return text !== undefined && namesHolder(model, file, text) ? 'references' : 'data'
}

const templatesKnown = new WeakMap<ProjectModel, ReadonlyMap<string, string>>()

/** The templates that `typedef` and `using` give names: `std::vector<PyObject *>`. */
function templatesNamed(model: ProjectModel): ReadonlyMap<string, string> {
  let found = templatesKnown.get(model)
  if (!found) {
    const texts = [...model.files.keys()].map((file) => model.project.code(file).text)
    const named = texts.filter((text) => text.includes('::')).flatMap((text) => [...text.matchAll(templateName)])
    found = new Map(
      named.map(([, using, what, typed, name]) => (using ? ([using, what!] as const) : ([name!, typed!] as const))),
    )
    templatesKnown.set(model, found)
  }
  return found
}

const templateName = /\b(?:using\s+(\w+)\s*=([^;{}]{1,200}>)\s*;|typedef\s+([^;{}]{1,200}>)\s*([A-Za-z_]\w*)\s*;)/g

const threadLocal = /\b(?:_Thread_local|thread_local|__thread|_Py_thread_local)\b|__declspec\s*\(\s*thread/

const atFileLevel = { around: null, isStatic: true, isConstant: false, isThreadLocal: false } as const

/** A macro whose body declares a variable of a name that it makes: `static PyObject *str_##name`. */
interface DeclaringMacro {
  readonly parameters: readonly string[]
  readonly isStatic: boolean
  readonly isConstant: boolean
  readonly type: CType
  /** The parts that `##` puts together. */
  readonly name: readonly string[]
}

const declaring = new WeakMap<ProjectModel, ReadonlyMap<string, DeclaringMacro>>()

function declaringMacros(model: ProjectModel): ReadonlyMap<string, DeclaringMacro> {
  let known = declaring.get(model)
  if (!known) {
    const found = new Map<string, DeclaringMacro>()
    for (const [file, { macros }] of model.files.entries()) {
      const { text } = model.project.code(file)
      for (const { name, parameters, bodyStart, bodyEnd } of macros) {
        const declared = parameters && declarationIn(text.slice(bodyStart, bodyEnd), parameters)
        if (declared) found.set(name, declared)
      }
    }
    known = found
    declaring.set(model, known)
  }
  return known
}

/** Tokens of a declaration before its value. */
const longestDeclaration = 20

/** The variable that a text declares by a name that holds a parameter: the reader of code wants a semicolon. */
function declarationIn(body: string, parameters: readonly string[]): DeclaringMacro | null {
  const head = body.slice(0, 500)
  // Most macros declare nothing.
  if (!head.includes('static') && !head.includes('Py')) return null
  const tokens = (head.match(/\w+|##|[^\s\w\\]/g) ?? []).slice(0, longestDeclaration)
  const isQualifier = (token: string | undefined): boolean => /^(?:static|const|volatile)$/.test(token ?? '')
  let at = 0
  const skip = (): void => {
    while (isQualifier(tokens[at])) at++
  }
  skip()
  let type = tokens[at++] ?? ''
  if (type === 'struct') type = `struct ${tokens[at++] ?? ''}`
  for (skip(); tokens[at] === '*'; skip()) {
    type += '*'
    at++
  }
  const before = tokens.slice(0, at)
  const name = [tokens[at++] ?? '']
  for (; tokens[at] === '##'; at += 2) name.push(tokens[at + 1] ?? '')
  const isDeclaration = [undefined, '=', ';', '['].includes(tokens[at]) && /^(?:struct )?[A-Za-z_]\w*\**$/.test(type)
  if (!isDeclaration || !name.some((part) => parameters.includes(part)) || !name.every((part) => /^\w+$/.test(part)))
    return null
  const isStatic = before.includes('static')
  // `return x`, `T name` of a parameter
  if (!isStatic && !/^_?Py\w+\*/.test(type)) return null
  const last = before.lastIndexOf('*')
  return {
    parameters,
    isStatic,
    isConstant: before.lastIndexOf('const') > last,
    type: tokens[at] === '[' ? `${type}[]` : type,
    name,
  }
}

/** What macros of the project declare: `STRING(name)`, of `static PyObject *str_##name`. */
function ofMacros(model: ProjectModel, file: FileId, code: FileCode): GlobalVariable[] {
  return [...declaringMacros(model)].flatMap(([macro, { parameters, isStatic, isConstant, type, name }]) =>
    code.references(macro).flatMap((start): GlobalVariable[] => {
      const around = code.isInDirective(start) || code.isMember(start) ? null : code.codeAt(start)
      const call = around && callStarting(around, start)
      const isInFunction = around !== null && around.kind !== 'file'
      if (!around || !call || (isInFunction && !isStatic)) return []
      const words = name.map((part) => {
        const operand = call.operands[parameters.indexOf(part)]
        return operand ? plainText(operand) : part
      })
      return [
        {
          file,
          name: words.join(''),
          span: call.callee.span,
          around: isInFunction ? around : null,
          type,
          isStatic,
          isConstant,
          isThreadLocal: false,
          holds: heldBy(model, file, type),
        },
      ]
    }),
  )
}

/** `_Py_IDENTIFIER(append)`: `static _Py_Identifier PyId_append`, which keeps a string. */
function ofIdentifiers(code: FileCode, file: FileId): GlobalVariable[] {
  return ['_Py_IDENTIFIER', '_Py_static_string'].flatMap((macro) =>
    code.occurrences(macro).flatMap(({ span, isInDirective }): GlobalVariable[] => {
      const [, operand] = /^\s*\(\s*(\w+)/.exec(code.text.slice(span.end, span.end + longestCall)) ?? []
      if (isInDirective || operand === undefined) return []
      const name = macro === '_Py_IDENTIFIER' ? `PyId_${operand}` : operand
      const around = code.functionAt(span.start)
      return [{ ...atFileLevel, file, name, span, around, type: '_Py_Identifier', holds: 'references' }]
    }),
  )
}

/** Characters behind a macro's name in which its first operand ends. */
const longestCall = 200

/** `TCL_DECLARE_MUTEX(mutex)`, of a header that was not read, where functions take the address of what it declares. */
function ofUnreadMacros(model: ProjectModel, file: FileId, code: FileCode): GlobalVariable[] {
  return [...code.text.matchAll(/^(?:static[ \t]+)?([A-Z][A-Z0-9_]*)[ \t]*\([ \t]*([A-Za-z_]\w*)[ \t]*\)/gm)].flatMap(
    ({ index, 0: whole, 1: macro, 2: name }): GlobalVariable[] => {
      const start: Offset = index + whole.indexOf(macro!)
      const at: Offset = index + whole.lastIndexOf(name!)
      if (code.isInDirective(start) || code.functionAt(start) !== null) return []
      if (model.project.declarations.macro(macro!).length > 0 || model.project.declarations.value(name!).length > 0)
        return []
      if (!code.occurrences(name!).some(({ before, span }) => before === '&' && code.functionAt(span.start) !== null))
        return []
      return [
        { ...atFileLevel, file, name: name!, span: { start: at, end: at + name!.length }, type: '', holds: 'data' },
      ]
    },
  )
}
