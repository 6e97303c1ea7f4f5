import { inCasts, nameAt, type Parent } from '../code/placement.ts'
import { valuesInCode } from '../code/statements.ts'
import type { FunctionCode, Value } from '../code/tree.ts'
import { bare, calleeName } from '../code/values.ts'
import { isParameter, variablesIn, variablesNamed } from '../code/variables.ts'
import { readingOf } from '../knowledge/reading-functions.ts'
import { visibleFrom } from '../project/includes.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Offset } from '../source/text.ts'
import { compiledAt } from './calls.ts'
import { type Body, functionsOf, isHeader } from './functions.ts'
import type { GlobalVariable } from './global-variables.ts'

/** A place where code uses a variable. */
export interface GlobalUse {
  readonly file: FileId
  readonly offset: Offset
  /** The function or the macro that it stands in; null for an initialiser and its like. */
  readonly around: FunctionCode | null
  /**
   * `write`: it gets another value there, or its fields or items do. `address`: its address is handed on, so that it
   * may get another value. `read` is anything else.
   */
  readonly how: 'read' | 'write' | 'address'
}

/** Functions that make a type object ready. */
const readies = /^Py(?:Type_Ready|StructSequence_InitType2?)$/

/** Macros of CPython's that give their first operand another value. */
const writers = /^Py_(?:CLEAR|SETREF|XSETREF)$/

const known = new WeakMap<GlobalVariable, readonly GlobalUse[]>()

/** The places where code that may be compiled uses a variable, in the order of files and texts. */
export function usesOf(model: ProjectModel, variable: GlobalVariable): readonly GlobalUse[] {
  const found =
    known.get(variable) ??
    allUsesOf(model, variable).filter(({ file, offset }) => compiledAt(model, file, offset) !== 'no')
  known.set(variable, found)
  return found
}

/** Those in all branches of conditions, as a rewrite has to change them. */
export function allUsesOf(model: ProjectModel, variable: GlobalVariable): readonly GlobalUse[] {
  return filesThatSee(model, variable).flatMap((file) => {
    const code = model.project.code(file)
    const { around: owner } = variable
    const offsets = owner ? code.referencesIn(variable.name, owner.span) : code.references(variable.name)
    return offsets.flatMap((offset): GlobalUse[] => {
      if (file === variable.file && offset === variable.span.start) return []
      // `.name = value`
      if (/\.\s*$/.test(code.text.slice(Math.max(0, offset - nearby), offset))) return []
      const around = code.isInDirective(offset) ? code.macroAt(offset) : code.functionAt(offset)
      const value = around && nameAt(around, offset)
      if (around && (isLocal(around, variable) || value?.scope === 'this')) return []
      if (around === null && isDeclaring(model, file, variable.name, offset)) return []
      return [{ file, offset, around, how: around && value ? howUsed(model, file, around, value, variable) : 'read' }]
    })
  })
}

const written = new WeakMap<FunctionCode, ReadonlySet<string>>()

/** The names of variables that a function or a macro may give another value, or the fields and items of. */
export function namesWritten(code: FunctionCode): ReadonlySet<string> {
  const found = written.get(code) ?? findNamesWritten(code)
  written.set(code, found)
  return found
}

function findNamesWritten({ body }: FunctionCode): ReadonlySet<string> {
  const found = new Set<string>()
  const add = (value: Value | undefined): void => {
    let whole = value && bare(value)
    while (whole?.kind === 'member' || whole?.kind === 'index') whole = bare(whole.object)
    if (whole?.kind === 'name') found.add(whole.name)
  }
  for (const value of valuesInCode(body)) {
    if (value.kind === 'assign') add(value.target)
    else if (value.kind === 'unary' && /^x?(?:\+\+|--)$/.test(value.operator)) add(value.operand)
    else if (value.kind === 'call' && writers.test(calleeName(value) ?? '')) add(value.operands[0])
    else if (value.kind === 'call' && readies.test(calleeName(value) ?? '')) {
      const type = value.operands[0] && bare(value.operands[0])
      add(type?.kind === 'unary' ? type.operand : type)
    }
  }
  return found
}

/** The files whose code can name a variable. */
function filesThatSee(model: ProjectModel, { file, name, around, isStatic }: GlobalVariable): readonly FileId[] {
  if (around !== null || (isStatic && !isHeader(model, file))) {
    if (around !== null) return [file]
    const { graph } = model.project
    // What a file includes in its middle sees its names, and where another one includes it, all that is there.
    const inner = [...graph.closure(file)].filter((each) => !isHeader(model, each))
    if (graph.includers[file]!.length === 0) return [file, ...inner]
    const units = graph.roots(file).filter((each) => each !== file)
    return [...new Set([file, ...inner, ...units.flatMap((each) => [each, ...graph.closure(each)])])]
  }
  const all = [...model.project.filesWith(name)]
  return isStatic ? all.filter((each) => each === file || visibleFrom(model.project.graph, each).has(file)) : all
}

const isLocal = (around: FunctionCode, { name, around: owner }: GlobalVariable): boolean =>
  isParameter(around, name) ||
  (owner !== around && variablesNamed(around, name).some(({ storage }) => storage !== 'extern'))

/** Whether a name outside of functions is that of a variable, a parameter or a member of a struct that is declared. */
function isDeclaring(model: ProjectModel, file: FileId, name: string, offset: Offset): boolean {
  const code = model.project.code(file)
  const { declarations } = code
  if (variablesNamed({ body: declarations }, name).some((each) => each.nameSpan.start === offset)) return true
  if (code.isInDirective(offset)) return false
  if (code.isInStruct(offset)) return true
  const around = declarations.find(({ span }) => span.start <= offset && offset < span.end)
  if (around)
    return around.prototypes.length > 0 && around.variables.length === 0 && isParameterName(code.text, offset, name)
  return code.allFunctions().some(({ parameters }) => parameters.some(({ nameSpan }) => nameSpan.start === offset))
}

/** Whether a name in a declaration of functions is that of a parameter, and not what one begins with. */
const isParameterName = (text: string, offset: Offset, name: string): boolean =>
  /[\w*&]\s*$/.test(text.slice(Math.max(0, offset - nearby), offset)) &&
  /^\s*[,)[=]/.test(text.slice(offset + name.length, offset + name.length + nearby))

/** Characters around a name that are looked at. */
const nearby = 80

/** What is done with a variable where its name stands: with its fields and items, too. */
function howUsed(
  model: ProjectModel,
  file: FileId,
  code: FunctionCode,
  name: Value,
  variable: GlobalVariable,
): GlobalUse['how'] {
  const { holds, type } = variable
  let whole: Value = name
  for (let isAll = true; ; isAll = false) {
    const { whole: inner, parent } = inCasts(code, whole)
    if (parent?.kind === 'member' && !parent.arrow) whole = parent
    else if (parent?.kind === 'index' && parent.object === inner) whole = parent
    else if (parent?.kind === 'assign' && parent.target === inner) return 'write'
    else if (parent?.kind === 'unary' && /^x?(?:\+\+|--)$/.test(parent.operator)) return 'write'
    else if (parent?.kind === 'unary' && parent.operator === '&') {
      const { parent: user } = inCasts(code, parent)
      if (holds === 'type') return user?.kind === 'call' && readies.test(calleeName(user) ?? '') ? 'write' : 'read'
      return isPassedOn(model, file, user, parent) ? 'address' : 'read'
    } else if (parent?.kind === 'call' && parent.operands[0] === inner && writers.test(calleeName(parent) ?? ''))
      return 'write'
    // An array is a pointer to its items; an item of it is a value.
    else return isAll && type.endsWith('[]') && isPassedOn(model, file, parent, inner) ? 'address' : 'read'
  }
}

/** Whether an address is kept, or goes to a function that may write to it. */
function isPassedOn(model: ProjectModel, file: FileId, user: Parent | undefined, address: Value, depth = 0): boolean {
  if (user?.kind === 'assign' || user?.kind === 'return') return true
  const { text } = model.project.code(file)
  // `const T *at = table;`
  if (user?.kind === 'variable')
    return !/\bconst\b[^;{}]*$/.test(text.slice(text.lastIndexOf('\n', user.nameSpan.start), user.nameSpan.start))
  if (user?.kind !== 'call') return false
  const name = calleeName(user) ?? ''
  const { start, end } = address.span
  const operand = user.operands.findIndex((each) => each.span.start <= start && end <= each.span.end)
  const functions = functionsOf(model).named(file, name)
  if (functions.length > 0) return functions.some((each) => !isConstParameter(model, each, operand))
  const macros = depth < deepest ? functionsOf(model).macrosNamed(file, name) : []
  if (macros.length > 0) return macros.some((each) => passesOn(model, each, operand, depth + 1))
  return !readingOf(name)?.operands.includes(operand) && (address.kind === 'unary' || !readers.test(name))
}

/** Macros within macros that are followed. */
const deepest = 3

/** Whether a macro keeps an address that it is called with, or hands it to a function that may write there. */
function passesOn(model: ProjectModel, { file, code }: Body, index: number, depth: number): boolean {
  const parameter = code.parameters[index]
  if (!parameter) return true
  const tables = variablesIn(code).flatMap(({ initialiser }) =>
    initialiser?.kind === 'braces' ? [initialiser.span] : [],
  )
  return model.project
    .code(file)
    .referencesIn(parameter.name, code.span)
    .filter((offset) => offset !== parameter.nameSpan.start)
    .some((offset) => {
      const name = nameAt(code, offset)
      // What is not read as a value may be anything, but in a table.
      if (!name) return !tables.some(({ start, end }) => start <= offset && offset < end)
      return changesAt(model, file, code, name, depth)
    })
}

/** The same of one place where a parameter stands that is a pointer. */
function changesAt(model: ProjectModel, file: FileId, code: FunctionCode, name: Value, depth: number): boolean {
  let whole = name
  while (true) {
    const { whole: inner, parent } = inCasts(code, whole)
    const isPart =
      parent?.kind === 'member' ||
      (parent?.kind === 'index' && parent.object === inner) ||
      (parent?.kind === 'unary' && parent.operator === '*')
    if (!isPart) {
      if (parent?.kind === 'assign') return parent.target === inner || (whole === name && parent.value === inner)
      if (parent?.kind === 'unary') return /^(?:&|x?(?:\+\+|--))$/.test(parent.operator)
      return whole === name && isPassedOn(model, file, parent, inner, depth)
    }
    whole = parent
  }
}

/** Whether a parameter points to what the function does not write to. */
function isConstParameter(model: ProjectModel, { file, code }: Body, index: number): boolean {
  const parameter = code.parameters[index]
  if (!parameter) return false
  const { text } = model.project.code(file)
  const before = text.slice(code.nameSpan.end, parameter.nameSpan.start)
  return /\bconst\b[^,(]*\*[^,(]*$/.test(before)
}

/** Functions of CPython's that write to nothing but what they get by `&`. */
const readers =
  /^(?:PyArg_\w+|PyErr_(?:Set|Format|New)\w*|Py(?:Module|Dict|Object|Unicode|Bytes|Long|Float)_\w+|Py_BuildValue)$/
