import { eachStatement } from '../../code/statements.ts'
import type { FunctionCode } from '../../code/tree.ts'
import { isNull } from '../../code/values.ts'
import { isNegative, type StateFunction } from '../../semantics/module-defs.ts'
import { moduleStates } from '../../semantics/module-states.ts'
import type { Offset, Span } from '../../source/text.ts'
import type { EditList } from '../edit-list.ts'
import { indentAt, lineEndOf } from '../places.ts'
import type { CodeIn, Sources } from '../sources.ts'
import type { InitCode } from './init-code.ts'
import type { Obstacles } from './obstacles.ts'
import type { StateAccess } from './state-access.ts'
import type { StateMember } from './state-members.ts'

/** The state that a module has before it is rewritten: what it keeps besides becomes members of that. */
export interface ExistingState {
  /** As C names it: `struct spam_state`, `spam_state`. */
  readonly struct: string
  readonly file: string
  /** The braces of its declaration, and where that ends. */
  readonly braces: Span
  readonly end: Offset
  /** The functions that see to it; null for one that there is not. */
  readonly functions: Readonly<Record<StateFunction, CodeIn | null>>
}

const stateFunctions = ['m_traverse', 'm_clear', 'm_free'] as const

/** @returns null where it has none, or where it is not understood, with the obstacle */
export function existingState(sources: Sources, { file, def }: InitCode, obstacles: Obstacles): ExistingState | null {
  const { model } = sources
  const refuse = (text: string, offset = def.span.start): null => {
    obstacles.add(file, offset, text)
    return null
  }
  const values = stateFunctions.flatMap((each) => def.functions[each].filter((value) => !isNull(value)))
  const [size, ...others] = def.sizes
  const hasNone = others.length === 0 && (!size || isNull(size) || isNegative(model, def.file, size))
  if (hasNone)
    return values[0] ? refuse('its definition has functions that see to its state', values[0].span.start) : null
  const state = moduleStates(model).find((each) => each.def === def || each.def.span.start === def.span.start)
  const declared = state && declarationOf(sources, state.type, file)
  if (!state || !declared) return refuse('it has a state already, of which the struct is not understood')
  const functions: Record<StateFunction, CodeIn | null> = { m_traverse: null, m_clear: null, m_free: null }
  for (const name of stateFunctions) {
    const now = state.functions[name]?.map(({ file: id, code }) => ({ file: model.files[id]!.file, code })) ?? null
    const [only, ...more] =
      now?.filter((each) => !sources.isHistory({ file: each.file, offset: each.code.span.start })) ?? []
    if (now === null || more.length > 0 || (only && placeIn(only.code, name) === null))
      return refuse(`its \`${name}\` is not understood`)
    functions[name] = only ?? null
  }
  return { ...declared, functions }
}

/** The only declaration of a struct with a body that a file sees. */
function declarationOf(
  sources: Sources,
  struct: string,
  seenFrom: string,
): Pick<ExistingState, 'struct' | 'file' | 'braces' | 'end'> | null {
  const seen = [...sources.texts.keys()].filter((file) => sources.includes(seenFrom, file))
  const found = seen.flatMap((file) =>
    sources.code(file).declarations.flatMap((each) => {
      const isIt = each.struct?.tag === struct || each.types.includes(struct)
      return isIt && each.struct ? [{ struct, file, braces: each.struct.span, end: each.span.end }] : []
    }),
  )
  return found.length === 1 ? found[0]! : null
}

/** Where a function of a module may see to more members; null for nowhere, or where that is not known. */
function placeIn({ kind, body, parameters, span }: FunctionCode, name: StateFunction): Offset | null {
  const last = body.at(-1)
  const returns = eachStatement(body).filter((each) => each.kind === 'return')
  const [module, visit, arg] = parameters
  if (kind !== 'function' || !module || module.name === '') return null
  if (name === 'm_traverse' && (visit?.name !== 'visit' || arg?.name !== 'arg')) return null
  if (name === 'm_free') return returns.length === 0 ? span.end - 1 : null
  const isLast = last?.kind === 'return' && returns.length === 1 && last.value !== null && isNull(last.value)
  return isLast ? last.span.start : null
}

/** Says what keeps members from joining a state: where it is declared, and who has to know it. */
export function refuseJoining(
  sources: Sources,
  { file, end, braces }: ExistingState,
  init: InitCode,
  members: readonly StateMember[],
  { users, prototypes }: StateAccess,
  obstacles: Obstacles,
): void {
  const places = [...users.values()].map((each) => ({ file: each.file, offset: each.code.headStart }))
  for (const each of [...places, ...prototypes.map((one) => ({ file: one.file, offset: one.start }))]) {
    const isKnown = each.file === file ? each.offset >= end : sources.includes(each.file, file)
    if (!isKnown) obstacles.add(each.file, each.offset, 'the state that it has already is not declared there')
  }
  const locked = sources.settings.locked(file)
  if (locked !== null && members.length > 0) obstacles.add(file, end, `${file} ${locked}`)
  const other = members.find(({ declarator }) => !/^(?:PyObject|PyTypeObject|PyVarObject) \*/.test(declarator))
  if (other) obstacles.add(init.file, init.entry.nameSpan.start, `\`${other.name}\` is of a type of its own`)
  const own = new Set(sources.namesIn(file, braces))
  const twin = members.find(({ name }) => own.has(name))
  if (twin) obstacles.add(file, braces.start, `the state that it has already has a \`${twin.name}\`, too`)
}

/** Writes the members into the struct, and what sees to them into the functions that there are. */
export function emitJoining(
  sources: Sources,
  { struct, file, braces, functions }: ExistingState,
  members: readonly StateMember[],
  declarators: readonly string[],
  edits: EditList,
): void {
  const text = sources.text(file)
  const lineEnd = lineEndOf(text)
  const close = braces.end - 1
  const isOwnLine = /\n[ \t]*$/.test(text.slice(0, close))
  const lineStart = isOwnLine ? text.lastIndexOf('\n', close) + 1 : close
  const indent = `${indentAt(text, braces.start)}    `
  const lines = declarators.map((each) => `${indent}${each}${lineEnd}`).join('')
  if (members.length > 0) edits.insert(file, lineStart, isOwnLine ? lines : `${lineEnd}${lines}`)
  const owned = members.filter(({ ownership }) => ownership.owns)
  for (const name of stateFunctions) {
    const found = functions[name]
    if (!found) continue
    const at = placeIn(found.code, name)!
    const own = sources.text(found.file)
    const clear = functions.m_clear?.code.name
    // What gives back by the other function sees to them there.
    if (name === 'm_free' && clear !== undefined && sources.namesIn(found.file, found.code.span).includes(clear))
      continue
    const macro = name === 'm_traverse' ? 'Py_VISIT' : 'Py_CLEAR'
    const module = found.code.parameters[0]!.type === 'PyObject*' ? '' : '(PyObject *)'
    const state = `((${struct} *)PyModule_GetState(${module}${found.code.parameters[0]!.name}))`
    const calls = owned.map((each) => `${macro}(${state}->${each.name});`)
    const margin = name === 'm_free' ? '    ' : indentAt(own, at)
    const written = calls.map((call) =>
      name === 'm_free' ? `${margin}${call}${lineEndOf(own)}` : `${call}${lineEndOf(own)}${margin}`,
    )
    if (written.length > 0) edits.insert(found.file, at, written.join(''))
  }
}
