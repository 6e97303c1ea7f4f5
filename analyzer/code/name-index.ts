import { Kind } from '../preprocess/scanner.ts'
import { addTo } from '../source/multimap.ts'
import { firstIndex, lastUpTo } from '../source/search.ts'
import type { Offset, Span, TokenIndex } from '../source/text.ts'
import { isFieldName } from './names-in-text.ts'
import { type Outline, tokenFrom, wordAt } from './outline.ts'
import type { NameValue } from './tree.ts'

/** A place where a name stands. */
export interface Occurrence {
  readonly span: Span
  /** The tokens before and behind it; empty for none. */
  readonly before: string
  readonly behind: string
  /** It is the name of a field: `x.name`, `x->name`. */
  readonly isField: boolean
  readonly isInDirective: boolean
}

/** Where names stand in a text, as `FileCode` says it: found once, when the first is asked for. */
export class NameIndex {
  private readonly knownOccurrences = new Map<string, readonly Occurrence[]>()
  private readonly knownReferences = new Map<string, readonly Offset[]>()
  private readonly tokens: ReadonlyMap<string, readonly TokenIndex[]>

  constructor(private readonly outline: Outline) {
    const { text, tokens } = outline
    const names = new Map<string, TokenIndex[]>()
    for (let at = 0; at < tokens.count; at++)
      if (tokens.kind[at] === Kind.identifier) addTo(names, text.slice(tokens.start[at], tokens.end[at]), at)
    this.tokens = names
  }

  /** Of some names those that stand in the text, in the order in which they do. */
  among(names: ReadonlySet<string>): readonly string[] {
    return [...this.tokens.keys()].filter((name) => names.has(name))
  }

  /** The places where a name stands, in code and in directives; in the order of the text. */
  occurrences(name: string): readonly Occurrence[] {
    // Many names are looked for in many texts: what is not there is not kept.
    if (!this.tokens.has(name)) return []
    let known = this.knownOccurrences.get(name)
    if (!known) {
      known = this.readOccurrences(name)
      this.knownOccurrences.set(name, known)
    }
    return known
  }

  /** Those of them that begin in a part of the text. */
  occurrencesIn(name: string, { start, end }: Span): readonly Occurrence[] {
    const all = this.occurrences(name)
    const tokens = this.tokens.get(name) ?? []
    const before = (offset: Offset): number =>
      firstIndex(tokens, (token) => this.outline.tokens.start[token]! >= offset)
    return all.slice(before(start), before(end))
  }

  private readOccurrences(name: string): readonly Occurrence[] {
    const { tokens } = this.outline
    return (this.tokens.get(name) ?? []).map((token) => {
      const before = this.word(token - 1)
      return {
        span: { start: tokens.start[token]!, end: tokens.end[token]! },
        before,
        behind: this.word(token + 1),
        isField: isFieldName(tokens, token),
        isInDirective: tokens.isInDirective[token] !== 0,
      }
    })
  }

  /** Which identifiers stand in a part of the text, as those of `namesIn`. */
  wordsIn({ start, end }: Span): ReadonlySet<string> {
    const { tokens } = this.outline
    const found = new Set<string>()
    for (let at = tokenFrom(this.outline, start); at < tokens.count && tokens.start[at]! < end; at++)
      if (tokens.isInDirective[at] === 0 && tokens.kind[at] === Kind.identifier) found.add(this.word(at))
    return found
  }

  /** The identifiers in a part of the text, in all branches, but not those in directives. */
  namesIn({ start, end }: Span): readonly NameValue[] {
    const { tokens } = this.outline
    const found: NameValue[] = []
    for (let at = tokenFrom(this.outline, start); at < tokens.count && tokens.start[at]! < end; at++) {
      if (tokens.isInDirective[at] !== 0 || tokens.kind[at] !== Kind.identifier) continue
      const span = { start: tokens.start[at]!, end: tokens.end[at]! }
      found.push({ kind: 'name', name: this.word(at), scope: '', span })
    }
    return found
  }

  /** Offsets where a name stands, in code and in directives, but for fields: not those of `x.name`, `x->name`. */
  references(name: string): readonly Offset[] {
    if (!this.tokens.has(name)) return []
    let known = this.knownReferences.get(name)
    if (!known) {
      known = this.occurrences(name).flatMap(({ span, isField }) => (isField ? [] : [span.start]))
      this.knownReferences.set(name, known)
    }
    return known
  }

  /** Those of them that stand in a part of the text. */
  referencesIn(name: string, { start, end }: Span): readonly Offset[] {
    const all = this.references(name)
    return all.slice(lastUpTo(all, start - 1) + 1, lastUpTo(all, end - 1) + 1)
  }

  private word(token: TokenIndex): string {
    return wordAt(this.outline, token)
  }
}
