import { isInLoopHead, parentsIn } from '../../code/placement.ts'
import type { CallValue, FunctionCode, NameValue, Value } from '../../code/tree.ts'
import { calleeName, nameOf } from '../../code/values.ts'
import { variablesNamed } from '../../code/variables.ts'
import type { Offset, Span } from '../../source/text.ts'
import type { CodeIn, Sources } from '../sources.ts'
import type { Access } from './accesses.ts'
import { macrosNaming, type SharedMacro } from './free-names.ts'
import type { InstanceStruct } from './instance-structs.ts'
import type { Typing } from './typing.ts'

/**
 * A parameter or a variable that keeps its value, and is asked for fields more often than it is used as an object: the
 * data is fetched once and gets its name, the object gets another.
 */
export interface Fetch {
  readonly file: string
  readonly code: FunctionCode
  /** The struct of the object; null for something else, whose name a macro needs. */
  readonly struct: InstanceStruct | null
  readonly name: string
  /** That of the object. */
  readonly object: string
  /** The type of the object as it is written. */
  readonly type: string
  /** Where the object is named from now on: in its declaration, and wherever it is used as one. */
  readonly renamed: readonly Span[]
  /** Behind what the data is fetched. */
  readonly behind: Offset
  readonly isParameter: boolean
  /** Whether it is declared without a value, behind `declared`, and gets it in a statement of its own. */
  readonly isAssigned: boolean
  readonly declared: Offset
  /** The macros that ask it for fields by its name. */
  readonly macros: readonly SharedMacro[]
}

/** The name of a variable that an access asks: `self` of `self->items`; null for anything else. */
const askedName = ({ member, object }: Access): string | null =>
  object === member.object && object.kind === 'name' && object.scope === '' ? nameOf(object) : null

/**
 * Finds the variables whose data is fetched once. What has to be, as a macro asks for it, and cannot be, is an
 * obstacle.
 * @param accesses to all structs
 */
export function fetchesOf(
  sources: Sources,
  typing: Typing,
  accesses: readonly Access[],
  shared: readonly SharedMacro[],
): readonly Fetch[] {
  const byVariable = new Map<FunctionCode, Map<string, Access[]>>()
  const variable = (code: FunctionCode, name: string): Access[] => {
    const own = byVariable.get(code) ?? new Map<string, Access[]>()
    byVariable.set(code, own)
    const found = own.get(name) ?? []
    own.set(name, found)
    return found
  }
  const files = new Map<FunctionCode, string>()
  for (const access of accesses) {
    const name = askedName(access)
    if (name === null || access.code.kind !== 'function') continue
    variable(access.code, name).push(access)
    files.set(access.code, access.file)
  }
  const forced = new Map<FunctionCode, Set<string>>()
  for (const { users, name } of shared)
    for (const { file, code } of users ?? []) {
      variable(code, name)
      files.set(code, file)
      forced.set(code, (forced.get(code) ?? new Set()).add(name))
    }
  const found: Fetch[] = []
  for (const [code, names] of byVariable)
    for (const [name, own] of names) {
      const isForced = forced.get(code)?.has(name) === true
      const fetch = fetchOf(sources, typing, { file: files.get(code)!, code }, name, own, isForced, shared)
      if (fetch) found.push(fetch)
    }
  refuseUnfetched(shared, found, ({ file, code }, name) => structOfVariable(sources, typing, file, code, name))
  return found
}

/** What a macro asks has to be fetched in all functions that use it. */
function refuseUnfetched(
  shared: readonly SharedMacro[],
  fetches: readonly Fetch[],
  structOf: (code: CodeIn, name: string) => InstanceStruct | null,
): void {
  for (const { macro, name, structs, objects, users } of shared) {
    const text = `\`${macro.code.name}\` asks \`${name}\` for fields`
    if (users === null)
      for (const each of structs)
        each.obstacles.add(macro.file, macro.code.nameSpan.start, `${text}, and not all that use it are understood`)
    for (const user of users ?? []) {
      if (fetches.some((each) => each.code === user.code && each.name === name)) continue
      const own = structOf(user, name)
      // Where the macro takes it for an object, too, it has to have that name in all of them.
      for (const each of objects.length > 0 || own === null ? structs : [own])
        each.obstacles.add(
          user.file,
          user.code.nameSpan.start,
          `${text}, and \`${user.code.name}\` cannot fetch it once`,
        )
    }
  }
}

function fetchOf(
  sources: Sources,
  typing: Typing,
  { file, code }: CodeIn,
  name: string,
  own: readonly Access[],
  isForced: boolean,
  shared: readonly SharedMacro[],
): Fetch | null {
  if (new Set(own.map(({ struct }) => struct)).size > 1) return null
  const declared = declarationOf(sources, file, code, name)
  const object = `${name}_object`
  if (declared === null) return null
  const { assigned } = declared
  const within = { start: declared.isParameter ? code.span.start : declared.declared, end: code.span.end }
  const places = sources
    .code(file)
    .occurrencesIn(name, within)
    .filter(({ isField }) => !isField)
  if (places.some(({ isInDirective }) => isInDirective)) return null
  if (sources.code(file).occurrencesIn(object, { start: code.headStart, end: code.span.end }).length > 0) return null
  const asked = new Set(own.map(({ member }) => member.object.span.start))
  const others = places.filter(({ span }) => !asked.has(span.start))
  if (!isForced && (others.length > asked.size || assigned !== null)) return null
  if (others.some(({ span }) => span.start !== assigned?.start && changes(sources, code, span.start))) return null
  if (assigned && [...asked].some((each) => each < declared.behind)) return null
  const macros = macrosNaming(sources, file, code, name)
  const asking = shared.filter((each) => each.name === name && macros.some(({ code: own }) => own === each.macro.code))
  if (macros.length !== asking.length || asking.some(({ objects, users }) => objects.length > 0 && users === null))
    return null
  return {
    file,
    code,
    struct: own[0]?.struct ?? structOfVariable(sources, typing, file, code, name),
    name,
    object,
    type: declared.type,
    renamed: [declared.nameSpan, ...others.map(({ span }) => span)],
    behind: declared.behind,
    isParameter: declared.isParameter,
    isAssigned: assigned !== null,
    declared: declared.declared,
    macros: asking,
  }
}

function structOfVariable(
  sources: Sources,
  typing: Typing,
  file: string,
  code: FunctionCode,
  name: string,
): InstanceStruct | null {
  const id = sources.idOf(file)
  const value: NameValue = { kind: 'name', name, scope: '', span: { start: code.span.end - 1, end: code.span.end - 1 } }
  const [type, ...others] = typing.typesOf(id, code, value)
  return type && others.length === 0 && type.endsWith('*') ? (typing.struct(type.slice(0, -1)) ?? null) : null
}

interface Declared {
  readonly nameSpan: Span
  readonly type: string
  /** Behind the declaration. */
  readonly declared: Offset
  /** Behind what gives it its value. */
  readonly behind: Offset
  readonly isParameter: boolean
  /** Where it gets its value by an assignment; null where its declaration gives it. */
  readonly assigned: Span | null
}

function declarationOf(sources: Sources, file: string, code: FunctionCode, name: string): Declared | null {
  const parameter = code.hasParameters ? code.parameters.find((each) => each.name === name) : undefined
  const variables = variablesNamed(code, name)
  if (parameter) {
    const behind = code.span.start + 1
    const { nameSpan, type } = parameter
    return variables.length > 0 || !type.endsWith('*')
      ? null
      : { nameSpan, type, declared: behind, behind, isParameter: true, assigned: null }
  }
  const [only] = variables
  if (!only || variables.length > 1 || only.storage !== '') return null
  const { declaration, nameSpan, type } = only
  if (declaration.variables.length > 1 || isInLoopHead(code, declaration) || !type.endsWith('*')) return null
  const { end } = declaration.span
  if (only.initialiser !== null)
    return { nameSpan, type, declared: end, behind: end, isParameter: false, assigned: null }
  // `self = (Spam *)type->tp_alloc(type, 0);` as a statement that is always done
  if (!code.body.includes(declaration)) return null
  const assigning = code.body.find((each) => {
    if (each.kind !== 'expression' || each.value?.kind !== 'assign' || each.value.operator !== '=') return false
    return nameOf(each.value.target) === name
  })
  if (assigning?.kind !== 'expression' || assigning.value?.kind !== 'assign') return null
  const { target } = assigning.value
  const first = sources
    .code(file)
    .occurrencesIn(name, { start: end, end: code.span.end })
    .find(({ isField }) => !isField)
  if (first?.span.start !== target.span.start) return null
  return { nameSpan, type, declared: end, behind: assigning.span.end, isParameter: false, assigned: target.span }
}

/** Whether a variable may get another value where its name stands, or that is not understood. */
function changes(sources: Sources, code: FunctionCode, offset: Offset): boolean {
  const parents = parentsIn(code)
  const found = [...parents.keys()].find(
    (each): each is NameValue => 'kind' in each && each.kind === 'name' && each.span.start === offset,
  )
  if (!found) return true
  let at: Value = found
  for (let up = parents.get(at); up && 'kind' in up; up = parents.get(at)) {
    if (up.kind === 'group' || up.kind === 'cast') at = up
    else if (up.kind === 'assign') return up.target === at
    else if (up.kind === 'call') return isAssigned(sources, up, at)
    else return up.kind === 'unary' ? /^(?:&|\+\+|--|sizeof|\*)/.test(up.operator) || up.operator.includes('+') : false
  }
  return false
}

/** Whether a macro that is called gives its operand a value. */
function isAssigned(sources: Sources, call: CallValue, operand: Value): boolean {
  const at = call.operands.indexOf(operand)
  const name = calleeName(call)
  if (at < 0 || name === null) return false
  return sources.macros(name).some(({ file, code }) => {
    const parameter = code.parameters[at]?.name
    return (
      parameter !== undefined &&
      new RegExp(`(?:\\b${parameter}\\b[ \\t)]*(?:=(?!=)|\\+\\+|--)|&[ \\t(]*${parameter}\\b(?![ \\t)]*->))`).test(
        sources.written(file, code.span),
      )
    )
  })
}
