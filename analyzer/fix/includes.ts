import { type MacroDefinition, type Region, RegionIndex, readDirectives } from '../preprocess/directives.ts'
import { isPunctuation, Kind, scan, type Tokens, tokenText } from '../preprocess/scanner.ts'
import { greatest, least } from '../source/lists.ts'
import type { Offset, RegionId } from '../source/text.ts'
import { applyEdits } from './edits.ts'
import type { TextEdit } from './fix.ts'

const isShims = (header: string): boolean => /\bpep_shims\.h\b/.test(header)

/**
 * The edit that includes headers, each once, below the includes that the file begins with, so that `Python.h` stays
 * first.
 * @param text one character per byte
 * @param headers as they are included: `<errno.h>`, `"pep_shims.h"`
 * @returns null where the file includes all of them already
 */
export function includeEdit(text: string, headers: readonly string[]): TextEdit | null {
  const tokens = scan(text)
  const { includes, macros: defined, regions } = readDirectives(tokens)
  const index = new RegionIndex(regions)
  const code = firstCode(tokens, (offset) => isNeverCompiled(regions, index.at(offset)))
  // The file, and what all of its code stands in: the guard of a header. Bodies of macros are code, but for what is set
  // above the first include.
  const around = new Set([0])
  const settingsEnd = includes[0]?.offset ?? 0
  const macros = defined
    .filter((macro) => macro.offset > settingsEnd && usesNames(tokens, macro))
    .map(({ offset }) => offset)
  const first = least([code, ...macros])
  const end = Math.max(lastCode(tokens), ...macros)
  for (let region = index.at(first); region > 0; region = regions[region]!.parent)
    if (regions[region]!.end > end) around.add(region)
  const early = includes.filter(({ offset }) => offset < code)
  const lineAfter = (offset: number): number => {
    const span = tokens.directives.find(({ start, end }) => start <= offset && offset <= end)
    const end = /\r\n?|\n/g
    end.lastIndex = span?.end ?? offset
    return end.test(text) ? end.lastIndex : text.length
  }
  const inOrder = early.filter(({ region }) => around.has(region))
  // The header of shims stays below all others.
  const isBelow = inOrder.length > 1 && isShims(inOrder.at(-1)!.path)
  const last = inOrder.at(isBelow ? -2 : -1)
  // Includes under conditions alone: below the condition.
  const outermost = (region: RegionId): number =>
    around.has(regions[region]!.parent) ? region : outermost(regions[region]!.parent)
  const conditional = last ? null : early[0]
  // Without any: below the line that says that the header has been seen, or the first one.
  const guard = greatest(around)
  const opening = tokens.directives.find(({ start }) => start < code && index.at(start) === guard)
  const says = opening ? /^#\s*(\w+)/.exec(text.slice(opening.start, opening.end))?.[1] : undefined
  // A condition begins no header: what it holds is not for the code below.
  const directive =
    opening &&
    says !== undefined &&
    (guard > 0 ? !says.startsWith('if') : says === 'pragma' && /\bonce\b/.test(text.slice(opening.start, opening.end)))
      ? opening
      : null
  const top = Math.min(code, opening?.start ?? code)
  const at = last
    ? lineAfter(last.offset)
    : conditional
      ? lineAfter(endOfGroup(text, regions, outermost(conditional.region)))
      : directive
        ? lineAfter(directive.start)
        : startOf(text, top)
  // Below the first code one of the system comes too late for that.
  const present = new Set(
    includes
      .filter(({ region, offset, quoted }) => around.has(region) && (quoted || offset < code || at > code))
      .map(({ path, quoted }) => (quoted ? `"${path}"` : `<${path}>`)),
  )
  const missing = headers.filter((header) => !present.has(header))
  if (missing.length === 0) return null
  const lineEnd = /\r\n/.test(text.slice(0, 2000)) ? '\r\n' : '\n'
  const broken = at > 0 && !/[\r\n]/.test(text[at - 1]!) ? lineEnd : ''
  return { start: at, end: at, text: broken + missing.map((header) => `#include ${header}${lineEnd}`).join('') }
}

/**
 * Where the line of the first code begins; the code itself where a comment stands before it, which may have begun on
 * another line.
 */
function startOf(text: string, code: number): number {
  const line = Math.max(text.lastIndexOf('\n', code - 1), text.lastIndexOf('\r', code - 1)) + 1
  return /^\s*$/.test(text.slice(line, code)) ? line : code
}

/** Where the `#endif` stands that ends the condition which a region is a branch of. */
function endOfGroup(text: string, regions: ReturnType<typeof readDirectives>['regions'], region: RegionId): number {
  const { group, end } = regions[region]!
  const last = greatest([
    end,
    ...regions
      .filter((each) => each.group === group && each.parent === regions[region]!.parent)
      .map((each) => each.end),
  ])
  const endif = /#\s*endif/.exec(text.slice(last))
  return endif ? last + endif.index : last
}

/** Whether the body of a macro has names, which may be of what is included. */
function usesNames(tokens: Tokens, { firstToken, endToken }: MacroDefinition): boolean {
  for (let at = firstToken; at < endToken; at++) if (tokens.kind[at] === Kind.identifier) return true
  return false
}

/** The offset of the last token that is of no directive. */
function lastCode(tokens: Tokens): number {
  for (let at = tokens.count - 1; at >= 0; at--) if (tokens.isInDirective[at] === 0) return tokens.start[at]!
  return 0
}

/** Whether a region stands within `#if 0`. */
function isNeverCompiled(regions: readonly Region[], region: RegionId): boolean {
  for (let at = region; at > 0; at = regions[at]!.parent) {
    const { condition } = regions[at]!
    if (condition.kind === 'number' && condition.value === 0) return true
  }
  return false
}

/**
 * The offset of the first token that is neither of a directive nor of `extern "C" {`.
 * @param isLeftOut whether what stands at an offset is no code for any build
 */
function firstCode(tokens: Tokens, isLeftOut: (offset: Offset) => boolean): number {
  for (let at = 0; at < tokens.count; at++) {
    if (tokens.isInDirective[at] !== 0 || isLeftOut(tokens.start[at]!)) continue
    const isLinkage =
      tokenText(tokens, at) === 'extern' && tokens.kind[at + 1] === Kind.string && isPunctuation(tokens, at + 2, '{')
    if (!isLinkage) return tokens.start[at]!
    at += 2
  }
  return tokens.text.length
}

/**
 * A text that includes headers, those that it does not include yet.
 * @param text one character per byte
 * @param headers as they are included: `<errno.h>`, `"pep_shims.h"`
 */
export function withIncludes(text: string, headers: readonly string[]): string {
  const edit = includeEdit(text, headers)
  return edit ? applyEdits(text, [edit]) : text
}
