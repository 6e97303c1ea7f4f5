import type { MacroDefinition } from '../../preprocess/directives.ts'
import type { PlaceIn, Sources } from '../sources.ts'
import { callAt, type FoundUses, type TypeMention } from './found-uses.ts'
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
        for (const type of made.handedOn) {
          const text = `the macro \`${macro.name}\` makes its name of parts that another macro hands on`
          found.get(type)!.addObstacle({ file, offset }, text)
        }
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

/** Macros that hand on to each other what they are called with; what nests deeper makes other names. */
const deepestCalls = 8

/** What names a macro makes of parts, where it is used. */
class MadeTypes {
  readonly types = new Set<TypeObject>()
  /** Those that it makes of what another macro is called with: `#define TYPE(x) PASTE(x, _Type)`. */
  readonly handedOn = new Set<TypeObject>()
  /** Whether it makes other names, or may. */
  isOther = false
  private readonly seen = new Set<string>()

  constructor(
    private readonly sources: Sources,
    private readonly index: TypeIndex,
    { name, parameters }: MacroDefinition,
    parts: readonly string[],
  ) {
    this.makeAt({ name, parameters: parameters ?? [] }, parts, 0)
  }

  private makeAt({ name, parameters }: Caller, parts: readonly string[], depth: number): void {
    const question = `${name}\n${parts.join('##')}`
    if (this.seen.has(question)) return
    this.seen.add(question)
    for (const place of this.sources.references(name)) {
      const call = callAt(this.sources, place)
      if (call === null || this.sources.isHistory(place)) continue
      const made = parts.flatMap((part) => {
        const which = parameters.indexOf(part)
        if (which < 0) return [part]
        const operand = call === 'unread' ? undefined : call.operands[which]
        const written = operand ? this.sources.written(place.file, operand.span) : ''
        return written.split('##').map((each) => each.trim())
      })
      const caller = this.callerAt(place, made)
      if (caller !== null) {
        this.isOther = true
        if (depth < deepestCalls) this.makeAt(caller, made, depth + 1)
        continue
      }
      const [type] = this.index.all(made.join(''))
      if (!type) this.isOther = true
      else if (depth > 0) this.handedOn.add(type)
      else this.types.add(type)
    }
  }

  /** The macro that a call stands in the body of, where that hands on what it is called with. */
  private callerAt({ file, offset }: PlaceIn, made: readonly string[]): Caller | null {
    const code = this.sources.code(file)
    const around = code.isInDirective(offset) ? code.macroAt(offset) : null
    if (around === null) return null
    const parameters = around.parameters.map(({ name }) => name)
    return made.some((part) => parameters.includes(part)) ? { name: around.name, parameters } : null
  }
}

/** A macro by its name, with the names of its parameters. */
interface Caller {
  readonly name: string
  readonly parameters: readonly string[]
}
