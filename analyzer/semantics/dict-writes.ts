import type { FileCode } from '../code/file-code.ts'
import { callStarting, callsIn } from '../code/placement.ts'
import type { FunctionCode } from '../code/tree.ts'
import { addressed, bare, calleeName, nameOf } from '../code/values.ts'
import { variablesOf } from '../code/variables.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Offset, Span } from '../source/text.ts'
import { specsIn } from './type-specs.ts'

/** A call that changes one item of the dict of a type. */
export interface DictWrite {
  /** The name of the function, `PyDict_SetItem`, with its place. */
  readonly name: string
  readonly callee: Span
  /** Its first operand, as a whole: `type->tp_dict`. */
  readonly dict: Span
  /** The pointer to the type in it. */
  readonly type: Span
}

/** What changes one item of a dict, and what does so to an attribute. */
export const attributeSetters: ReadonlyMap<string, string> = new Map([
  ['PyDict_SetItem', 'PyObject_SetAttr'],
  ['PyDict_SetItemString', 'PyObject_SetAttrString'],
])

/**
 * The call that changes an item of the dict that `type->tp_dict` reads; null for any other use of it, and for types
 * that may be immutable, as static ones are.
 * @param start where that expression begins, in bytes
 */
export function dictWriteAt(model: ProjectModel, file: FileId, start: Offset): DictWrite | null {
  const text = model.project.code(file)
  const code = text.functionAt(start)
  for (const call of code ? callsIn(code) : []) {
    const name = calleeName(call)
    const [operand] = call.operands
    if (name === null || !attributeSetters.has(name) || !operand) continue
    const dict = bare(operand)
    if (dict.kind !== 'member' || !dict.arrow || dict.name !== 'tp_dict' || dict.span.start !== start) continue
    const type = nameOf(bare(dict.object))
    if (type === null || !(isException(code!, type) || isOpenType(text, type))) continue
    return { name, callee: call.callee.span, dict: operand.span, type: dict.object.span }
  }
  return null
}

/** Whether a variable gets an exception that the function makes: `x = (PyTypeObject *)PyErr_NewException(...)`. */
function isException(code: FunctionCode, name: string, depth = 0): boolean {
  return (variablesOf(code).get(name) ?? []).some((each) => {
    const value = bare(each)
    if (value.kind === 'name') return depth < 2 && isException(code, value.name, depth + 1)
    return value.kind === 'call' && /^PyErr_NewException(?:WithDoc)?$/.test(calleeName(value) ?? '')
  })
}

/** Whether a variable holds the type that is made of a spec without `Py_TPFLAGS_IMMUTABLETYPE`. */
function isOpenType(text: FileCode, name: string): boolean {
  return text.occurrences('PepType_Ready').some(({ span }) => {
    const code = text.functionAt(span.start)
    const call = code && callStarting(code, span.start)
    const [type, spec] = (call?.operands ?? []).map(addressed)
    const found = type === name ? specsIn(text).specs.find(({ variable }) => variable === spec) : undefined
    return (
      found !== undefined &&
      !found.hasOpenFlags &&
      found.flags.every((flag) => flag.name !== 'Py_TPFLAGS_IMMUTABLETYPE')
    )
  })
}
