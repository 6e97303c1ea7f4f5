import { Kind } from '../preprocess/scanner.ts'
import type { Offset, TokenIndex } from '../source/text.ts'
import { endOfTemplate, type Outline, wordAt } from './outline.ts'

/** What stands between the braces of an initialiser, in order: values, and values under conditions. */
export type InitialiserPart = InitialiserItem | InitialiserBranches

export interface InitialiserItem {
  readonly kind: 'item'
  /** The field that it names: `tp_name` of `.tp_name =`, or of the old `tp_name:`; null where its position says. */
  readonly designator: string | null
  /** Of the value alone, `end` exclusive. */
  readonly start: Offset
  readonly end: Offset
  /** With its designator and the comma behind it. */
  readonly from: Offset
  readonly to: Offset
  /** Tokens of the value, `endToken` exclusive; those of directives may be among them. */
  readonly firstToken: TokenIndex
  readonly endToken: TokenIndex
  /** Whether lines of the preprocessor stand in it. */
  readonly holdsDirectives: boolean
}

/** `#if` to `#endif` among the values. */
export interface InitialiserBranches {
  readonly kind: 'branches'
  readonly branches: readonly {
    readonly directive: { readonly start: Offset; readonly end: Offset }
    readonly parts: readonly InitialiserPart[]
  }[]
  readonly hasElse: boolean
  readonly endif: { readonly start: Offset; readonly end: Offset }
}

/**
 * Reads the initialiser between two braces.
 * @param open the token of the opening brace
 * @returns null where it cannot be split into values: a condition begins in a value and ends in another one
 */
export function readInitialiser(outline: Outline, open: number): readonly InitialiserPart[] | null {
  const { tokens } = outline
  const close = outline.matchingBracket[open]!
  if (close < 0) return null
  let at = open + 1
  let failed = false

  const directiveAt = (token: TokenIndex): number => tokens.directive[token]!
  const wordOf = (directive: number): string => wordAt(outline, tokens.directives[directive]!.firstToken)
  const spanOf = (directive: number): { start: Offset; end: Offset } => ({
    start: tokens.directives[directive]!.start,
    end: tokens.directives[directive]!.end,
  })

  function readParts(inBranch: boolean): InitialiserPart[] {
    const parts: InitialiserPart[] = []
    while (at < close && !failed) {
      const directive = directiveAt(at)
      if (directive >= 0) {
        const word = wordOf(directive)
        if (/^(?:el|endif)/.test(word)) return parts
        if (!/^if/.test(word)) {
          failed = true
          return parts
        }
        if (joinsNext(at)) {
          parts.push(readItem())
          continue
        }
        parts.push(readBranches())
        // The comma behind values of which a condition chooses one.
        if (at < close && directiveAt(at) < 0 && wordAt(outline, at) === ',') at++
        continue
      }
      if (wordAt(outline, at) === ',') {
        if (parts.length > 0 || !inBranch) {
          failed = true
          return parts
        }
        at++
        continue
      }
      parts.push(readItem())
    }
    return parts
  }

  function readBranches(): InitialiserBranches {
    const branches: InitialiserBranches['branches'][number][] = []
    let hasElse = false
    for (;;) {
      const directive = directiveAt(at)
      const span = spanOf(directive)
      if (wordOf(directive) === 'else') hasElse = true
      at = tokens.directives[directive]!.endToken
      branches.push({ directive: span, parts: readParts(true) })
      if (failed || at >= close) {
        failed = true
        return { kind: 'branches', branches, hasElse, endif: span }
      }
      const next = directiveAt(at)
      if (wordOf(next) === 'endif') {
        at = tokens.directives[next]!.endToken
        return { kind: 'branches', branches, hasElse, endif: spanOf(next) }
      }
    }
  }

  function readItem(): InitialiserItem {
    const from = directiveAt(at) >= 0 ? spanOf(directiveAt(at)).start : tokens.start[at]!
    let designator: string | null = null
    if (wordAt(outline, at) === '.' && tokens.kind[at + 1] === Kind.identifier) {
      designator = wordAt(outline, at + 1)
      // `.ob_base.ob_size =`
      let after = at + 2
      while (wordAt(outline, after) === '.') after += 2
      at = wordAt(outline, after) === '=' ? after + 1 : after
    } else if (tokens.kind[at] === Kind.identifier && wordAt(outline, at + 1) === ':' && directiveAt(at + 1) < 0) {
      designator = wordAt(outline, at)
      at += 2
    }
    const firstToken = at
    let last = at
    let holdsDirectives = false
    let isHead = tokens.kind[at] === Kind.identifier
    let headEnds = -1
    while (at < close) {
      if (directiveAt(at) >= 0) {
        const word = wordOf(directiveAt(at))
        if (/^(?:el|endif)/.test(word)) break
        const end = endOfCondition(at)
        if (end === null) {
          // `0` and then, under a condition, `, 0`
          if (!beginsWithComma(at)) failed = true
          break
        }
        holdsDirectives = true
        at = end
        last = at - 1
        continue
      }
      const word = wordAt(outline, at)
      if (word === ',') break
      // `PyVarObject_HEAD_INIT(NULL, 0)` brings its own comma.
      if (headEnds >= 0 && at > headEnds && (designator === null || designator === 'ob_base')) {
        if (
          tokens.kind[at] === Kind.identifier ||
          tokens.kind[at] === Kind.string ||
          tokens.kind[at] === Kind.number ||
          word === '.' ||
          word === '('
        )
          break
        headEnds = -1
      }
      if (/^[([{]$/.test(word)) {
        const partner = outline.matchingBracket[at]!
        if (partner < 0) {
          failed = true
          break
        }
        if (isHead && word === '(' && at === firstToken + 1) headEnds = partner
        at = partner
      }
      if (word === '<' && at > firstToken) at = endOfTemplate(outline, at, close)
      isHead = isHead && at === firstToken
      if (/_HEAD(?:ER)?(?:_INIT)?$/.test(word) && at === firstToken && wordAt(outline, at + 1) !== '(') headEnds = at
      last = at
      at++
    }
    const start = directiveAt(firstToken) >= 0 ? spanOf(directiveAt(firstToken)).start : tokens.start[firstToken]!
    const end = directiveAt(last) >= 0 ? spanOf(directiveAt(last)).end : tokens.end[last]!
    const hasComma = at < close && directiveAt(at) < 0 && wordAt(outline, at) === ','
    const to = hasComma ? tokens.end[at]! : end
    const item: InitialiserItem = {
      kind: 'item',
      designator,
      start,
      end,
      from,
      to,
      firstToken,
      endToken: last + 1,
      holdsDirectives,
    }
    if (hasComma) at++
    return item
  }

  /** Whether what a condition begins with goes on behind it: `#if X`, `FLAG |`, `#endif`, `OTHER_FLAG`. */
  function joinsNext(token: TokenIndex): boolean {
    const end = endOfCondition(token)
    return (
      end !== null &&
      end < close &&
      directiveAt(end) < 0 &&
      wordAt(outline, end) !== ',' &&
      /^(?:\||\+|&|-|\*)$/.test(wordAt(outline, tokens.directives[directiveAt(end - 1)]!.firstToken - 1))
    )
  }

  /** Whether a condition behind a value begins with the comma that belongs to that. */
  function beginsWithComma(token: TokenIndex): boolean {
    let here = token
    while (here < close && directiveAt(here) >= 0) here = tokens.directives[directiveAt(here)]!.endToken
    return wordAt(outline, here) === ','
  }

  /** The token after a condition in the middle of a value; null where a comma stands in it. */
  function endOfCondition(token: TokenIndex): number | null {
    let depth = 0
    for (let here = token; here < close; ) {
      const directive = directiveAt(here)
      if (directive >= 0) {
        const word = wordOf(directive)
        if (/^if/.test(word)) depth++
        else if (word === 'endif') depth--
        here = tokens.directives[directive]!.endToken
        if (depth === 0) return here
        continue
      }
      const word = wordAt(outline, here)
      if (word === ',') return null
      here =
        /^[([{]$/.test(word) && outline.matchingBracket[here]! > here ? outline.matchingBracket[here]! + 1 : here + 1
    }
    return null
  }

  const parts = readParts(false)
  return failed ? null : parts
}

/** All values of an initialiser, whatever their conditions. */
export function* itemsOf(parts: readonly InitialiserPart[]): Iterable<InitialiserItem> {
  for (const part of parts) {
    if (part.kind === 'item') yield part
    else for (const { parts: inner } of part.branches) yield* itemsOf(inner)
  }
}
