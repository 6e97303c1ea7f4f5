import type { Offset } from '../source/text.ts'
import { mapLeaves } from './expressions.ts'
import type { Expression, PastedFacts, PastedName } from './file-facts.ts'
import type { ScannedFile } from './scanned-file.ts'
import type { TokenFacts } from './tokens/token-facts.ts'
import type { Sink } from './tree/sink.ts'

/** What bodies of macros do with names that they make: parameters, and what `##` puts together. */
export class PastedTreeFacts {
  readonly members: PastedFacts['members'][number][] = []
  readonly completeTypeUses: PastedFacts['completeTypeUses'][number][] = []
  readonly declarations: PastedFacts['declarations'][number][] = []

  /** @param macroAt the index of the macro in whose body an offset lies, or -1 */
  constructor(
    private readonly file: ScannedFile,
    private readonly found: TokenFacts,
    private readonly macroAt: (offset: Offset) => number,
  ) {}

  /** A sink that takes down what is told of such names, and passes on the rest. */
  sink(rest: Sink): Sink {
    const { text } = this.file.tokens
    return {
      ...rest,
      member: (access) => {
        const { start } = access
        const field = this.nameAt(start, access.field)
        const object = this.expression(access.object, start)
        if (field === null) rest.member({ ...access, object })
        else this.members.push({ field, start, end: start + access.field.length, object, ...this.whereabouts(start) })
      },
      completeTypeUse: (use) => {
        const { of, start, end } = use
        const name = use.how === 'variable' ? this.nameAt(start, text.slice(start, end)) : null
        if (name?.length === 1 && typeof name[0] === 'number')
          this.completeTypeUses.push({ of, start, end, how: 'variable', name, ...this.whereabouts(start) })
        else rest.completeTypeUse(typeof of === 'string' ? use : { ...use, of: this.expression(of, start) })
      },
      declaration: (declaration) => {
        const { offset } = declaration
        const name = this.nameAt(offset, declaration.name)
        if (name !== null) this.declarations.push({ ...declaration, name, ...this.whereabouts(offset) })
      },
      macroCall: (name, offset, operands, locals) => {
        const made = operands.map((each) => this.expression(each, offset))
        rest.macroCall(name, offset, made, locals)
      },
      // A body need not be C by itself.
      unparsed: () => undefined,
    }
  }

  /**
   * An expression with the names that are put together in it. It knows no places: they are told apart by what stands
   * for them.
   * @param offset in the body of the macro
   */
  expression(expression: Expression, offset: Offset): Expression {
    const pastings = this.found.pasted.get(this.macroAt(offset))
    if (!pastings) return expression
    return mapLeaves(expression, (leaf) => {
      const pasting = leaf[0] === 'name' ? pastings.find(({ stand }) => stand === leaf[1]) : undefined
      return pasting ? ['pasted', pasting.parts] : leaf
    })
  }

  private whereabouts(offset: Offset): { readonly region: number; readonly macro: number } {
    return { region: this.file.regions.at(offset), macro: this.macroAt(offset) }
  }

  /** The name that an identifier in a body stands for, if it is a parameter or pasted; null if it is what it says. */
  private nameAt(offset: Offset, name: string): PastedName | null {
    const macro = this.macroAt(offset)
    if (macro < 0) return null
    const pasting = this.found.pasted.get(macro)?.find((each) => each.start === offset)
    if (pasting) return pasting.parts
    const parameter = this.file.directives.macros[macro]!.parameters?.indexOf(name) ?? -1
    return parameter < 0 ? null : [parameter]
  }
}
