import { inParentheses, type Parent, parentsIn } from '../code/placement.ts'
import type { CallValue, FunctionCode, Value, Variable } from '../code/tree.ts'
import { calleeName } from '../code/values.ts'
import { libraryNames } from '../knowledge/c-library.ts'
import type { CType } from '../knowledge/ctype.ts'
import type { Verdict } from '../preprocess/condition.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId } from '../source/text.ts'
import { type Body, functionsOf } from './functions.ts'
import { typeOfValue } from './value-types.ts'

/**
 * Whether a reference of C++ is bound to a value where it stands. To one that is no lvalue any more none can be, or it
 * refers to a copy; so only what certainly takes a copy is `no`.
 */
export function referenceTo(model: ProjectModel, { file, code, value }: Body & { readonly value: Value }): Verdict {
  const { whole, parent } = inParentheses(code, value)
  switch (parent?.kind) {
    case 'variable':
      return ofVariable(parent)
    case 'braces':
      return ofBraces(code, parent)
    case 'cast':
      return model.project.code(file).text.slice(parent.span.start, parent.operand.span.start).includes('&')
        ? 'yes'
        : 'no'
    case 'return':
      return ofResult(model, file, code, parent)
    case 'call':
      return parent.callee === whole ? 'no' : ofOperand(model, file, code, parent, parent.operands.indexOf(whole))
    case 'unary':
      return parent.operator === 'new' ? 'unknown' : 'no'
    case undefined:
    case 'unknown':
    case 'code':
      return 'unknown'
    default:
      return 'no'
  }
}

/** Types that nothing but a copy can be of: pointers, and what the language has. Others may be names for references. */
const isCopied = (type: CType): boolean =>
  /[*)\]]$/.test(type) || type.split(' ').every((word) => ofTheLanguage.test(word)) || type.startsWith('enum ')

const ofTheLanguage =
  /^(?:auto|bool|char\d*_?t?|short|int|long|signed|unsigned|float|double|s?size_t|Py_s?size_t|u?int\d+_t)$/

function ofVariable({ isReference, type }: Variable): Verdict {
  if (isReference) return 'yes'
  return isCopied(type) ? 'no' : 'unknown'
}

/** `PyObject *items[] = {x}` copies, `Holder h{x}` may not. */
function ofBraces(code: FunctionCode, braces: Value): Verdict {
  const around = parentsIn(code).get(braces)
  if (around?.kind === 'variable') return ofVariable(around)
  return around?.kind === 'cast' && isCopied(around.type) ? 'no' : 'unknown'
}

/** What a function or the lambda around it returns. */
function ofResult(model: ProjectModel, file: FileId, code: FunctionCode, statement: Parent): Verdict {
  const { text } = model.project.code(file)
  const parents = parentsIn(code)
  for (let at = parents.get(statement); at !== undefined; at = parents.get(at)) {
    if (at.kind !== 'code' || at.lambda === null) continue
    const result = /->([^{]*)$/.exec(text.slice(at.span.start, at.lambda.span.start))?.[1]
    return result === undefined ? 'no' : result.includes('&') ? 'yes' : isCopied(result.trim()) ? 'no' : 'unknown'
  }
  if (code.kind !== 'function') return 'unknown'
  if (text.slice(code.headStart, code.nameSpan.start).includes('&')) return 'yes'
  const trailing = /->([^{]*)$/.exec(text.slice(code.nameSpan.end, code.span.start))?.[1]
  if (trailing?.includes('&')) return 'yes'
  return isCopied(trailing?.trim() ?? code.result) ? 'no' : 'unknown'
}

/** Fields of CPython's structs that point to functions, none of which takes references. */
const ofSlots = /^(?:tp|nb|sq|mp|bf|am|m|ml)_/

function ofOperand(model: ProjectModel, file: FileId, code: FunctionCode, call: CallValue, operand: number): Verdict {
  const { callee } = call
  if (callee.kind === 'type') return isCopied(callee.type) ? 'no' : 'unknown'
  if (callee.kind === 'member' && ofSlots.test(callee.name)) return 'no'
  const name = calleeName(call)
  if (name === null || (callee.kind === 'name' && callee.scope !== '' && callee.scope !== '::')) return 'unknown'
  if (callee.kind === 'name' && typeOfValue(model, file, code, callee)?.includes('*()')) return 'no'
  const functions = functionsOf(model)
  if (functions.isOfApi(file, name) || libraryNames.has(name) || ofLanguage.test(name)) return 'no'
  const bodies = functions.named(file, name)
  const verdicts = bodies.map((body) => ofParameter(model, body, operand))
  if (verdicts.length > 0) return verdicts.includes('yes') ? 'yes' : verdicts.includes('unknown') ? 'unknown' : 'no'
  return isPrototypeOfCopies(model, name) ? 'no' : 'unknown'
}

/** Functions of C that are not in the table of the library, and what is written as a call but is none. */
const ofLanguage = /^(?:mem|str|wcs)[a-z]+$|^(?:v?[fs]?n?printf|assert|sizeof|if|while|switch|for|return)$/

function ofParameter(model: ProjectModel, { file, code }: Body, operand: number): Verdict {
  const { text } = model.project.code(file)
  const parameter = code.parameters[operand]
  if (!code.hasParameters) return 'unknown'
  if (!parameter) return text.slice(code.nameSpan.end, code.span.start).includes('...') ? 'no' : 'unknown'
  if (parameter.isReference) return 'yes'
  const head = text.slice(code.nameSpan.end, code.span.start)
  return head.includes('&') || !isCopied(parameter.type) ? 'unknown' : 'no'
}

/** Whether all declarations of a function that has no body here take neither references nor objects of classes. */
function isPrototypeOfCopies(model: ProjectModel, name: string): boolean {
  const declared = model.project.declarations.value(name).filter(({ fact }) => fact.kind === 'function')
  return (
    declared.length > 0 &&
    declared.every(({ file, fact }) => {
      const { text } = model.project.code(file)
      const head = text.slice(fact.offset, text.indexOf(';', fact.offset) + 1 || undefined)
      return head.length < longestHead && !head.includes('&')
    })
  )
}

const longestHead = 2000
