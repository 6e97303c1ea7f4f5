import type { Pasting } from '../../preprocess/pasting.ts'
import { isMemberOperator, isPunctuation, isSameLine, Kind } from '../../preprocess/scanner.ts'
import type { Offset, TokenIndex } from '../../source/text.ts'
import type { CollectContext } from '../context.ts'
import type { FileFacts, MacroCallText, PastedFacts, Use } from '../file-facts.ts'
import { lexicon, takesObject, Word } from '../lexicon.ts'
import type { Offsets } from '../offsets.ts'
import type { ScannedFile } from '../scanned-file.ts'
import { ApiUses } from './api-uses.ts'
import { BodyIndex, hidden } from './body-index.ts'
import { CompleteTypes } from './complete-types.ts'
import { Interest } from './interest.ts'
import { macroCallText } from './macro-call-texts.ts'
import { MemberNames } from './member-names.ts'
import type { Mention } from './mention.ts'
import { NameReferences } from './name-references.ts'
import { mayBeOtherPointer } from './object-arguments.ts'
import { OpenCalls } from './open-calls.ts'
import { pastedNames } from './pasted-names.ts'

/** What the tokens alone tell, without a tree: this part is right even where the parser is lost. */
export interface TokenFacts {
  readonly uses: readonly Use[]
  readonly names: FileFacts['names']
  /** Where a tree is worth a visit: fields, structs by value, calls of field macros, possible shadows. */
  readonly interesting: Offsets
  /** Of fields: the macro calls around them. */
  readonly within: ReadonlyMap<Offset, Use['within']>
  /** Macros whose bodies are worth a tree, by index. */
  readonly bodies: ReadonlySet<number>
  readonly macroCallTexts: readonly MacroCallText[]
  /** Of each macro that has any, by index: the names that its body puts together. */
  readonly pasted: ReadonlyMap<number, readonly Pasting[]>
  readonly pastedUses: PastedFacts['uses']
}

/** Goes over the tokens of a file once. Nothing is taken from regions that no target may compile. */
export function tokenFacts(file: ScannedFile, context: CollectContext): TokenFacts {
  const collector = new TokenCollector(file, context)
  collector.collect()
  return collector.facts()
}

class TokenCollector {
  private readonly words: ReadonlyMap<string, number>
  private readonly bodies: BodyIndex
  private readonly interest = new Interest()
  private readonly calls = new OpenCalls()
  private readonly pasted
  private readonly members: MemberNames
  private readonly completeTypes: CompleteTypes
  private readonly apiUses: ApiUses
  private readonly references = new NameReferences()
  private readonly macroCallTexts: MacroCallText[] = []

  constructor(
    private readonly file: ScannedFile,
    private readonly context: CollectContext,
  ) {
    this.words = lexicon(context)
    this.bodies = new BodyIndex(file.tokens, file.directives.macros)
    this.pasted = pastedNames(file, this.interest)
    this.members = new MemberNames(context, this.interest, this.calls)
    this.completeTypes = new CompleteTypes(file)
    this.apiUses = new ApiUses(file, context, this.interest, this.calls)
  }

  collect(): void {
    const { text, count, kind, start } = this.file.tokens
    // The project macro whose name stands just before, or null.
    let callee: string | null = null
    for (let token = 0; token < count; token++) {
      const before: string | null = callee
      callee = null
      const isName = kind[token] === Kind.identifier
      if (!isName && kind[token] !== Kind.punctuation) continue
      const macro = this.bodies.macroAt(token)
      if (macro === hidden) continue
      if (isName) callee = this.addName(token, macro)
      else this.calls.pass(text.charCodeAt(start[token]!), before)
    }
    this.members.finish()
  }

  facts(): TokenFacts {
    return {
      uses: this.apiUses.uses,
      names: this.references.byName,
      interesting: this.interest.offsets(),
      within: this.members.within,
      bodies: this.interest.bodies,
      macroCallTexts: this.macroCallTexts,
      pasted: this.pasted.byMacro,
      pastedUses: this.pasted.uses,
    }
  }

  /** @returns the name, if it is that of a macro of the project; else null */
  private addName(token: TokenIndex, macro: number): string | null {
    const { tokens } = this.file
    const { text, start, end } = tokens
    const offset = start[token]!
    const name = text.slice(offset, end[token])
    if (isMemberOperator(tokens, token - 1) && isSameLine(tokens, token - 1, token)) {
      // `v->name` in a macro: the field is what it is called with.
      if (this.isParameter(name, macro)) this.interest.add(offset, macro)
      else this.members.add(name, offset, macro)
      return null
    }
    const bits = this.words.get(name)
    if (bits === undefined) {
      if (macro >= 0 && this.isCalled(token) && this.isParameter(name, macro)) this.addMacroCall(token, macro)
      return null
    }
    this.addMention({ name, bits, token, offset, macro, called: this.isCalled(token) })
    return bits & Word.macro ? name : null
  }

  private addMention(mention: Mention): void {
    const { name, bits, token, offset, macro, called } = mention
    if (called && bits & Word.pastingMacro) {
      this.addMacroCall(token, macro)
      this.interest.add(offset, macro)
    }
    if (bits & Word.leads) this.members.leadTo(name)
    if (this.completeTypes.mayNeed(mention) || (called && bits & Word.fieldMacro)) this.interest.add(offset, macro)
    if (bits & (Word.macro | Word.library)) this.references.add(mention, this.file.regions.at(offset))
    if (called && bits & (Word.takesObject | Word.objectMacro)) this.addObjectCall(mention)
    if (bits & Word.api) this.apiUses.add(mention)
  }

  /** A call that takes an object, or of a macro that may: what a macro does with its parameters is always asked. */
  private addObjectCall({ name, token, offset, macro }: Mention): void {
    const type = takesObject.get(name)
    const isAsked =
      macro >= 0 ||
      type === 'PyVarObject*' ||
      mayBeOtherPointer(this.file.tokens, token + 2, this.context.otherPointers, type === undefined)
    if (isAsked) this.interest.add(offset, macro)
  }

  private addMacroCall(token: TokenIndex, macro: number): void {
    this.macroCallTexts.push(macroCallText(this.file, token, macro, this.pasted.byMacro))
  }

  private isCalled(token: TokenIndex): boolean {
    const { tokens } = this.file
    return isPunctuation(tokens, token + 1, '(') && isSameLine(tokens, token, token + 1)
  }

  private isParameter(name: string, macro: number): boolean {
    return macro >= 0 && (this.file.directives.macros[macro]!.parameters?.includes(name) ?? false)
  }
}
