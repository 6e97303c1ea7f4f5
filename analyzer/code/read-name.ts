import { Kind } from '../preprocess/scanner.ts'
import type { Cursor } from './cursor.ts'
import type { TypeReader } from './read-type.ts'
import type { Nested } from './reading.ts'
import type { Value } from './tree.ts'
import { beginsType, qualifiedName, typeWords } from './types.ts'
import { wordSet } from './words.ts'

const keywords = wordSet(
  'if else for while do switch case default return goto break continue typedef static extern using namespace ' +
    'template try catch',
)

const namedCasts = wordSet('static_cast reinterpret_cast const_cast dynamic_cast bit_cast')

/** Reads names and literals, and what begins like a name: casts of C++, types. */
export class NameReader {
  constructor(
    private readonly cursor: Cursor,
    private readonly nested: Nested,
    private readonly types: TypeReader,
  ) {}

  /** Strings that follow each other are one, with macros among them: `"%" PRIu64 "\n"`. */
  literal(first: number, kind: number): Value {
    const { cursor } = this
    cursor.take()
    const literal = kind === Kind.number ? 'number' : kind === Kind.string ? 'string' : 'character'
    if (literal === 'string') this.moreStrings()
    const span = cursor.spanFrom(first)
    return { kind: 'literal', literal, text: cursor.outline.text.slice(span.start, span.end), span }
  }

  /** Takes strings that follow, and the macros for strings between and behind them. */
  private moreStrings(): void {
    const { cursor } = this
    for (;;) {
      const next = cursor.peek()
      const isString = cursor.kind(next) === Kind.string
      const behind = cursor.after(next)
      const isMacro =
        cursor.isIdentifier(next) &&
        !keywords.has(cursor.word(next)) &&
        (cursor.kind(behind) === Kind.string || /^[,);]?$/.test(cursor.word(behind)))
      if (!isString && !isMacro) return
      cursor.take()
    }
  }

  /** A name, or what a word begins that stands where one may; null for keywords. */
  name(first: number, word: string): Value | null {
    const { cursor } = this
    if (keywords.has(word)) return null
    if (cursor.kind(cursor.after(first)) === Kind.string && !beginsType(word)) {
      cursor.take()
      return this.literal(first, Kind.string)
    }
    if (namedCasts.has(word)) {
      const named = this.types.namedCast(first)
      if (named !== null) return named
    }
    if (cursor.word(cursor.after(first)) === '##') return this.pasted(first)
    if (beginsType(word)) {
      // `int(x)`, or a type where a value should be.
      const words = typeWords(cursor, first)
      if (words === null) return null
      cursor.at = words.last
      cursor.take()
      return { kind: 'type', type: words.type, span: cursor.spanFrom(first) }
    }
    if (!this.nested.isCxx) {
      cursor.take()
      return { kind: 'name', name: word, scope: '', span: cursor.spanFrom(first) }
    }
    const { name, last } = qualifiedName(cursor, first)
    const { tokens, text } = cursor.outline
    const written = text.slice(tokens.start[first], tokens.end[last]).replace(/\s+/g, '')
    cursor.at = last
    cursor.take()
    const scope = /^(.*)::[^:]*$/.exec(written.replace(/<.*>$/, ''))?.[1] ?? ''
    return { kind: 'name', name, scope, span: cursor.spanFrom(first) }
  }

  /** `name##_Type` */
  private pasted(first: number): Value {
    const { cursor } = this
    let name = cursor.word(cursor.take())
    while (cursor.accept('##') && cursor.peek() < cursor.limit) name += `##${cursor.word(cursor.take())}`
    return { kind: 'name', name, scope: '', span: cursor.spanFrom(first) }
  }
}
