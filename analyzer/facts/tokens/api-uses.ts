import { isPunctuation, isSameLine, Kind, type Tokens, tokenText } from '../../preprocess/scanner.ts'
import type { TokenIndex } from '../../source/text.ts'
import type { CollectContext } from '../context.ts'
import type { Use } from '../file-facts.ts'
import { Word } from '../lexicon.ts'
import type { ScannedFile } from '../scanned-file.ts'
import type { Interest } from './interest.ts'
import type { Mention } from './mention.ts'
import type { OpenCalls } from './open-calls.ts'

/** Uses of names of the C API. */
export class ApiUses {
  readonly uses: Use[] = []

  constructor(
    private readonly file: ScannedFile,
    private readonly context: CollectContext,
    private readonly interest: Interest,
    private readonly calls: OpenCalls,
  ) {}

  /** Takes down a mention of a name of the C API, unless it is a part of another name or of code for nobody. */
  add(mention: Mention): void {
    const { name, bits, token, offset, macro, called } = mention
    const { tokens, regions, possible, directives } = this.file
    const before = isSameLine(tokens, token, token - 1) ? tokenText(tokens, token - 1) : ''
    if (this.isOther(token, before)) return
    const region = regions.at(offset)
    if (!possible[region] || (macro >= 0 && directives.macros[macro]!.parameters?.includes(name))) return
    if (this.context.vocabulary.rewritable.has(name)) this.interest.add(offset, macro)
    this.uses.push({
      name,
      start: offset,
      region,
      macro,
      called,
      within: this.calls.around(),
      ...(bits & Word.struct && isPunctuation(tokens, token + 1, '*') ? { pointer: true as const } : {}),
    })
    if (this.mayDeclare(mention, before)) this.interest.add(offset, -1)
  }

  /** Whether a name is a tag, a part of what `#` and `##` make, or a member of a namespace of C++. */
  private isOther(token: TokenIndex, before: string): boolean {
    const { tokens } = this.file
    switch (before) {
      // An enumeration has to be declared before its tag is used; a struct may be the project's own.
      case 'enum':
        return isPunctuation(tokens, token + 1, '{') || isPunctuation(tokens, token + 1, ':')
      case 'struct':
      case 'union':
      case 'class':
      case '#':
      case '##':
        return true
      case '::':
        if (token > 1 && tokens.kind[token - 2] === Kind.identifier && !noScope.test(tokenText(tokens, token - 2)))
          return true
    }
    return isPunctuation(tokens, token + 1, '##') && isSameLine(tokens, token, token + 1)
  }

  /** Whether a mention may be a declaration of the project's own name. */
  private mayDeclare({ name, token, called }: Mention, before: string): boolean {
    const { tokens } = this.file
    if (called) return isPrototype(tokens, token, before)
    if (!declares(before) && (before !== ',' || prefixed.test(name))) return false
    const next = token + 1
    return /[=;,)[]/.test(next < tokens.count ? tokens.text[tokens.start[next]!]! : ';')
  }
}

/** Words before a `::` that no scope is named by: `return ::PyTuple_GET_SIZE(t)`. */
const noScope = /^(?:return|else|do|case|throw|sizeof|new|delete|goto|const|static|extern|inline|volatile|co_\w+|not)$/

/** Names that nobody else gives to a variable; one like `digit` may stand in any list of them. */
const prefixed = /^_*Py/i

/** Whether a name after this word may be a declarator: after a type's name or a `*`. */
const declares = (before: string): boolean =>
  before === '*' || (/^[A-Za-z_]\w*$/.test(before) && !/^(?:return|case|else|goto|do|in|and|or|not)$/.test(before))

/** Whether a name before a parenthesis may be declared there: `int f(`, `extern int *f(`, `PyAPI_FUNC(int) f(`. */
function isPrototype(tokens: Tokens, at: TokenIndex, before: string): boolean {
  if (before !== ')' && before !== '*') return declares(before)
  const sign = before === '*' ? 'extern' : 'PyAPI_FUNC'
  for (let back = at - 2; back > at - 8 && back >= 0; back--) if (tokenText(tokens, back) === sign) return true
  return false
}
