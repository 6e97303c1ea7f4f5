import type { FileCode } from '../../code/file-code.ts'
import { bodyValue } from '../../code/statements.ts'
import type { Value } from '../../code/tree.ts'
import { slotName } from '../../code/values.ts'
import { variablesIn } from '../../code/variables.ts'
import type { Offset } from '../../source/text.ts'
import type { PlaceIn, Sources } from '../sources.ts'

/**
 * Whether code at a place may name something: nothing of the project is called so, or it is declared above the place,
 * in a header that is included above it, or in what includes the place's own file.
 */
export function isDeclaredBefore(sources: Sources, name: string, { file, offset }: PlaceIn): boolean {
  if (!sources.declares(name)) return true
  const seen = new Set<string>()
  const isAbove = (where: string, end: Offset): boolean => {
    if (seen.has(where)) return false
    seen.add(where)
    return (
      firstDeclared(sources, where, name) < end ||
      sources.includesIn(where).some((each) => each.offset < end && isAbove(each.target, Infinity)) ||
      sources.includersOf(where).some((each) => isAbove(each.file, each.offset))
    )
  }
  return isAbove(file, offset)
}

/** Where a file first declares a name, or first uses what something else must have declared; `Infinity` for nowhere. */
function firstDeclared(sources: Sources, file: string, name: string): Offset {
  const code = sources.code(file)
  // The body of a macro says nothing of what is declared where it stands.
  const isSaid = (offset: Offset): boolean =>
    code.isInDirective(offset) ? code.definesMacro(offset) : !isOfFunction(code, name, offset)
  return code.references(name).find(isSaid) ?? Infinity
}

/** Whether a name at a place is a parameter or a variable of the function there. */
function isOfFunction(code: FileCode, name: string, offset: Offset): boolean {
  const around = code.functionAt(offset)
  if (around !== null)
    return [...around.parameters, ...variablesIn(around)].some(
      (each) => each.name === name && each.storage !== 'extern',
    )
  return code.allFunctions().some(({ parameters }) => parameters.some(({ nameSpan }) => nameSpan.start === offset))
}

/** The names in a value, with those that a macro in it stands for. */
export function namesOf(sources: Sources, file: string, value: Value): readonly string[] {
  const names = sources.namesIn(file, value.span)
  const behind = names.flatMap((name) => sources.macros(name)).flatMap(({ code }) => bodyValue(code) ?? [])
  return [...names, ...behind.flatMap((each) => slotName(each) ?? [])]
}
