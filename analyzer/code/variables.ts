import { addTo } from '../source/multimap.ts'
import type { Offset, Span } from '../source/text.ts'
import type { FileCode } from './file-code.ts'
import { eachStatement, valuesInCode } from './statements.ts'
import type { DeclaredVariable, FunctionCode, Value, Variable } from './tree.ts'
import { bare } from './values.ts'

const declared = new WeakMap<FunctionCode['body'], readonly DeclaredVariable[]>()

/** The variables that a function declares, with their declarations, in the order of the text. */
export function variablesIn({ body }: Pick<FunctionCode, 'body'>): readonly DeclaredVariable[] {
  let found = declared.get(body)
  if (!found) {
    found = eachStatement(body).flatMap((declaration) =>
      declaration.kind === 'declaration' ? declaration.variables.map((each) => ({ ...each, declaration })) : [],
    )
    declared.set(body, found)
  }
  return found
}

const byName = new WeakMap<FunctionCode['body'], ReadonlyMap<string, readonly DeclaredVariable[]>>()

/** Those of a name; several where blocks declare it anew. */
export function variablesNamed(
  code: Pick<FunctionCode, 'body'>,
  name: string | null | undefined,
): readonly DeclaredVariable[] {
  let known = byName.get(code.body)
  if (!known) {
    const found = new Map<string, DeclaredVariable[]>()
    for (const each of variablesIn(code)) addTo(found, each.name, each)
    known = found
    byName.set(code.body, known)
  }
  return (typeof name === 'string' ? known.get(name) : undefined) ?? []
}

/**
 * The variable, or the parameter, that a name means at a place: of several blocks the innermost counts. Null where none
 * is declared there, or where `#if` branches declare it differently in one block.
 */
export function declaredAt(code: FunctionCode, name: string, offset: Offset): Variable | null {
  const holds = ({ start, end }: Span): boolean => start <= offset && offset < end
  const scopes = eachStatement(code.body).filter(
    ({ kind, span }) => (kind === 'block' || kind === 'loop') && holds(span),
  )
  const seen = variablesNamed(code, name).filter(({ nameSpan }) => nameSpan.start <= offset)
  for (const { span } of [code, ...scopes].reverse()) {
    const inner = seen.filter(({ nameSpan }) => span.start <= nameSpan.start && nameSpan.start < span.end)
    const own = inner.filter((each) => innermost(code, each) === span)
    const [first] = own
    if (first) return own.every(({ type }) => type === first.type) ? first : null
  }
  return code.parameters.find((each) => each.name === name) ?? null
}

/** The span of the block, or of the loop with what stands in its parentheses, that a variable is of. */
function innermost(code: FunctionCode, { nameSpan }: Variable): Span {
  const around = eachStatement(code.body).findLast(
    ({ kind, span }) =>
      (kind === 'block' || kind === 'loop') && span.start <= nameSpan.start && nameSpan.start < span.end,
  )
  return around?.span ?? code.span
}

const parameterNames = new WeakMap<FunctionCode['parameters'], ReadonlySet<string>>()

/** Whether a name is that of a parameter of a function. */
export function isParameter({ parameters }: Pick<FunctionCode, 'parameters'>, name: string): boolean {
  let known = parameterNames.get(parameters)
  if (!known) {
    known = new Set(parameters.map((each) => each.name))
    parameterNames.set(parameters, known)
  }
  return known.has(name)
}

/** Whether a name is that of a parameter or of a variable of a function. */
export const declaresName = (code: FunctionCode, name: string): boolean =>
  isParameter(code, name) || variablesNamed(code, name).length > 0

const byType = new WeakMap<FileCode, ReadonlyMap<string, readonly Variable[]>>()

/** What a variable is, or an array of: `PyModuleDef` of `struct PyModuleDef`, too. */
const elementType = ({ type }: Variable): string => type.replace(/^struct |(?:\[\])+$/g, '')

/** The variables at file level by their types. */
function fileVariables(code: FileCode): ReadonlyMap<string, readonly Variable[]> {
  let known = byType.get(code)
  if (!known) {
    const found = new Map<string, Variable[]>()
    for (const each of code.variables) addTo(found, elementType(each), each)
    known = found
    byType.set(code, known)
  }
  return known
}

/**
 * The variables of some types, and arrays of them, at file level and in functions, in the order of the text each.
 * @param names of the types: `PyModuleDef` means `struct PyModuleDef`, too
 */
export function* variablesOfTypes(code: FileCode, names: readonly string[]): Iterable<Variable> {
  const ofFile = names.flatMap((name) => fileVariables(code).get(name) ?? [])
  yield* names.length === 1 ? ofFile : ofFile.sort((a, b) => a.nameSpan.start - b.nameSpan.start)
  const functions = new Set<FunctionCode>()
  for (const name of names) {
    for (const { span } of code.occurrences(name)) {
      const around = code.functionAt(span.start)
      if (around) functions.add(around)
    }
  }
  for (const each of functions)
    for (const variable of variablesIn(each)) if (names.includes(elementType(variable))) yield variable
}

const variables = new WeakMap<FunctionCode, ReadonlyMap<string, readonly Value[]>>()

/**
 * The variables of a function with the values that they get by `=`, wherever that is: what `&x` or a macro makes of
 * them is not among these.
 */
export function variablesOf(code: FunctionCode): ReadonlyMap<string, readonly Value[]> {
  const known = variables.get(code)
  if (known) return known
  const found = new Map<string, Value[]>()
  const add = (name: string, value: Value | null): void => {
    const values = found.get(name) ?? []
    found.set(name, values)
    if (value !== null) values.push(value)
  }
  for (const { name, initialiser } of variablesIn(code)) add(name, initialiser)
  for (const value of valuesInCode(code.body)) {
    if (value.kind !== 'assign' || value.operator !== '=') continue
    const target = bare(value.target)
    if (target.kind === 'name' && !isParameter(code, target.name)) add(target.name, value.value)
  }
  variables.set(code, found)
  return found
}

/** Variables of variables that are followed. */
const deepest = 3

/** What a value in a function may be: both that `?:` picks from, and all that a variable of the function is given. */
export function alternativesOf(code: FunctionCode, value: Value, depth = 0): readonly Value[] {
  const inner = bare(value)
  const all = (values: readonly Value[]): Value[] => values.flatMap((each) => alternativesOf(code, each, depth + 1))
  if (inner.kind === 'conditional') return all([inner.whenTrue, inner.whenFalse])
  const given = inner.kind === 'name' && depth < deepest ? variablesOf(code).get(inner.name) : undefined
  // A variable of the file may have a value from elsewhere.
  const isLocal = inner.kind === 'name' && variablesNamed(code, inner.name).length > 0
  return given && isLocal && given.length > 0 ? all(given) : [inner]
}
