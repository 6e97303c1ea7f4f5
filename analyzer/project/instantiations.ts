import { mapLeaves } from '../facts/expressions.ts'
import type { Expansion, Expression, FileFacts, MacroCallText, PastedName, RegionOfFile } from '../facts/file-facts.ts'
import { addTo } from '../source/multimap.ts'
import type { FileId, Offset } from '../source/text.ts'
import type { IncludeGraph } from './includes.ts'
import { MacroDefinitions, type MeantMacro } from './macro-definitions.ts'

/** An argument of a call: the identifier that it begins with, and where that is written. */
export interface Operand {
  readonly text: string
  readonly file: FileId
  readonly start: Offset
  readonly end: Offset
  /** The identifier is all of it. */
  readonly whole: boolean
}

/** One way in which a macro of the project is called. */
export interface Instantiation {
  readonly operands: readonly (Operand | null)[]
  readonly expressions: readonly Expression[]
  /** The types of the local variables that its body mentions, where it is called. */
  readonly locals: Readonly<Record<string, Expression>>
  /** The outermost of the calls around it; the same object where all of it is the same. */
  readonly expansion: Expansion
  /** Tells the expansion from all others. */
  readonly id: number
  /** Where the outermost call is written. */
  readonly offset: Offset
}

/** Macros that make more names than this are no concern of ours. */
const mostExpansions = 200_000
const deepest = 12

/** Of each macro, by file and index, the ways in which it is called. */
export class Instantiations {
  private readonly found = new Map<string, Instantiation[]>()
  private readonly definitions: MacroDefinitions
  private readonly calls: readonly ReadonlyMap<Offset, FileFacts['macroCalls'][number]>[]
  private readonly texts: readonly ReadonlyMap<number, readonly MacroCallText[]>[]
  private readonly expansions = new Map<string, { readonly expansion: Expansion; readonly id: number }>()
  private readonly seen = new Set<string>()
  private count = 0

  constructor(
    private readonly files: readonly FileFacts[],
    graph: IncludeGraph,
  ) {
    this.definitions = new MacroDefinitions(files, graph)
    this.calls = files.map(({ macroCalls }) => new Map(macroCalls.map((call) => [call.offset, call])))
    this.texts = files.map(({ macroCallTexts }) => {
      const byMacro = new Map<number, MacroCallText[]>()
      for (const text of macroCallTexts) addTo(byMacro, text.macro, text)
      return byMacro
    })
    files.forEach(({ macroCallTexts, macros }, file) => {
      for (const text of macroCallTexts)
        if (text.macro < 0 || macros[text.macro]!.parameters === null) this.expand(text, file, null, 0)
    })
  }

  of(file: FileId, macro: number): readonly Instantiation[] {
    return this.found.get(`${file} ${macro}`) ?? []
  }

  /** @param outer the call of the macro whose body holds the text, null where none does */
  private expand(text: MacroCallText, file: FileId, outer: Instantiation | null, depth: number): void {
    const callee = nameOf(text.callee, outer?.operands ?? [])
    if (callee === null || depth > deepest || this.count >= mostExpansions) return
    const operands = text.operands.map((operand) => operandOf(operand, file, outer))
    const shown = operands.map((each) => (each ? `${each.text}@${each.file}:${each.start}` : '')).join()
    const call = this.calls[file]!.get(text.offset)
    const expressions = (call?.operands ?? []).map((each) => (outer ? resolved(each, outer) : each))
    const locals = { ...outer?.locals, ...call?.locals }
    // A name in a body means what it means where the outermost call stands.
    const root = outer?.expansion ?? { file, region: text.region, definitions: [], undefinitions: [] }
    const offset = outer?.offset ?? text.offset
    for (const meant of this.definitions.meant(callee, root.file, offset, root.region)) {
      const { expansion, id } = this.throughDefinition(root, meant)
      const key = `${meant.file} ${meant.macro} ${id} ${shown}`
      if (this.seen.has(key)) continue
      this.seen.add(key)
      this.count++
      const instantiation: Instantiation = { operands, expressions, locals, expansion, id, offset }
      addTo(this.found, `${meant.file} ${meant.macro}`, instantiation)
      for (const inner of this.texts[meant.file]!.get(meant.macro) ?? [])
        this.expand(inner, meant.file, instantiation, depth + 1)
    }
  }

  /** An expansion that goes through one more definition. */
  private throughDefinition(
    outer: Expansion,
    { file, macro, undefinitions }: MeantMacro,
  ): { readonly expansion: Expansion; readonly id: number } {
    const { region } = this.files[file]!.macros[macro]!
    // A file that is included hangs on the conditions of its includes.
    const isSure = region === 0 && file === outer.file
    const expansion: Expansion = {
      ...outer,
      definitions: isSure ? outer.definitions : withRegions(outer.definitions, [{ file, region }]),
      undefinitions: withRegions(outer.undefinitions, undefinitions),
    }
    const key = JSON.stringify(expansion)
    let known = this.expansions.get(key)
    if (!known) {
      known = { expansion, id: this.expansions.size }
      this.expansions.set(key, known)
    }
    return known
  }
}

/** Regions with more of them, each once. */
const withRegions = (regions: readonly RegionOfFile[], more: readonly RegionOfFile[]): readonly RegionOfFile[] => [
  ...regions,
  ...more.filter(({ file, region }) => !regions.some((each) => each.file === file && each.region === region)),
]

/** An argument of a call in a body, with what the call of that macro puts into it. */
function operandOf(
  operand: MacroCallText['operands'][number],
  file: FileId,
  outer: Instantiation | null,
): Operand | null {
  if (operand === null) return null
  const { name, start, end, whole } = operand
  const parameter = name.length === 1 && typeof name[0] === 'number' ? outer?.operands[name[0]] : undefined
  // What is handed on keeps the place where it was written.
  if (parameter) return whole ? parameter : { ...parameter, whole: false }
  const text = nameOf(name, outer?.operands ?? [])
  return text === null ? null : { text, file, start, end, whole }
}

/**
 * The name that parts make; null where an argument is not known, or is more than an identifier.
 * @param leading whether the identifier that an argument begins with will do
 */
export function nameOf(parts: PastedName, operands: readonly (Operand | null)[], leading = false): string | null {
  let name = ''
  for (const part of parts) {
    const operand = typeof part === 'number' ? operands[part] : undefined
    if (typeof part === 'string') name += part
    else if (operand && (operand.whole || leading)) name += operand.text
    else return null
  }
  return name
}

/** An expression in a macro's body with what one call puts into it. */
export const resolved = (expression: Expression, { expressions, locals, operands }: Instantiation): Expression =>
  mapLeaves(expression, (leaf) => {
    if (leaf[0] === 'parameter')
      return expressions[leaf[1]] ?? (operands[leaf[1]]?.whole ? ['name', operands[leaf[1]]!.text] : null)
    if (leaf[0] === 'name') return Object.hasOwn(locals, leaf[1]) ? locals[leaf[1]]! : leaf
    if (leaf[0] !== 'pasted') return leaf
    const name = nameOf(leaf[1], operands)
    return name === null ? null : ['name', name]
  })
