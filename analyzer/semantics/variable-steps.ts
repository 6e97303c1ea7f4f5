import { parentsIn } from '../code/placement.ts'
import { valuesInCode } from '../code/statements.ts'
import type { AssignValue, CallValue, FunctionCode, UnaryValue, Value } from '../code/tree.ts'
import { bare, calleeName, nameOf } from '../code/values.ts'
import { isParameter, variablesNamed } from '../code/variables.ts'
import type { ProjectModel } from '../project/model.ts'
import { addTo } from '../source/multimap.ts'
import type { FileId, Offset, Span } from '../source/text.ts'
import { functionsOf } from './functions.ts'
import { hasFewNumbers, stepOf } from './index-forms.ts'
import { isNamedByMacro } from './macro-names.ts'

/** Where a function counts a variable up or down, or gives it a value. */

/** A place where a variable of a function gets another value. */
export interface Change {
  /** What is assigned, declared, or counted. */
  readonly node: { readonly span: Span }
  /** What counts it up or down by a number, and that number; null for any other value. */
  readonly step: { readonly value: AssignValue | UnaryValue; readonly by: number } | null
}

interface Changes {
  readonly changes: ReadonlyMap<string, readonly Change[]>
  /** Where something may keep the address of a variable, or a lambda names it. */
  readonly kept: ReadonlyMap<string, readonly Offset[]>
  /** The calls that get a variable, and as which operand. */
  readonly operands: ReadonlyMap<string, readonly (readonly [call: CallValue, operand: number])[]>
}

const known = new WeakMap<FunctionCode, Changes>()

function changesIn(code: FunctionCode): Changes {
  const found = known.get(code) ?? readChanges(code)
  known.set(code, found)
  return found
}

function readChanges(code: FunctionCode): Changes {
  const changes = new Map<string, Change[]>()
  const operands = new Map<string, (readonly [CallValue, number])[]>()
  const kept = new Map<string, Offset[]>()
  for (const [node, parent] of parentsIn(code)) {
    if (node.kind === 'variable') {
      addTo(changes, node.name, { node: { span: node.nameSpan }, step: null })
      const initialiser = node.isReference && node.initialiser ? nameOf(node.initialiser) : null
      if (initialiser !== null) addTo(kept, initialiser, node.nameSpan.start)
    } else if (node.kind === 'assign') {
      const name = nameOf(node.target)
      const step = stepOf(node)
      if (name !== null) addTo(changes, name, { node, step: step && { value: node, by: step.by } })
    } else if (node.kind === 'unary') {
      const name = nameOf(node.operand)
      if (name === null) continue
      const step = stepOf(node)
      if (step !== null) addTo(changes, name, { node, step: { value: node, by: step.by } })
      // What CPython's functions get the address of they fill and forget.
      else if (node.operator === '&') {
        addTo(changes, name, { node, step: null })
        if (!(parent.kind === 'call' && /^_?Py/.test(calleeName(parent) ?? ''))) addTo(kept, name, node.span.start)
      }
    } else if (node.kind === 'call') {
      for (const [index, operand] of node.operands.entries()) {
        const inner: Value = bare(operand)
        if (inner.kind === 'name') addTo(operands, inner.name, [node, index] as const)
      }
    } else if (node.kind === 'code' && node.lambda !== null) {
      for (const each of valuesInCode(node.body)) if (each.kind === 'name') addTo(kept, each.name, node.span.start)
    } else if (node.kind === 'unknown')
      for (const each of node.values) {
        const name = nameOf(each)
        if (name !== null) addTo(changes, name, { node, step: null })
      }
  }
  return { changes, kept, operands }
}

/** Where a variable gets other values, as far as the function says so itself; see `isPrivate`. */
export const changesOf = (code: FunctionCode, name: string): readonly Change[] =>
  changesIn(code).changes.get(name) ?? []

/**
 * Whether a name is a variable of a function that nobody else changes in a part of its text: no macro names it, nothing
 * keeps its address before or there, and no call there gets it as a reference.
 */
export function isPrivate(model: ProjectModel, file: FileId, code: FunctionCode, name: string, part: Span): boolean {
  const declared = variablesNamed(code, name)
  if (declared.length === 0 && !isParameter(code, name)) return false
  if (declared.some(({ storage, isReference }) => storage !== '' || isReference)) return false
  // These count up to themselves again, or stay as they are.
  if ([...declared, ...code.parameters.filter((each) => each.name === name)].some(({ type }) => hasFewNumbers(type)))
    return false
  if (code.parameters.some((each) => each.name === name && each.isReference)) return false
  const { kept, operands } = changesIn(code)
  if (kept.get(name)?.some((each) => each < part.end) || isNamedByMacro(model, file, code, name)) return false
  return !(operands.get(name) ?? []).some(
    ([call, operand]) =>
      part.start <= call.span.start && call.span.end <= part.end && mayAssign(model, file, calleeName(call), operand),
  )
}

/** Macros within macros that are followed. */
const deepest = 5

/** Whether a function of the project gets an operand as a reference, or a macro changes it. */
function mayAssign(model: ProjectModel, file: FileId, name: string | null, operand: number, depth = 0): boolean {
  if (name === null) return false
  if (depth > deepest) return true
  const functions = functionsOf(model)
  if (functions.named(file, name).some(({ code }) => code.parameters[operand]?.isReference === true)) return true
  return functions.macrosNamed(file, name).some(({ file: where, code }) => {
    const parameter = code.parameters[operand]?.name
    if (parameter === undefined) return false
    if (changesOf(code, parameter).length > 0) return true
    return (changesIn(code).operands.get(parameter) ?? []).some(([call, index]) =>
      mayAssign(model, where, calleeName(call), index, depth + 1),
    )
  })
}
