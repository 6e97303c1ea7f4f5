import type { FunctionCode } from '../code/tree.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Offset } from '../source/text.ts'
import { effectsOf } from './effects.ts'
import { functionsOf } from './functions.ts'

/** What a macro does with references by name, or by giving something another value. */
const changing = /INCREF|DECREF|CLEAR|SETREF|NewRef|AddObject|SET_ITEM|SetItem|=[^=]/

/**
 * Whether a function or a macro of the project leaves the reference as it is that one of its operands is lent.
 * @param index of the operand
 * @param isType whether it is a type, whose references nobody takes over but by name
 * @param isLeftOut whether code does not matter
 */
export function leavesReference(
  model: ProjectModel,
  from: FileId,
  name: string,
  index: number,
  isType = false,
  isLeftOut: (file: FileId, offset: Offset) => boolean = () => false,
): boolean {
  const functions = functionsOf(model)
  const macros = functions.macrosNamed(from, name)
  const text = (file: FileId, { span }: FunctionCode): string =>
    model.project.code(file).text.slice(span.start, span.end)
  if (macros.length > 0) return macros.every(({ file, code }) => !changing.test(text(file, code)))
  const bodies = functions.named(from, name)
  return (
    bodies.length > 0 &&
    bodies.every((body) => {
      const own = effectsOf(model, body, 'all').filter(
        ({ on, top }) => on?.parameter === index && on.as === 'object' && !isLeftOut(body.file, top.span.start),
      )
      const count = (kind: string): number => own.filter(({ what }) => what === kind).length
      const others = isType ? 0 : count('store') + count('unknown') + count('call-slot')
      const [taken, stolen, given] = [count('incref'), count('steal'), count('decref')]
      return others === 0 && stolen <= taken && given <= taken
    })
  )
}
