import { isPunctuation, Kind, type Tokens, tokenText } from '../../preprocess/scanner.ts'
import type { TokenIndex } from '../../source/text.ts'
import { Word } from '../lexicon.ts'
import type { ScannedFile } from '../scanned-file.ts'
import type { Mention } from './mention.ts'

/** In longer bodies of macros, in tokens, `sizeof` is not looked at. */
const longestBody = 60

/** Tells where a struct of the C API may have to be a complete type. */
export class CompleteTypes {
  /** Names after that of a struct: what `sizeof` may be asked of. */
  private readonly variables = new Set<string>()

  constructor(private readonly file: ScannedFile) {}

  /** Whether a mention is worth a tree for that: `sizeof`, or the name of a struct that is no part of a pointer. */
  mayNeed({ bits, token, macro }: Mention): boolean {
    const { tokens } = this.file
    const next = token + 1
    const isStruct = (bits & Word.struct) !== 0
    if (isStruct && next < tokens.count && tokens.kind[next] === Kind.identifier)
      this.variables.add(tokenText(tokens, next))
    if (bits & Word.sizeof && this.mayAskSize(next, macro)) return true
    const isTag = (bits & Word.tag) !== 0 && token > 0 && tokenText(tokens, token - 1) === 'struct'
    return (isStruct || isTag) && !isPunctuation(tokens, next, '*') && !isPunctuation(tokens, next, '&')
  }

  /** @param at the token after `sizeof` */
  private mayAskSize(at: TokenIndex, macro: number): boolean {
    const { tokens, directives } = this.file
    if (macro >= 0) {
      const { firstToken, endToken } = directives.macros[macro]!
      return endToken - firstToken < longestBody
    }
    if (isDereference(tokens, at)) return true
    return at + 1 < tokens.count && this.variables.has(tokenText(tokens, at + 1))
  }
}

/** Whether `sizeof` is asked of what a pointer points to: `(*p)`, `*p`. */
const isDereference = (tokens: Tokens, at: TokenIndex): boolean =>
  isPunctuation(tokens, at, '*') || (isPunctuation(tokens, at, '(') && isPunctuation(tokens, at + 1, '*'))
