import { callsIn } from '../../code/placement.ts'
import type { CallValue, FunctionCode } from '../../code/tree.ts'
import { calleeName } from '../../code/values.ts'
import type { FileId } from '../../source/text.ts'
import type { Sources } from '../sources.ts'

/** Calls that make types, which have to know their module. */
export interface TypeMaking {
  readonly file: string
  readonly around: FunctionCode
  readonly call: CallValue
}

/** The calls of functions that make types of specs, in some files, that are for some Python of today. */
export function typeMakings(sources: Sources, files: readonly FileId[]): readonly TypeMaking[] {
  return files.flatMap((id) => {
    const { file } = sources.model.files[id]!
    const code = sources.code(file)
    const arounds = new Set<FunctionCode>()
    for (const name of typeMakers.keys())
      for (const { span, isInDirective } of code.occurrences(name)) {
        const around = isInDirective ? code.macroAt(span.start) : code.functionAt(span.start)
        if (around) arounds.add(around)
      }
    return [...arounds].flatMap((around) =>
      callsIn(around).flatMap((call): TypeMaking[] => {
        const isNow = !sources.isHistory({ file, offset: call.span.start })
        return typeMakers.has(calleeName(call) ?? '') && isNow ? [{ file, around, call }] : []
      }),
    )
  })
}

/** The functions that make types of specs without a module, and what does so with one, which is their first operand. */
export const typeMakers: ReadonlyMap<string, string> = new Map([
  ['PepType_Ready', 'PepType_ReadyIn'],
  ['PepType_Make', 'PepType_MakeIn'],
  ['PyType_FromSpec', 'PyType_FromModuleAndSpec'],
  ['PyType_FromSpecWithBases', 'PyType_FromModuleAndSpec'],
])
