import type { MacroDefinition } from '../../preprocess/directives.ts'
import { callAt, type FoundUses, type TypeMention } from './found-uses.ts'
import type { Sources } from './sources.ts'
import type { TypeIndex } from './type-index.ts'
import type { TypeObject } from './type-objects.ts'

/** `name##_Type` */
const pasted = /\w+(?:\s*##\s*\w+)+/g

/**
 * Finds macros that make the names of types of parts. They follow if all that they make are types.
 * @param mention says what is done with a type at a place
 */
export function findPastedUses(
  sources: Sources,
  index: TypeIndex,
  found: ReadonlyMap<TypeObject, FoundUses>,
  mention: (uses: FoundUses, mention: TypeMention) => void,
): void {
  for (const [file, text] of sources.texts) {
    if (!text.includes('##')) continue
    for (const macro of sources.directives(file).macros) {
      for (const { 0: written, index: at } of sources.written(file, spanOf(macro)).matchAll(pasted)) {
        const parts = written.split('##').map((part) => part.trim())
        if (!mayMakeType(index, macro, parts)) continue
        const offset = macro.bodyStart + at
        const made = new MadeTypes(sources, index, macro, parts)
        for (const type of made.types) {
          const uses = found.get(type)!
          if (made.isOther)
            uses.addObstacle(
              { file, offset },
              `the macro \`${macro.name}\` makes its name of parts, and other names, too`,
            )
          else {
            for (const other of made.types) if (other !== type) uses.needs.add(other)
            const code = sources.code(file).macroAt(offset)
            if (code) mention(uses, { file, offset, code, parameter: parts.join('##'), from: null, as: 'type' })
          }
        }
      }
    }
  }
}

const spanOf = ({ bodyStart, bodyEnd }: MacroDefinition): { readonly start: number; readonly end: number } => ({
  start: bodyStart,
  end: bodyEnd,
})

/** Parts of a name that are told from each other; one of more may be any name. */
const mostParts = 12

/** Whether parts may make the name of a type, whatever the macro gets. */
function mayMakeType(index: TypeIndex, { parameters }: MacroDefinition, parts: readonly string[]): boolean {
  if (parts.length > mostParts) return true
  const pieces = parts.map((part) => (parameters?.includes(part) ? '\\w*' : part))
  const pattern = new RegExp(`^${pieces.filter((piece, at) => piece !== pieces[at - 1] || piece !== '\\w*').join('')}$`)
  return [...index.names].some((name) => pattern.test(name))
}

/** What names a macro makes of parts, where it is used. */
class MadeTypes {
  readonly types = new Set<TypeObject>()
  /** Whether it makes other names, or may. */
  isOther = false

  constructor(sources: Sources, index: TypeIndex, { name, parameters }: MacroDefinition, parts: readonly string[]) {
    for (const place of sources.references(name)) {
      const call = callAt(sources, place)
      if (call === null || sources.isHistory(place)) continue
      const made = parts.map((part) => {
        const which = parameters?.indexOf(part) ?? -1
        if (which < 0) return part
        const operand = call === 'unread' ? undefined : call.operands[which]
        return operand ? sources.written(place.file, operand.span) : ''
      })
      const [type] = index.all(made.join(''))
      if (type) this.types.add(type)
      else this.isOther = true
    }
  }
}
