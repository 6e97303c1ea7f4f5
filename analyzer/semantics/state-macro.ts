import { callStarting } from '../code/placement.ts'
import { plainText } from '../code/values.ts'
import type { ProjectModel } from '../project/model.ts'
import { onOneLine } from '../source/comments.ts'
import type { FileId, Offset } from '../source/text.ts'
import { compiledAt } from './calls.ts'
import { functionsOf } from './functions.ts'

/** A module that `PepState_MODULE` of `pep_state.h` defines, which `abi3lint new pep-state` writes. */
export interface StateMacro {
  /** The type of its state. */
  readonly state: string
  /** What it says that it supports, as it is written: `PEP_STATE_OWN_GIL | PEP_STATE_FREE_THREADED`. */
  readonly support: string
  /** Where the macro stands. */
  readonly offset: Offset
}

const macro = 'PepState_MODULE'

/** The operands of the macro: the state, the name, doc, members, functions, a function of its own, what it supports. */
const operandCount = 7

/**
 * The macro that defines a module in a file.
 * @returns null where the file has none for that name, or the macro is not that of the project's `pep_state.h`
 */
export function stateMacroOf(model: ProjectModel, file: FileId, module: string): StateMacro | null {
  const code = model.project.code(file)
  if (!code.text.includes(macro)) return null
  const definitions = functionsOf(model).macrosNamed(file, macro)
  const isOurs = (id: FileId): boolean => /(?:^|\/)pep_state\.h$/.test(model.files[id]!.file)
  if (definitions.length === 0 || !definitions.every((each) => isOurs(each.file))) return null
  for (const offset of code.references(macro)) {
    if (code.isInDirective(offset) || compiledAt(model, file, offset) === 'no') continue
    const around = code.codeAt(offset)
    const operands = (around && callStarting(around, offset))?.operands ?? []
    const [state, name] = operands.map(plainText)
    if (operands.length !== operandCount || name !== module || !/^\w+$/.test(state!)) continue
    const { start, end } = operands.at(-1)!.span
    return { state: state!, support: onOneLine(code.text.slice(start, end)), offset }
  }
  return null
}
