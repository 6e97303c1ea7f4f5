import type { MacroDefinition } from '../preprocess/directives.ts'
import { isPunctuation, Kind, type Tokens } from '../preprocess/scanner.ts'
import { lastUpTo } from '../source/search.ts'
import { asByteText, type Offset, writeText } from '../source/text.ts'
import type { Dialect, Syntax, SyntaxNode } from '../syntax/parse.ts'
import type { CollectContext } from './context.ts'
import { bindParameters, expressionOf } from './expressions.ts'
import type { Expression, PastedFacts } from './file-facts.ts'
import { PastedTreeFacts } from './pasted-facts.ts'
import { placedExpression } from './places.ts'
import type { ScannedFile } from './scanned-file.ts'
import type { TokenFacts } from './tokens/token-facts.ts'
import { walkMasked } from './tree/walk-masked.ts'
import type { TreeFacts } from './tree-facts.ts'

/** What bodies of macros tell besides what they tell as code. */
export interface BodyFacts {
  /** What they give as expressions, by index of the macro. */
  readonly results: ReadonlyMap<number, Expression>
  readonly pasted: Omit<PastedFacts, 'uses'>
}

export const noBodyFacts: BodyFacts = {
  results: new Map(),
  pasted: { members: [], completeTypeUses: [], declarations: [] },
}

/**
 * Parses bodies of macros, each as the body of a function of its own, and takes down what their trees tell.
 * @param onlyTemplates whether to leave out those that mean the same however the macro is called
 */
export function collectBodies(
  syntax: Syntax,
  file: ScannedFile,
  context: CollectContext,
  found: TokenFacts,
  facts: TreeFacts,
  onlyTemplates: boolean,
): BodyFacts {
  const wanted = wantedBodies(file, context, found, onlyTemplates)
  if (wanted.length === 0) return noBodyFacts
  const bodies = new Bodies(wanted)
  const macroAt = (offset: Offset): number => bodies.at(offset)?.index ?? -1
  const names = new PastedTreeFacts(file, found, macroAt)
  const results = new Map<number, Expression>()
  // In files that do not concern Python they are not worth the grammar of C++.
  const dialect: Dialect = onlyTemplates ? 'c' : file.dialect
  const options = {
    context,
    dialect: file.dialect,
    interesting: found.interesting,
    sink: names.sink(facts.sink(macroAt)),
    isNew: null,
    parametersAt: (offset: Offset) => bodies.at(offset)?.macro.parameters ?? null,
  }
  walkMasked(syntax, dialect, bodiesText(file.tokens.text, wanted, found), options, (root, toFile) => {
    for (const definition of root.namedChildren) {
      const result = resultOf(definition)
      const body = result && bodies.at(toFile(definition.endIndex) - 2)
      if (!body) continue
      const bound = bindParameters(result, body.macro.parameters ?? [])
      results.set(body.index, placedExpression(names.expression(bound, body.macro.bodyStart), toFile))
    }
  })
  const { members, completeTypeUses, declarations } = names
  return { results, pasted: { members, completeTypeUses, declarations } }
}

interface Body {
  readonly macro: MacroDefinition
  /** Of the macro. */
  readonly index: number
}

/** Those that are parsed, to be found by their places. */
class Bodies {
  private readonly starts: readonly Offset[]

  constructor(private readonly bodies: readonly Body[]) {
    this.starts = bodies.map(({ macro }) => macro.bodyStart)
  }

  /** The one in which an offset lies, its end included. */
  at(offset: Offset): Body | null {
    const body = this.bodies[lastUpTo(this.starts, offset)]
    return body && offset <= body.macro.bodyEnd ? body : null
  }
}

function wantedBodies(
  { tokens, directives, possible }: ScannedFile,
  { everyBody, fieldMacros, objectMacros, pastingMacros }: CollectContext,
  { bodies }: TokenFacts,
  onlyTemplates: boolean,
): readonly Body[] {
  // What the body of a template means depends on how it is called, maybe in another file.
  const isTemplate = (name: string): boolean =>
    fieldMacros.has(name) || pastingMacros.has(name) || objectMacros.has(name)
  const isWanted = ({ macro, index }: Body): boolean =>
    everyBody || isTemplate(macro.name) || (!onlyTemplates && (bodies.has(index) || mayGiveObject(tokens, macro)))
  return directives.macros
    .map((macro, index) => ({ macro, index }))
    .filter((body) => possible[body.macro.region] && isBalanced(tokens, body.macro) && isWanted(body))
}

/** The text with nothing but bodies of macros, each at its place and as that of a function. */
function bodiesText(text: string, wanted: readonly Body[], { pasted }: TokenFacts): string {
  const bytes = new Uint8Array(text.length + 2).fill(32)
  for (const { macro, index } of wanted) {
    // `define X` has room for the head of a function. Its end stands on the line end and on the `#` of the next line.
    writeText(bytes, 'A f(){', macro.offset - 7)
    const body = text
      .slice(macro.bodyStart, macro.bodyEnd)
      .replace(/\\(?=\s*\n)|[\r\n]|##?/g, (gone) => ' '.repeat(gone.length))
    writeText(bytes, body, macro.bodyStart)
    for (const { start, stand } of pasted.get(index) ?? []) writeText(bytes, stand, start)
    writeText(bytes, ';}', macro.bodyEnd)
  }
  return asByteText(bytes)
}

/** What the function gives that was made of a body, if that is an expression; else null. */
function resultOf(definition: SyntaxNode): Expression {
  const first = definition.childForFieldName('body')?.namedChild(0)
  return first?.type === 'expression_statement' ? expressionOf(first.namedChild(0), () => undefined) : null
}

/** Whether the brackets of a macro's body pair; one whose do not cannot be read by itself. */
function isBalanced(tokens: Tokens, macro: MacroDefinition): boolean {
  let depth = 0
  for (let at = macro.firstToken; at < macro.endToken; at++) {
    if (isPunctuation(tokens, at, '{') || isPunctuation(tokens, at, '(')) depth++
    else if ((isPunctuation(tokens, at, '}') || isPunctuation(tokens, at, ')')) && --depth < 0) return false
  }
  return depth === 0
}

/** Whether a body may be an expression whose type is worth knowing: a cast, a call, a dereference. */
function mayGiveObject(tokens: Tokens, macro: MacroDefinition): boolean {
  const size = macro.endToken - macro.firstToken
  if (size < 2 || size > 40 || isPunctuation(tokens, macro.firstToken, '{')) return false
  for (let at = macro.firstToken; at < macro.endToken; at++) {
    if (isPunctuation(tokens, at, '*') || isPunctuation(tokens, at, '->')) return true
    if (isPunctuation(tokens, at, '(') && at > macro.firstToken && tokens.kind[at - 1] === Kind.identifier) return true
  }
  return false
}
