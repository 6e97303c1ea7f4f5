import { isInLoopHead, parentsIn } from '../../code/placement.ts'
import type { FunctionCode, NameValue, Value } from '../../code/tree.ts'
import { nameOf } from '../../code/values.ts'
import { variablesNamed } from '../../code/variables.ts'
import type { Offset, Span } from '../../source/text.ts'
import type { Sources } from '../sources.ts'
import type { Access } from './accesses.ts'

/**
 * A parameter or a variable that keeps its value, and is asked for fields more often than it is used as an object: the
 * data is fetched once and gets its name, the object gets another.
 */
export interface Fetch {
  readonly file: string
  readonly code: FunctionCode
  readonly access: Access
  readonly name: string
  /** That of the object. */
  readonly object: string
  /** Where the object is named from now on: in its declaration, and wherever it is used as one. */
  readonly renamed: readonly Span[]
  /** Behind what the data is fetched. */
  readonly behind: Offset
  readonly isParameter: boolean
}

/** The name of a variable that an access asks: `self` of `self->items`; null for anything else. */
const askedName = ({ member }: Access): string | null =>
  member.object.kind === 'name' && member.object.scope === '' ? nameOf(member.object) : null

/** Finds the variables whose data is fetched once. @param accesses to what is rewritten */
export function fetchesOf(sources: Sources, accesses: readonly Access[]): readonly Fetch[] {
  const byVariable = new Map<FunctionCode, Map<string, Access[]>>()
  for (const access of accesses) {
    const name = askedName(access)
    if (name === null || access.code.kind !== 'function') continue
    const own = byVariable.get(access.code) ?? new Map<string, Access[]>()
    byVariable.set(access.code, own.set(name, [...(own.get(name) ?? []), access]))
  }
  return [...byVariable].flatMap(([code, names]) =>
    [...names].flatMap(([name, own]) => fetchOf(sources, code, name, own) ?? []),
  )
}

function fetchOf(sources: Sources, code: FunctionCode, name: string, own: readonly Access[]): Fetch | null {
  const { file } = own[0]!
  if (new Set(own.map(({ struct }) => struct)).size > 1) return null
  const declared = declarationOf(code, name)
  const object = `${name}_object`
  if (declared === null) return null
  const from = declared.isParameter ? code.span.start : declared.behind
  const within = { start: from, end: code.span.end }
  const places = sources
    .code(file)
    .occurrencesIn(name, within)
    .filter(({ isField }) => !isField)
  if (places.some(({ isInDirective }) => isInDirective)) return null
  if (sources.code(file).occurrencesIn(object, { start: code.headStart, end: code.span.end }).length > 0) return null
  const asked = new Set(own.map(({ member }) => member.object.span.start))
  const others = places.filter(({ span }) => !asked.has(span.start))
  if (others.length > asked.size || others.some(({ span }) => changes(code, span.start))) return null
  if (usesByMacro(sources, file, code, name)) return null
  return {
    file,
    code,
    access: own[0]!,
    name,
    object,
    renamed: [declared.nameSpan, ...others.map(({ span }) => span)],
    behind: declared.behind,
    isParameter: declared.isParameter,
  }
}

function declarationOf(
  code: FunctionCode,
  name: string,
): { readonly nameSpan: Span; readonly behind: Offset; readonly isParameter: boolean } | null {
  const parameter = code.hasParameters ? code.parameters.find((each) => each.name === name) : undefined
  const variables = variablesNamed(code, name)
  if (parameter)
    return variables.length > 0 || !parameter.type.endsWith('*')
      ? null
      : { nameSpan: parameter.nameSpan, behind: code.span.start + 1, isParameter: true }
  const [only] = variables
  if (!only || variables.length > 1 || only.initialiser === null || only.storage !== '') return null
  const { declaration } = only
  if (declaration.variables.length > 1 || isInLoopHead(code, declaration) || !only.type.endsWith('*')) return null
  return { nameSpan: only.nameSpan, behind: declaration.span.end, isParameter: false }
}

/** Whether a variable may get another value where its name stands, or that is not understood. */
function changes(code: FunctionCode, offset: Offset): boolean {
  const parents = parentsIn(code)
  const found = [...parents.keys()].find(
    (each): each is NameValue => 'kind' in each && each.kind === 'name' && each.span.start === offset,
  )
  if (!found) return true
  let at: Value = found
  for (let up = parents.get(at); up && 'kind' in up; up = parents.get(at)) {
    if (up.kind === 'group' || up.kind === 'cast') at = up
    else if (up.kind === 'assign') return up.target === at
    else return up.kind === 'unary' ? /^(?:&|\+\+|--|sizeof|\*)/.test(up.operator) || up.operator.includes('+') : false
  }
  return false
}

/** Whether a macro that a function calls uses a variable by its name. */
const usesByMacro = (sources: Sources, file: string, code: FunctionCode, name: string): boolean =>
  [...new Set(sources.namesIn(file, code.span))].some((each) =>
    sources
      .macros(each)
      .some(
        (macro) =>
          !macro.code.parameters.some((parameter) => parameter.name === name) &&
          new RegExp(`\\b${name}\\b`).test(sources.written(macro.file, macro.code.span)),
      ),
  )
