import { callsIn } from '../code/placement.ts'
import type { FunctionCode } from '../code/tree.ts'
import { calleeName } from '../code/values.ts'
import { variablesIn } from '../code/variables.ts'
import { leavesObjectsAlone } from '../knowledge/object-functions.ts'
import type { ProjectModel } from '../project/model.ts'
import { type Body, functionsOf } from './functions.ts'

/** The names that stand in functions, in macros that these use and in functions that these call. */
export interface MentionedNames {
  /** Whether a name stands there, or a macro may make it of one that does. */
  has(name: string): boolean
  /** The functions and macros that were looked at. */
  readonly bodies: readonly Body[]
  /** Whether more may be named: a file is included, pointers are counted through, a function is not read. */
  readonly isOpen: boolean
}

/** Functions and macros that are looked at; what needs more is taken to name anything. */
const mostBodies = 200

const noSlots: ReadonlySet<string> = new Set()

/**
 * Which names functions mention, themselves or by what they call.
 * @param slots slots of types that they may call, `tp_free`, whose functions name nothing or are among these
 */
export function mentionedNames(
  model: ProjectModel,
  from: readonly Body[],
  slots: ReadonlySet<string> = noSlots,
): MentionedNames {
  const functions = functionsOf(model)
  const names = new Set<string>()
  const seen = new Set(from.map(({ code }) => code))
  const bodies = [...from]
  let isOpen = false
  let isPasted = false
  const pointers = { isCounted: false, isToField: false }
  // What is found is looked at in its turn.
  for (const { file, code } of bodies) {
    const { text } = functions.code(file)
    const own = text.slice(code.span.start, code.span.end)
    const isMacro = code.kind === 'macro'
    const includes = model.files[file]!.includes.some(
      ({ offset }) => code.span.start <= offset && offset < code.span.end,
    )
    // `for (PyObject **p = (PyObject **)state; ...)`, `state->~State()`
    if (includes || /\bPyObject\s*\*\s*\*\s*\)|~/.test(own) || bodies.length > mostBodies) {
      isOpen = true
      break
    }
    pointers.isToField ||= /&[\s(]{0,9}\w+[\s)]{0,9}(?:->|\.)\w+\s*[-+,;)]/.test(own)
    pointers.isCounted ||= countsThrough(code, own)
    isPasted ||= isMacro && own.includes('##')
    const found = isMacro
      ? (own.match(/[A-Za-z_]\w*/g) ?? [])
      : functions
          .code(file)
          .namesIn(code.span)
          .map((each) => each.name)
    const fresh = [...new Set(found)]
    for (const name of fresh) names.add(name)
    for (const name of fresh) {
      const macros = functions.macrosNamed(file, name)
      const meant = macros.length > 0 ? macros : functions.named(file, name)
      for (const body of meant) {
        if (seen.has(body.code)) continue
        seen.add(body.code)
        bodies.push(body)
      }
    }
    const declared = new Set([...code.parameters.map(({ name }) => name)])
    isOpen ||= callsIn(code).some((call) => {
      const name = calleeName(call)
      if (name === null) {
        const { callee } = call
        return callee.kind === 'member' && !slots.has(callee.name) && functions.named(file, callee.name).length === 0
      }
      const isKnown =
        declared.has(name) ||
        leavesObjectsAlone(name) ||
        functions.isOfApi(file, name) ||
        functions.macrosNamed(file, name).length > 0 ||
        functions.named(file, name).length > 0
      return !isKnown && call.operands.length > 0 && !isMacro
    })
  }
  const has = (name: string): boolean =>
    names.has(name) || (isPasted && [...names].some((each) => each.length > 1 && name.includes(each)))
  return { has, bodies, isOpen: isOpen || (pointers.isCounted && pointers.isToField) }
}

/** Whether a function goes from one object to the next by a pointer of its own: `each[i]`, `each++`, `each += 1`. */
function countsThrough(code: FunctionCode, text: string): boolean {
  const variables = [...code.parameters, ...(code.kind === 'function' ? variablesIn(code) : [])]
  return variables.some(
    ({ name, type }) =>
      /^PyObject\*(?:\*|\[\])$/.test(type) &&
      name !== '' &&
      new RegExp(`\\b${name}\\s?(?:\\[|\\+\\+|--|\\+)|(?:\\+\\+|--)\\s?${name}\\b`).test(text),
  )
}
