import type { FileCode } from '../code/file-code.ts'
import type { DeclaredVariable, FunctionCode } from '../code/tree.ts'
import { variablesIn } from '../code/variables.ts'
import type { CType } from '../knowledge/ctype.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Offset, Span } from '../source/text.ts'
import { compiledAt } from './calls.ts'
import { type Held, heldBy } from './object-holders.ts'

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

const known = new WeakMap<ProjectModel, readonly GlobalVariable[]>()

/** The variables of a project with static storage duration that the target may compile; `extern` declares none. */
export function globalVariables(model: ProjectModel): readonly GlobalVariable[] {
  let found = known.get(model)
  if (!found) {
    found = [...model.files.keys()].flatMap((file) => variablesOf(model, file))
    known.set(model, found)
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

/** A variable that is declared as such; null for a promise of one. */
function written(
  model: ProjectModel,
  file: FileId,
  { name, nameSpan, type, storage, initialiser, declaration }: DeclaredVariable,
  around: FunctionCode | null,
): GlobalVariable | null {
  if (storage === 'extern' && initialiser === null) return null
  const words = model.project.code(file).text.slice(declaration.span.start, nameSpan.start)
  return {
    file,
    name,
    span: nameSpan,
    around,
    type,
    isStatic: storage === 'static',
    isConstant: /\b(?:const|constexpr)\b[^*]*$/.test(words),
    isThreadLocal: threadLocal.test(words),
    holds: heldBy(model, file, type),
  }
}

const threadLocal = /\b(?:_Thread_local|thread_local|__thread|_Py_thread_local)\b|__declspec\s*\(\s*thread/

const atFileLevel = { around: null, isStatic: true, isConstant: false, isThreadLocal: false } as const

/** What macros of the project declare at file level: `STRING(name)`, of `static PyObject *str_##name`. */
function ofMacros(model: ProjectModel, file: FileId, code: FileCode): GlobalVariable[] {
  return model.files[file]!.declarations.flatMap(({ kind, name, type, offset, expansion, defines, isConst }) =>
    kind !== 'variable' || expansion === undefined || !defines || isConst || code.isMember(offset)
      ? []
      : [
          {
            ...atFileLevel,
            file,
            name,
            span: { start: offset, end: offset + 1 },
            type,
            holds: heldBy(model, file, type),
          },
        ],
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
