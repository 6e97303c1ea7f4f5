import { type CallOperand, operandsAround } from '../../code/placement.ts'
import { calleeName, slotName } from '../../code/values.ts'
import { variablesIn } from '../../code/variables.ts'
import { secondInit } from '../../semantics/second-references.ts'
import type { Span } from '../../source/text.ts'
import { lineOf } from '../places.ts'
import type { PlaceIn, Sources } from '../sources.ts'
import { typeByHand } from './address-hazards.ts'
import { isDeclaredBefore } from './declared-before.ts'
import type { TypeFacts } from './type-facts.ts'
import type { Obstacle, TypeObject } from './type-objects.ts'
import type { TypeUses } from './uses.ts'

/** What a static type stands and a pointer to a heap type does not. */

/** What keeps a type from going by the name of the pointer by which other code knows it. */
export function pointerObstacles(
  sources: Sources,
  { type, addresses, dots, macroCreations }: TypeUses,
): readonly Obstacle[] {
  const { pointer, pointerName } = type
  if (pointerName !== null && (sources.declares(pointerName) || macroCreations.length > 0 || pointer !== null)) {
    const [{ file, offset }] = type.places as [PlaceIn]
    return [{ file, offset, text: 'headers name it for other modules as well, for which it is a macro' }]
  }
  if (pointerName !== null) {
    const other = otherMeaning(sources, type)
    return other === null
      ? []
      : [{ ...other, text: `\`${type.name}\` would be a macro, and means something else here` }]
  }
  if (pointer === null) return []
  const { name } = pointer.variable
  const early = addresses.find(({ file, span }) => !isDeclaredBefore(sources, name, { file, offset: span.start }))
  const other = dots[0] ?? macroCreations.map(({ file, callee }) => ({ file, offset: callee.start }))[0]
  return [
    ...(early
      ? [
          {
            file: early.file,
            offset: early.span.start,
            text: `\`${name}\`, by which it is known, is declared below this`,
          },
        ]
      : []),
    ...(other ? [{ ...other, text: `it is known by the pointer \`${name}\`, and used by its own name here` }] : []),
  ]
}

/** Where the name of a type is that of a field, a parameter or a variable of a function; null for nowhere. */
function otherMeaning(sources: Sources, { name, references }: TypeObject): PlaceIn | null {
  for (const file of new Set(references.map((each) => each.file))) {
    const code = sources.code(file)
    for (const { span, isField } of code.occurrences(name)) {
      const around = code.codeAt(span.start)
      const own = around && around.kind !== 'file' ? [...around.parameters, ...variablesIn(around)] : []
      if (isField || own.some((each) => each.name === name)) return { file, offset: span.start }
    }
    const parameter = code
      .allFunctions()
      .flatMap(({ parameters }) => parameters.filter((each) => each.name === name))[0]
    if (parameter) return { file, offset: parameter.nameSpan.start }
  }
  return null
}

/** Whether a part of a text lies in another one. */
export const isWithin = (inner: Span, outer: Span): boolean => outer.start <= inner.start && inner.end <= outer.end

/** Calls that take a second reference to the type of an object, which `tp_dealloc` does not give back. */
export function secondReferences(sources: Sources, { addresses }: TypeUses): readonly Obstacle[] {
  return addresses.flatMap(({ file, span }) => {
    const code = sources.code(file).functionAt(span.start)
    const isMade = ({ call, index }: CallOperand): boolean => index === 1 && isWithin(span, call.operands[index]!.span)
    const made = code && operandsAround(code, span.start).find(isMade)?.call
    const init = made && /^PyObject_(?:GC_)?N(?:ew|EW)/.test(calleeName(made) ?? '') ? secondInit(code, made) : null
    if (!made || !init) return []
    const line = lineOf(sources.text(file), init.span.start)
    const [maker, setter] = [calleeName(made), calleeName(init)]
    const why = `\`${maker}\` sets an object up, so \`${setter}\` takes a second reference to the type, which is lost`
    return [{ file, offset: init.span.start, text: `${why}; leave it out: \`${line}\`` }]
  })
}

/** Functions that make instances of a type and take no reference to it. */
export function instanceObstacles(facts: TypeFacts, type: TypeObject): readonly Obstacle[] {
  const values = ['tp_alloc', 'tp_new'].flatMap((field) => facts.values(type, field))
  const makers = values.flatMap(({ value }) => facts.functionsOf(slotName(value) ?? '', new Set([type])))
  return makers.flatMap(({ file, code }) => {
    const given = typeByHand(code)
    if (given === null) return []
    const line = lineOf(facts.sources.text(file), given.span.start)
    return [{ file, offset: given.span.start, text: `\`${code.name}\` gives objects their type by hand: \`${line}\`` }]
  })
}
